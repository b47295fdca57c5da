using System.Text.Json.Nodes;
using Shouldly;
using TestKit;
using Xunit;
using static Services.Integration.Evidence.RunningServices;

namespace Services.Integration.Traceability;

/// <summary>Activations of an organisation that refuses contradictions.</summary>
public sealed class StrictActivationTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    [Fact]
    public async Task An_acknowledged_activation_is_captured_whole_whatever_one_item_contradicts()
    {
        HttpClient maker = await fixture.Services.AsAsync("maker"), admin = await fixture.Services.AsAsync("maker", "admin");
        using HttpResponseMessage strict = await admin.PutAsync("disclosure", Json("""{"strict":true}"""));
        strict.EnsureSuccessStatusCode();
        const string gtin = "06901234560831";
        JsonObject batch = await PostAsync("codes/batches", $$"""{"gtin":"{{gtin}}","count":20}""");
        string id = (string)batch["id"]!;
        string[] links = [.. (await maker.GetStringAsync($"codes/batches/{id}/codes.csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1).Select(l => l.Trim().Split(',')[2])];
        string Item(int n) => $"https://id.gs1.org/01/{gtin}/21/{links[n].Split('/')[^1]}";
        await RunningTraceability.CaptureAsync(maker, [Events.Object([Item(3)], "ADD", "commissioning", "2026-01-01T01:00:00.000Z")]);
        await PostAsync($"codes/batches/{id}/printed", """{"from":0,"count":20}""");
        await PostAsync("codes/activations", $$"""{"first":"{{links[0]}}","last":"{{links[9]}}","lot":"L-STRICT"}""");
        await Eventually.TrueAsync(async () => (await maker.GetStringAsync(
            $"epcis/v2/events?MATCH_anyEPC={Uri.EscapeDataString(Item(7))}")).Contains("L-STRICT", StringComparison.Ordinal),
            "the other nine are known");

        async Task<JsonObject> PostAsync(string path, string json)
        {
            using HttpResponseMessage answer = await maker.SendAsync(Post(path, json));
            answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
            return await JsonAsync(answer);
        }
    }
}
