using System.Net;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <summary>What one request holds in memory is bounded by bytes, not only by the number of events.</summary>
public sealed class LargeEventTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    [Fact]
    public async Task A_page_ends_where_its_bytes_do_and_too_many_are_not_sorted()
    {
        HttpClient dealer = await fixture.Services.AsAsync("dealer");
        string[] epcs = [.. Enumerable.Range(0, 3).Select(_ => Events.Item(Events.NewSerial()))];
        foreach (string epc in epcs)
        {
            JsonObject e = Events.Object([epc]);
            e["@context"] = new JsonArray(new JsonObject { ["example"] = "https://ns.example.com/epcis/" });
            e["example:note"] = new string('x', 12 << 20);
            await CaptureAsync(dealer, [e]);
        }
        string path = $"epcis/v2/events?MATCH_epc={string.Join('|', epcs.Select(Uri.EscapeDataString))}";
        List<int> pages = [];
        for (string? next = path; next is not null;)
        {
            using HttpResponseMessage response = await dealer.GetAsync(next);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            pages.Add(Events.Of(await RunningServices.JsonAsync(response)).Count);
            next = response.Headers.TryGetValues("Link", out var link) ? link.Single().Split('<', '>')[1] : null;
        }
        pages.ShouldBe([2, 1]);
        foreach (string query in new[] { "orderBy=example:note", "maxEventCount=3" })
        {
            using HttpResponseMessage refused = await dealer.GetAsync($"{path}&{query}");
            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            ((string)(await RunningServices.JsonAsync(refused))["code"]!).ShouldBe("query-too-complex");
        }
    }
}
