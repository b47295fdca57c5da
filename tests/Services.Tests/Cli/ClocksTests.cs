using System.Runtime.Versioning;
using Cli.Diagnosing;
using Shouldly;
using Xunit;

namespace Services.Tests.Cli;

/// <summary>What a Date header, which has whole seconds and may be a second old, says about another clock.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClocksTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0.1, 0, 0)]
    [InlineData(0.9, 1.0, 0, 0)]
    [InlineData(1.9, 2.0, 0, 0)] // a date kept for a second
    [InlineData(0, 4, 3, 0)] // anywhere between question and answer
    [InlineData(0, 0.5, 3, 2.5)]
    [InlineData(5, 5.1, 0, -3)]
    public void Only_what_the_resolution_does_not_explain_is_an_offset(
        double asked, double answered, double date, double offset) =>
        Clocks.Offset(Noon.AddSeconds(asked), Noon.AddSeconds(date), Noon.AddSeconds(answered))
            .TotalSeconds.ShouldBe(offset, 1e-6);
}
