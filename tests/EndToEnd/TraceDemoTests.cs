using System.Text;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>The stories of the traceability service, each step of which checks its own answer.</summary>
[Collection(SuiteCollection.Name)]
public sealed class TraceDemoTests(Suite suite)
{
    [Fact]
    public async Task The_stories_are_loaded_once_and_told_again()
    {
        var loaded = await RunAsync();
        loaded.ShouldContain("5150 labels within the certified output, one more refused");
        loaded.ShouldContain("one excursion to 9.4 °C, mean kinetic temperature 2.75 °C");
        loaded.ShouldContain("100 % located");
        Row(loaded, "the cloned bottle").ShouldBe([1, 49, 49, 0]);
        Row(loaded, "the diverted carton").ShouldBe([12, 18, 18, 0]);
        Row(loaded, "ordinary")[2].ShouldBe(0, "nobody who looks at home is in an alarm");
        var honest = Row(loaded, "honest and suspicious, all");
        honest[1].ShouldBe(2000);
        honest[2].ShouldBeLessThanOrEqualTo(100, "one in twenty of those that look suspicious");
        loaded.ShouldContain("proofs verified offline");
        var page = loaded.Split('\n').First(l => l.EndsWith("tea tin, sold once", StringComparison.Ordinal)).Trim().Split(' ')[0];
        (await suite.Http.GetStringAsync(new Uri(page + "?lang=en"))).ShouldContain("Sold once");

        var again = await RunAsync();
        again.ShouldStartWith("The stories are here");
        again.ShouldEndWith(loaded[^200..]);
    }

    /// <summary>The figures of a row of the table: bottles, scans, in an alarm, watched.</summary>
    private static int[] Row(string text, string name) =>
    [
        .. text.Split('\n').First(l => l.Trim().StartsWith(name, StringComparison.Ordinal) && char.IsAsciiDigit(l.TrimEnd()[^1]))
            .Trim()[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse),
    ];

    private async Task<string> RunAsync()
    {
        var (code, output, error) = await suite.AppsAsync("demo", "trace");
        var text = Encoding.UTF8.GetString(output);
        code.ShouldBe(0, text + error);
        return text;
    }
}
