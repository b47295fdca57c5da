using Anchor;
using Shouldly;
using Xunit;

namespace Services.Tests.Anchor;

public sealed class WitnessOptionsTests
{
    [Fact]
    public void Witnesses_with_names_and_addresses_of_their_own_are_taken() =>
        WitnessOptions.Fault([Named("a", "https://a.example/w/"), Named("b", null)], ["log"]).ShouldBeNull();

    [Theory]
    [InlineData("a", null, "'a'")]
    [InlineData("log", null, "'log'")]
    [InlineData("b", "b.example/w", "http")]
    [InlineData("b", "ftp://b.example/w", "http")]
    [InlineData("b", "/w", "http")]
    public void A_doubled_name_an_origin_and_an_address_of_no_use_are_refused(string name, string? url, string words) =>
        WitnessOptions.Fault([Named("a", "http://127.0.0.1:1/"), Named(name, url)], ["log"]).ShouldNotBeNull().ShouldContain(words);

    private static WitnessOptions Named(string name, string? url) =>
        new() { Name = name, Url = url is null ? null : new Uri(url, UriKind.RelativeOrAbsolute) };
}
