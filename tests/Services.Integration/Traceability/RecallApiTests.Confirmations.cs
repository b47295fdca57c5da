using System.Net;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <content>What holders say they did with recalled goods.</content>
public sealed partial class RecallApiTests
{
    [Fact]
    public async Task A_holder_confirms_what_it_holds_apart_and_returned_and_nobody_else_does()
    {
        HttpClient maker = await _services.AsAsync("maker"), stranger = await _services.AsAsync("stranger");
        (string lot, string[] pieces) = await StoryAsync(Own);
        // Who only says that it has one is told, and may say that it holds it apart.
        await CaptureAsync(stranger, [Events.Object([pieces[0]], "OBSERVE", "receiving", "2026-11-05T08:00:00.000Z")]);
        Guid id = Guid.Parse((string)(await OpenAsync(maker, lot, drill: false))["id"]!);
        async Task<HttpResponseMessage> SayAsync(HttpClient who, string kind, int count) => await who.SendAsync(
            RunningServices.Post($"recalls/{id}/confirmations", $$"""{"kind":"{{kind}}","pieces":{{count}}}"""));
        (await SayAsync(stranger, "held", 1)).StatusCode.ShouldBe(HttpStatusCode.NotFound, "not before the notice");
        await StepAsync(maker, id, """{"kind":"notice","text":"stop"}""");
        (await SayAsync(stranger, "burnt", 1)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using HttpResponseMessage more = await SayAsync(stranger, "held", 2);
        ((string)(await RunningServices.JsonAsync(more))["code"]!).ShouldBe("recall-too-many");
        (await SayAsync(stranger, "held", 1)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await SayAsync(stranger, "returned", 1)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await SayAsync(await _services.AsAsync("farm"), "held", 0)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        JsonNode mine = JsonNode.Parse(await ListAsync(stranger))!.AsArray().Single(r => (string)r!["id"]! == $"{id}")!;
        ((int)mine["held"]!, (int)mine["returned"]!).ShouldBe((1, 1));
        JsonObject report = await GetAsync(maker, $"recalls/{id}");
        report["confirmations"]!.AsArray().Select(c => ((string)c!["holder"]!, (string)c["kind"]!, (int)c["pieces"]!))
            .ShouldBe([("stranger", "returned", 1), ("stranger", "held", 1)]);
        report["entries"]!.AsArray().Select(e => (string)e!["kind"]!).ShouldContain("returned");
    }
}
