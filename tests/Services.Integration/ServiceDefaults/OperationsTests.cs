using System.Net;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using static Services.Integration.Evidence.RunningServices;

namespace Services.Integration.ServiceDefaults;

[Collection(ServicesGroup.Name)]
public class OperationsTests(ServicesFixture fixture)
{
    private readonly RunningServices _services = fixture.Services;

    [Fact]
    public async Task Metrics_are_well_formed_Prometheus_text_and_count_requests()
    {
        await _services.Evidence.GetAsync("health/live");
        using HttpResponseMessage response = await _services.Evidence.GetAsync("metrics");
        response.Content.Headers.ContentType!.ToString().ShouldStartWith("text/plain; version=0.0.4");
        string text = await response.Content.ReadAsStringAsync();
        text.ShouldContain("http_server_request_duration_seconds_count{");
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            line.ShouldMatch("^(# TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (counter|gauge|histogram)|[a-zA-Z_:][a-zA-Z0-9_:]*(\\{.*\\})? [-+0-9.eEinfNa]+)$");
    }

    [Fact]
    public async Task The_feed_is_dense_and_complete()
    {
        HttpClient service = await _services.AsAsync("service");
        string id = await DepositTests.DepositAsync(await _services.AsAsync("member"), "in the feed");
        long head = (long)(await JsonAsync(await service.GetAsync("feed/head")))["position"]!;
        List<long> positions = [];
        while (positions.Count < head)
        {
            JsonObject page = await JsonAsync(await service.GetAsync($"feed?after={positions.Count}&limit=7000"));
            ((string)page["service"]!).ShouldBe("evidence");
            ((string)page["group"]!).ShouldBe("evidence");
            JsonArray items = page["items"]!.AsArray();
            items.Count.ShouldBeGreaterThan(0);
            positions.AddRange(items.Select(i => (long)i!["position"]!));
            ((long)page["through"]!).ShouldBe(positions[^1]);
            ((string)items[^1]!["digest"]!).Length.ShouldBe(64);
        }
        positions.Take((int)head).ShouldBe(Enumerable.Range(1, (int)head).Select(i => (long)i));
        id.ShouldNotBeEmpty();
        foreach (string wrong in new[] { "after=-1", "limit=0", "limit=10001", "after=x" })
            (await service.GetAsync("feed?" + wrong)).StatusCode.ShouldBe(HttpStatusCode.BadRequest, wrong);
    }
}
