using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Services.Integration.Evidence;
using Shouldly;
using Traceability.Graph;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <summary>The graph over captured events on a running service.</summary>
public sealed class GraphTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private const string Milk = "06901234567892";
    private readonly RunningTraceability _services = fixture.Services;

    [Fact]
    public async Task A_lot_is_traced_through_a_transformation_and_a_pallet_to_its_pieces()
    {
        HttpClient maker = await _services.AsAsync("maker");
        string number = Events.NewSerial(), raw = Lot($"R{number}"), lot = Lot($"L{number}"), pallet = Events.Pallet(NewPallet());
        string[] pieces = [.. Enumerable.Range(0, 3).Select(_ => Events.Item(Events.NewSerial()))];
        await DoneAsync(maker,
            Make("2026-11-01T01:00:00.000Z", raw, lot),
            Commission("2026-11-01T02:00:00.000Z", $"L{number}", pieces),
            Events.Pack(pallet, pieces[..2], time: "2026-11-01T03:00:00.000Z"),
            Ship("2026-11-01T04:00:00.000Z", pallet));

        JsonObject down = await GetAsync(maker, $"trace/{Uri.EscapeDataString(raw)}");
        Ids(down).ShouldBe([raw, lot, .. pieces], ignoreOrder: true);
        down["items"]!.AsArray().Single(i => (string)i!["id"]! == pieces[0])!["state"]!.GetValue<string>().ShouldBe("in-transit");
        down["items"]!.AsArray().Single(i => (string)i!["id"]! == pieces[2])!["state"]!.GetValue<string>().ShouldBe("held");
        down["carriers"]!.AsArray().Select(c => (string)c!["id"]!).Distinct().ShouldBe([pallet]);
        Ids(await GetAsync(maker, $"trace/{Uri.EscapeDataString(pieces[1])}?direction=up"))
            .ShouldBe([pieces[1], pallet, lot, raw], ignoreOrder: true);
        JsonObject early = await GetAsync(maker, $"trace/{Uri.EscapeDataString(raw)}?at=2026-11-01T01:30:00Z");
        Ids(early).ShouldBe([raw]);
    }

    [Fact]
    public async Task What_was_in_the_pallet_at_a_time_and_as_it_was_known()
    {
        HttpClient maker = await _services.AsAsync("maker");
        string pallet = Events.Pallet(NewPallet());
        string[] pieces = [.. Enumerable.Range(0, 2).Select(_ => Events.Item(Events.NewSerial()))];
        JsonObject packed = Events.Pack(pallet, pieces, time: "2026-11-02T01:00:00.000Z");
        await DoneAsync(maker, packed, Events.Pack(pallet, pieces[..1], "DELETE", "2026-11-02T03:00:00.000Z"));
        async Task<string[]> At(string time, string more = "") =>
            Ids(await GetAsync(maker, $"contents/{Uri.EscapeDataString(pallet)}?at={time}{more}"));
        (await At("2026-11-02T00:00:00Z")).ShouldBeEmpty();
        (await At("2026-11-02T02:00:00Z")).ShouldBe(pieces, ignoreOrder: true);
        (await At("2026-11-02T04:00:00Z")).ShouldBe([pieces[1]]);

        // A late event, then the packing is declared an error: each is known from its recording on.
        string known = Uri.EscapeDataString(DateTimeOffset.UtcNow.ToString("O"));
        await DoneAsync(maker, Events.Pack(pallet, pieces[1..], "DELETE", "2026-11-02T01:30:00.000Z"));
        (await At("2026-11-02T02:00:00Z")).ShouldBe([pieces[0]]);
        (await At("2026-11-02T02:00:00Z", $"&knownAt={known}")).ShouldBe(pieces, ignoreOrder: true);
        JsonObject declared = (JsonObject)packed.DeepClone();
        declared["errorDeclaration"] = new JsonObject { ["declarationTime"] = "2026-11-02T05:00:00.000Z" };
        await DoneAsync(maker, declared);
        (await At("2026-11-02T02:00:00Z")).ShouldBeEmpty();
        (await At("2026-11-02T02:00:00Z", $"&knownAt={known}")).ShouldBe(pieces, ignoreOrder: true);
    }

    [Fact]
    public async Task A_stranger_sees_no_trace_and_the_authority_does()
    {
        HttpClient maker = await _services.AsAsync("maker");
        string piece = Events.Item(Events.NewSerial());
        await DoneAsync(maker, Commission("2026-11-01T02:00:00.000Z", "SECRET", piece));
        string path = $"trace/{Uri.EscapeDataString(piece)}";
        (await (await _services.AsAsync("stranger")).GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        Ids(await GetAsync(await _services.AsAsync("authority", "regulator"), path)).ShouldBe([piece]);
    }

    [Theory]
    [InlineData("trace/https%3A%2F%2Fid.gs1.org%2F01%2F06901234567892", 422, "trace-needs-lot")]
    [InlineData("trace/urn%3Anothing", 404, "trace-not-found")]
    [InlineData("trace/urn%3Anothing?at=yesterday", 400, "trace-query-invalid")]
    [InlineData("trace/urn%3Anothing?direction=sideways", 400, "trace-query-invalid")]
    [InlineData("trace/urn%3Anothing?limit=99999999", 400, "trace-query-invalid")]
    [InlineData("contents/", 400, "trace-query-invalid")]
    public async Task A_bad_question_is_explained(string path, int status, string code)
    {
        using HttpResponseMessage response = await (await _services.AsAsync("maker")).GetAsync(path);
        ((int)response.StatusCode).ShouldBe(status, await response.Content.ReadAsStringAsync());
        ((string)(await RunningServices.JsonAsync(response))["code"]!).ShouldBe(code);
    }

    [Fact]
    public async Task A_rebuilt_graph_answers_the_same()
    {
        HttpClient maker = await _services.AsAsync("maker");
        string pallet = Events.Pallet(NewPallet());
        string piece = Events.Item(Events.NewSerial());
        await DoneAsync(maker, Commission("2026-11-03T01:00:00.000Z", "REBUILT", piece),
            Events.Pack(pallet, [piece], time: "2026-11-03T02:00:00.000Z"));
        string path = $"trace/{Uri.EscapeDataString(Lot("REBUILT"))}";
        JsonObject before = await GetAsync(maker, path);
        await _services.App.Services.GetRequiredService<GraphFollower>().RebuildAsync(default);
        (await GetAsync(maker, path)).ToJsonString().ShouldBe(before.ToJsonString());
    }

    private static int s_pallet = 500;

    private static int NewPallet() => Interlocked.Increment(ref s_pallet);

    private static string Lot(string lot) => $"https://id.gs1.org/01/{Milk}/10/{lot}";

    private static JsonObject Make(string time, string input, string output) => new()
    {
        ["type"] = "TransformationEvent",
        ["eventTime"] = time,
        ["eventTimeZoneOffset"] = "+00:00",
        ["inputQuantityList"] = new JsonArray(Quantity(input, 10, "KGM")),
        ["outputQuantityList"] = new JsonArray(Quantity(output, 9, "KGM")),
    };

    private static JsonObject Quantity(string lot, decimal quantity, string unit) =>
        new() { ["epcClass"] = lot, ["quantity"] = quantity, ["uom"] = unit };

    private static JsonObject Commission(string time, string lot, params string[] pieces)
    {
        JsonObject e = Events.Object(pieces, "ADD", "commissioning", time);
        e["ilmd"] = new JsonObject { ["cbvmda:lotNumber"] = lot };
        return e;
    }

    private static JsonObject Ship(string time, string epc)
    {
        JsonObject e = Events.Object([epc], "OBSERVE", "shipping", time);
        e["disposition"] = "in_transit";
        return e;
    }

    private static async Task DoneAsync(HttpClient client, params JsonObject[] events)
    {
        JsonObject job = await CaptureAsync(client, events);
        job["success"]!.GetValue<bool>().ShouldBeTrue(job.ToJsonString());
    }

    private static async Task<JsonObject> GetAsync(HttpClient client, string path)
    {
        using HttpResponseMessage response = await client.GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await RunningServices.JsonAsync(response);
    }

    private static string[] Ids(JsonObject answer) => [.. answer["items"]!.AsArray().Select(i => (string)i!["id"]!)];
}
