using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Services.Integration.Evidence.RunningServices;
using static Services.Integration.Traceability.CodeTests;

namespace Services.Integration.Traceability;

/// <summary>Codes under a coating, which nobody can make a second time.</summary>
public sealed class CoveredCodeTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private RunningTraceability Running => fixture.Services;

    [Fact]
    public async Task A_covered_code_belongs_to_one_label_and_is_stored_as_a_digest()
    {
        HttpClient farm = await Running.AsAsync("farm");
        JsonObject batch = await CreatedAsync(farm, "codes/batches", $$"""{"gtin":"{{NewGtin()}}","count":1500}""");
        string id = (string)batch["id"]!;
        string[][] rows = await RowsAsync();
        rows.Length.ShouldBe(1500);
        rows.Select(r => r[3]).ShouldBeUnique();
        (await MatchesAsync(rows[1200][2], rows[1200][3])).ShouldBeTrue();
        (await MatchesAsync(rows[1200][2], rows[1200][3].ToLowerInvariant().Insert(4, "-"))).ShouldBeTrue();
        (await MatchesAsync(rows[1201][2], rows[1200][3])).ShouldBeFalse();
        (await MatchesAsync(rows[1200][2], "0")).ShouldBeFalse();
        using (HttpResponseMessage again = await farm.PostAsync($"codes/batches/{id}/covered.csv", null))
        {
            again.StatusCode.ShouldBe(HttpStatusCode.Conflict);
            ((string)(await JsonAsync(again))["code"]!).ShouldBe("covered-made");
        }
        (await MatchesAsync(rows[5][2], rows[5][3])).ShouldBeTrue("a repeated request changes nothing");
        string[][] anew = await RowsAsync("?anew=true");
        (await MatchesAsync(rows[5][2], rows[5][3])).ShouldBeFalse();
        (await MatchesAsync(anew[5][2], anew[5][3])).ShouldBeTrue();
        await CreatedAsync(farm, $"codes/batches/{id}/printed", """{"from":0,"count":1}""");
        (await farm.PostAsync($"codes/batches/{id}/covered.csv", null)).StatusCode.ShouldBe(HttpStatusCode.Conflict);

        async Task<string[][]> RowsAsync(string query = "")
        {
            using HttpResponseMessage made = await farm.PostAsync($"codes/batches/{id}/covered.csv{query}", null);
            made.StatusCode.ShouldBe(HttpStatusCode.OK, await made.Content.ReadAsStringAsync());
            return [.. (await made.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n').Select(l => l.Split(','))];
        }

        async Task<bool> MatchesAsync(string code, string cover) => (bool)(await JsonAsync(await Running.Open.PostAsync(
            "codes/covered", Json($$"""{"code":"{{code}}","cover":"{{cover}}"}"""))))["matches"]!;
    }
}
