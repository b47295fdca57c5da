using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <summary>One rule of who sees what, in queries and in statements; and what is found in events.</summary>
public sealed class VisibilityTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private const string Dealer = "6901234500011";
    private readonly RunningTraceability _services = fixture.Services;

    [Fact]
    public async Task A_confirmed_party_sees_its_events_and_a_partner_what_its_owner_allows()
    {
        HttpClient farm = await _services.AsAsync("farm");
        HttpClient dealer = await _services.AsAsync("dealer");
        HttpClient maker = await _services.AsAsync("maker");
        string epc = Events.Item(Events.NewSerial());
        JsonObject ship = Events.Object([epc], bizStep: "shipping");
        ship["destinationList"] = new JsonArray(new JsonObject
        {
            ["type"] = "owning_party",
            ["destination"] = $"https://id.gs1.org/417/{Dealer}",
        });
        ship["bizTransactionList"] = new JsonArray(new JsonObject { ["bizTransaction"] = "urn:example:po:1" });
        (await CaptureAsync(farm, [ship]))["success"]!.GetValue<bool>().ShouldBeTrue();
        string query = $"events?MATCH_epc={Uri.EscapeDataString(epc)}";

        (await QueryAsync(dealer, query)).ShouldBeEmpty();
        await PutAsync(await _services.AsAsync("authority", "regulator"), $"glns/{Dealer}/owner", """{"tenant":"dealer"}""");
        JsonObject seen = (await QueryAsync(dealer, query)).Single();
        seen["bizTransactionList"].ShouldNotBeNull();
        (await QueryAsync(dealer, $"{query}&EQ_bizTransaction_po=urn:example:po:1")).Count.ShouldBe(0);

        (await QueryAsync(maker, query)).ShouldBeEmpty();
        HttpClient admin = await _services.AsAsync("farm", "admin");
        await PutAsync(admin, "partners", """{"partners":["maker"]}""");
        JsonObject shared = (await QueryAsync(maker, query)).Single();
        shared["bizTransactionList"].ShouldBeNull();
        shared["destinationList"].ShouldBeNull();
        shared["epcList"].ShouldNotBeNull();
        (await QueryAsync(maker, $"{query}&EQ_destination_owning_party=https://id.gs1.org/417/{Dealer}")).ShouldBeEmpty();

        await PutAsync(admin, "disclosure", """{"withheld":["/bizTransactionList"]}""");
        (await QueryAsync(dealer, query)).Single()["bizTransactionList"].ShouldBeNull();
        (await QueryAsync(farm, query)).Single()["bizTransactionList"].ShouldNotBeNull();

        seen["eventID"]!.GetValue<string>().ShouldStartWith("ni:", Case.Sensitive, "nothing of it was hidden then");
        JsonObject redacted = (await QueryAsync(dealer, query)).Single();
        string id = Uri.EscapeDataString(redacted["eventID"]!.GetValue<string>());
        JsonObject file = await RunningServices.JsonAsync(await dealer.GetAsync($"epcis/v2/events/{id}/statements"));
        string[] pointers = [.. file["statements"]!.AsArray().Select(s => s!["pointer"]!.GetValue<string>())];
        pointers.ShouldContain("/destinationList/-");
        pointers.ShouldNotContain(p => p.StartsWith("/bizTransactionList"));
        _services.AnchorState = "anchored";
        JsonObject bundle = await RunningServices.JsonAsync(await dealer.GetAsync($"epcis/v2/events/{id}/proof"));
        _services.AnchorState = "accepted";
        Proofs.Json.JsonObject content = ReadEvent(bundle["event"]!.GetValue<string>());
        Proofs.StatementsResult result = Proofs.Statements.Check(
            Encoding.UTF8.GetBytes(await dealer.GetStringAsync($"epcis/v2/events/{id}/statements")), content);
        result.Verdict.ShouldBe(Proofs.Verdict.Proven);
        result.Size.ShouldBe(16);
        (await (await _services.AsAsync("stranger")).GetAsync($"epcis/v2/events/{id}/statements")).StatusCode
            .ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_contradiction_is_stored_found_and_taken_back_by_a_late_event()
    {
        HttpClient maker = await _services.AsAsync("maker");
        string epc = Events.Item(Events.NewSerial());
        string query = $"findings?epc={Uri.EscapeDataString(epc)}";
        await CaptureAsync(maker,
        [
            Events.Object([epc], "ADD", "commissioning", "2026-11-01T01:00:00.000Z"),
            Events.Pack(Events.Pallet(11), [epc], time: "2026-11-01T02:00:00.000Z"),
            Events.Pack(Events.Pallet(12), [epc], time: "2026-11-01T04:00:00.000Z"),
        ]);
        IReadOnlyList<string> codes = [];
        await Eventually.TrueAsync(
            async () => (codes = await CodesAsync(maker, query)) is ["two-parents"], $"it is found ({codes.Count})");
        await CaptureAsync(
            maker, [Events.Pack(Events.Pallet(11), [epc], "DELETE", "2026-11-01T03:00:00.000Z")]);
        await Eventually.TrueAsync(async () => (await CodesAsync(maker, query)) is [], "it is taken back");
        (await CodesAsync(await _services.AsAsync("stranger"), query)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_an_outsider_records_contradicts_nobody()
    {
        HttpClient farm = await _services.AsAsync("farm"), outsider = await _services.AsAsync("dealer");
        const string gtin = "06901234560992";
        (await farm.PutAsync($"products/{gtin}", RunningServices.Json("""{"name":{"zh":"茶","en":"Tea"}}"""))).EnsureSuccessStatusCode();
        string epc = Events.Item(Events.NewSerial(), gtin);
        await CaptureAsync(farm, [Events.Object([epc], "ADD", "commissioning", "2026-11-01T01:00:00.000Z")]);
        JsonObject job = await CaptureAsync(outsider,
        [
            Events.Pack(Events.Pallet(91), [epc], time: "2026-11-01T02:00:00.000Z"),
            Events.Object([epc], "ADD", "commissioning", "2026-11-01T02:00:00.000Z"),
            .. Enumerable.Range(0, 1100).Select(i => Events.Object(
                [epc], time: $"2026-11-01T02:{i / 60 % 60:00}:{i % 60:00}.{i / 3600:000}Z")),
        ]);
        job["success"]!.GetValue<bool>().ShouldBeTrue(job.ToJsonString());
        using HttpResponseMessage packed = await farm.PostAsync("simple/events", RunningServices.Json($$"""
            {"events":[{"what":"pack","when":"2026-11-01T03:00:00Z","where":"6901234000009","items":["{{epc}}"],
            "parent":"{{Events.Pallet(92)}}"}]}
            """));
        packed.StatusCode.ShouldBe(HttpStatusCode.Created, await packed.Content.ReadAsStringAsync());
        long head = (long)(await _services.ScalarAsync("select max(seq) from epcis_events"))!;
        await Eventually.TrueAsync(async () => (long)(await _services.ScalarAsync(
            "select position from store.checkpoints where name = 'epcis-findings'"))! >= head, "all is weighed");
        (await CodesAsync(await _services.AsAsync("authority", "regulator"), $"findings?epc={Uri.EscapeDataString(epc)}"))
            .ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_taken_out_of_a_whole_box_may_be_packed_into_another()
    {
        HttpClient farm = await _services.AsAsync("farm");
        string epc = Events.Item(Events.NewSerial());
        string Said(string what, int box, string more, string at) => $$"""
            {"what":"{{what}}","when":"2026-11-01T{{at}}:00Z","where":"6901234000009","parent":"{{Events.Pallet(box)}}"{{more}}}
            """;
        string items = $""","items":["{epc}"]""";
        await CaptureAsync(farm, [Events.Object([epc], "ADD", "commissioning", "2026-11-01T01:00:00.000Z")]);
        foreach (string said in new[]
                 {
                     Said("pack", 93, items, "02:00"), Said("unpack", 93, "", "03:00"), Said("pack", 94, items, "04:00"),
                     // In one request too.
                     Said("unpack", 94, "", "05:00") + "," + Said("pack", 95, items, "06:00"),
                 })
        {
            using HttpResponseMessage done = await farm.PostAsync("simple/events", RunningServices.Json($$"""{"events":[{{said}}]}"""));
            done.StatusCode.ShouldBe(HttpStatusCode.Created, await done.Content.ReadAsStringAsync());
        }
        using HttpResponseMessage again = await farm.PostAsync("simple/events", RunningServices.Json(
            $$"""{"events":[{{Said("pack", 96, items, "07:00")}}]}"""));
        (await again.Content.ReadAsStringAsync()).ShouldContain("event-two-parents");
    }

    [Fact]
    public async Task A_strict_organisation_refuses_what_contradicts()
    {
        HttpClient stranger = await _services.AsAsync("stranger");
        await PutAsync(await _services.AsAsync("stranger", "admin"), "disclosure", """{"strict":true}""");
        string epc = Events.Item(Events.NewSerial());
        using HttpResponseMessage refused = await stranger.PostAsync(
            "epcis/v2/events", RunningServices.Json(Events.Single(Events.Object([epc]))));
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await RunningServices.JsonAsync(refused))["code"]!.GetValue<string>().ShouldBe("event-contradicts");
        JsonObject job = await CaptureAsync(
            stranger, [Events.Object([epc], "ADD", "commissioning"), Events.Object([epc])]);
        job["success"]!.GetValue<bool>().ShouldBeTrue(job.ToJsonString());
    }

    [Fact]
    public async Task A_strict_organisation_makes_nothing_from_nothing_over_all_events_of_a_transformation()
    {
        HttpClient stranger = await _services.AsAsync("stranger");
        await PutAsync(await _services.AsAsync("stranger", "admin"), "disclosure", """{"strict":true}""");
        string grape = Events.Item(Events.NewSerial()), wine = Events.Item(Events.NewSerial());
        JsonObject outOf = Part("press-1", "outputEPCList", wine, "01"), into = Part("press-1", "inputEPCList", grape, "02");
        using HttpResponseMessage refused = await stranger.PostAsync(
            "epcis/v2/events", RunningServices.Json(Events.Single((JsonObject)outOf.DeepClone())));
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, "an id alone is nothing that goes in");
        (await refused.Content.ReadAsStringAsync()).ShouldContain("mass-from-nothing");

        // Together with what goes in, or after it, in whatever order they happened.
        JsonObject job = await CaptureAsync(stranger, [Events.Object([grape], "ADD", "commissioning"), into, outOf]);
        job["success"]!.GetValue<bool>().ShouldBeTrue(job.ToJsonString());
        string more = Events.Item(Events.NewSerial());
        using HttpResponseMessage taken = await stranger.PostAsync(
            "epcis/v2/events", RunningServices.Json(Events.Single(Part("press-1", "outputEPCList", more, "03"))));
        taken.StatusCode.ShouldBe(HttpStatusCode.Created, await taken.Content.ReadAsStringAsync());

        static JsonObject Part(string id, string list, string epc, string minute) => new()
        {
            ["type"] = "TransformationEvent",
            ["eventTime"] = $"2026-11-02T00:{minute}:00.000Z",
            ["eventTimeZoneOffset"] = "+00:00",
            ["transformationID"] = $"https://example.org/transformations/{id}",
            [list] = new JsonArray(epc),
        };
    }

    private static Proofs.Json.JsonObject ReadEvent(string base64) =>
        (Proofs.Json.JsonObject)Proofs.Json.CanonicalJson.Parse(Convert.FromBase64String(base64))!;

    private static async Task<IReadOnlyList<string>> CodesAsync(HttpClient client, string query) =>
        [.. JsonNode.Parse(await client.GetStringAsync(query))!.AsArray().Select(f => f!["code"]!.GetValue<string>())];

    private static async Task PutAsync(HttpClient client, string path, string json)
    {
        using HttpResponseMessage response = await client.PutAsync(path, RunningServices.Json(json));
        response.StatusCode.ShouldBe(HttpStatusCode.NoContent, await response.Content.ReadAsStringAsync());
    }
}
