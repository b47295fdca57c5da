using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <summary>Capture of EPCIS events: one at once, and documents as jobs.</summary>
public sealed class CaptureTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private readonly RunningTraceability _services = fixture.Services;

    [Fact]
    public async Task Events_of_one_transformationID_are_one_transformation()
    {
        HttpClient dealer = await _services.AsAsync("dealer");
        string made = Events.Item(Events.NewSerial()), used = Events.Item(Events.NewSerial());
        string process = $"urn:example:process:{Events.NewSerial()}";
        JsonObject Part(string list, string item, string time) => new()
        {
            ["type"] = "TransformationEvent",
            ["eventTime"] = time,
            ["eventTimeZoneOffset"] = "+08:00",
            ["transformationID"] = process,
            [list] = new JsonArray(item),
            ["bizStep"] = "commissioning",
        };
        Task<string> FoundAsync() => dealer.GetStringAsync($"findings?epc={Uri.EscapeDataString(made)}");
        await CaptureAsync(dealer, [Part("outputEPCList", made, "2026-11-01T09:00:00.000+08:00")]);
        await Eventually.TrueAsync(async () => (await FoundAsync()).Contains("mass-from-nothing", StringComparison.Ordinal),
            "nothing went into the process yet");
        await RunningTraceability.CaptureAsync(dealer,
        [
            Events.Object([used], "ADD", "commissioning", "2026-11-01T07:00:00.000+08:00"),
            Part("inputEPCList", used, "2026-11-01T08:30:00.000+08:00"),
        ]);
        await Eventually.TrueAsync(async () => !(await FoundAsync()).Contains("mass-from-nothing", StringComparison.Ordinal),
            "another event of the process says what went in");
    }

    [Fact]
    public async Task A_clients_event_id_stands_in_no_record_that_everybody_is_shown()
    {
        HttpClient maker = await _services.AsAsync("maker");
        JsonObject e = Events.Object([Events.Item(Events.NewSerial())], "ADD", "commissioning");
        e["eventID"] = $"urn:example:order:PO-{Events.NewSerial()}";
        using HttpResponseMessage created = await PostAsync(maker, e);
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        _services.AnchorState = "anchored";
        try
        {
            JsonObject bundle = await RunningServices.JsonAsync(await maker.GetAsync(created.Headers.Location + "/proof"));
            System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)bundle["event"]!)).ShouldNotContain("PO-");
            (await maker.GetStringAsync(created.Headers.Location + "/statements")).ShouldContain("PO-", Case.Sensitive, "sealed");
        }
        finally
        {
            _services.AnchorState = "accepted";
        }
    }

    [Fact]
    public async Task A_posted_event_is_stored_returned_and_proven()
    {
        HttpClient maker = await _services.AsAsync("maker");
        string epc = Events.Item(Events.NewSerial());
        using HttpResponseMessage created = await PostAsync(maker, Events.Object([epc], "ADD", "commissioning"));
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        created.Headers.GetValues("GS1-EPCIS-Version").ShouldBe(["2.0.0"]);
        string record = created.Headers.GetValues("Event-Record").Single();

        JsonObject stored = Events.Of(await RunningServices.JsonAsync(
            await maker.GetAsync(created.Headers.Location))).Single();
        stored["epcList"]![0]!.GetValue<string>().ShouldBe(epc);
        stored["eventID"]!.GetValue<string>().ShouldStartWith("ni:///sha-256;");
        stored["recordTime"].ShouldNotBeNull();
        (await QueryAsync(maker, $"events?MATCH_epc={Uri.EscapeDataString(epc)}")).Count.ShouldBe(1);

        string proof = created.Headers.Location + "/proof";
        (await maker.GetAsync(proof)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        _services.AnchorState = "anchored";
        try
        {
            JsonObject bundle = await RunningServices.JsonAsync(await maker.GetAsync(proof));
            JsonObject recorded = (JsonObject)JsonNode.Parse(
                Convert.FromBase64String(bundle["event"]!.GetValue<string>()))!;
            recorded["id"]!.GetValue<string>().ShouldBe(record);
            recorded["data"]!.AsObject().Select(m => m.Key).ShouldBe(["counted", "statements"], ignoreOrder: true);
            byte[] file = await maker.GetByteArrayAsync(created.Headers.Location + "/statements");
            Proofs.StatementsResult result = Proofs.Statements.Check(
                file, (Proofs.Json.JsonObject)Proofs.Json.CanonicalJson.Parse(
                    Convert.FromBase64String(bundle["event"]!.GetValue<string>()))!);
            result.Verdict.ShouldBe(Proofs.Verdict.Proven);
            result.Size.ShouldBe(16);
            result.Shown.Single(s => s.Statement.Pointer == "#hash").Statement.Value
                .ShouldBe(stored["eventID"]!.ToJsonString());
        }
        finally
        {
            _services.AnchorState = "accepted";
        }
    }

    [Fact]
    public async Task A_client_s_event_id_is_kept()
    {
        HttpClient maker = await _services.AsAsync("maker");
        JsonObject e = Events.Object([Events.Item(Events.NewSerial())]);
        e["eventID"] = $"urn:uuid:{Guid.NewGuid()}";
        using HttpResponseMessage created = await PostAsync(maker, e);
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        Events.Of(await RunningServices.JsonAsync(await maker.GetAsync(created.Headers.Location)))
            .Single()["eventID"]!.GetValue<string>().ShouldBe(e["eventID"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_true_duplicate_is_refused_and_what_differs_beside_the_hash_is_not()
    {
        HttpClient maker = await _services.AsAsync("maker");
        JsonObject e = Events.Object([Events.Item(Events.NewSerial())]);
        (await PostAsync(maker, e)).StatusCode.ShouldBe(HttpStatusCode.Created);
        using HttpResponseMessage again = await PostAsync(maker, e);
        again.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await RunningServices.JsonAsync(again))["code"]!.GetValue<string>().ShouldBe("event-duplicate");

        JsonObject certified = (JsonObject)e.DeepClone();
        certified["certificationInfo"] = "https://certificates.example.org/1";
        (await PostAsync(maker, certified)).StatusCode.ShouldBe(HttpStatusCode.Created);

        JsonObject declared = (JsonObject)e.DeepClone();
        declared["errorDeclaration"] = new JsonObject
        {
            ["declarationTime"] = "2026-11-02T08:00:00.000+08:00",
            ["reason"] = "did_not_occur",
        };
        (await PostAsync(maker, declared)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await PostAsync(maker, declared)).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Another_event_under_an_id_that_is_taken_is_refused()
    {
        HttpClient maker = await _services.AsAsync("maker");
        string id = $"urn:uuid:{Guid.NewGuid()}";
        JsonObject first = Events.Object([Events.Item(Events.NewSerial())]);
        JsonObject second = Events.Object([Events.Item(Events.NewSerial())]);
        first["eventID"] = id;
        second["eventID"] = id;
        (await PostAsync(maker, first)).StatusCode.ShouldBe(HttpStatusCode.Created);
        using HttpResponseMessage refused = await PostAsync(maker, second);
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await RunningServices.JsonAsync(refused))["code"]!.GetValue<string>().ShouldBe("event-id-taken");
    }

    [Fact]
    public async Task The_same_event_posted_at_once_by_many_is_stored_once()
    {
        HttpClient maker = await _services.AsAsync("maker");
        JsonObject e = Events.Object([Events.Item(Events.NewSerial())]);
        HttpStatusCode[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            using HttpResponseMessage response = await PostAsync(maker, e);
            return response.StatusCode;
        }));
        answers.Order().ShouldBe([HttpStatusCode.Created, .. Enumerable.Repeat(HttpStatusCode.Conflict, 11)]);
    }

    [Fact]
    public async Task A_capture_is_accepted_and_done_as_a_job()
    {
        HttpClient maker = await _services.AsAsync("maker");
        string[] epcs = [.. Enumerable.Range(0, 3).Select(_ => Events.Item(Events.NewSerial()))];
        JsonObject job = await CaptureAsync(maker, epcs.Select(epc => Events.Object([epc], "ADD", "commissioning")));
        job["success"]!.GetValue<bool>().ShouldBeTrue(job.ToJsonString());
        job["captured"]!.GetValue<int>().ShouldBe(3);
        job["captureErrorBehaviour"]!.GetValue<string>().ShouldBe("rollback");
        foreach (string epc in epcs)
            (await QueryAsync(maker, $"epcs/{Uri.EscapeDataString(epc)}/events")).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("rollback", 0)]
    [InlineData("proceed", 2)]
    public async Task One_bad_event_rolls_a_capture_back_unless_it_may_proceed(string behaviour, int captured)
    {
        HttpClient maker = await _services.AsAsync("maker");
        string[] epcs = [Events.Item(Events.NewSerial()), Events.Item(Events.NewSerial())];
        JsonObject bad = Events.Object([Events.Item(Events.NewSerial())], action: "MAYBE");
        JsonObject job = await CaptureAsync(
            maker, [Events.Object([epcs[0]]), bad, Events.Object([epcs[1]])], behaviour);
        job["success"]!.GetValue<bool>().ShouldBeFalse();
        job["captured"]!.GetValue<int>().ShouldBe(captured);
        job["errors"]!.AsArray().Single()!["index"]!.GetValue<int>().ShouldBe(1);
        int stored = 0;
        foreach (string epc in epcs)
            stored += (await QueryAsync(maker, $"events?MATCH_anyEPC={Uri.EscapeDataString(epc)}")).Count;
        stored.ShouldBe(captured);
    }

    [Fact]
    public async Task A_job_left_by_a_process_that_ended_is_done_by_the_next()
    {
        await using RunningTraceability services = await StartAsync(null, "--Capture:Workers=0");
        HttpClient maker = await services.AsAsync("maker");
        using HttpResponseMessage accepted = await maker.PostAsync("epcis/v2/capture", RunningServices.Json(
            Events.Document([Events.Object([Events.Item(Events.NewSerial())])])));
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await RunningServices.JsonAsync(await maker.GetAsync(accepted.Headers.Location)))["running"]!
            .GetValue<bool>().ShouldBeTrue();

        await services.RestartAsync();
        maker = await services.AsAsync("maker");
        (await DoneAsync(maker, accepted.Headers.Location!))["captured"]!.GetValue<int>().ShouldBe(1);
        (await services.ScalarAsync("select count(*) from epcis_events")).ShouldBe(1L);
        (await services.ScalarAsync("select count(*) from epcis_captures where input is not null")).ShouldBe(0L);
    }

    [Theory]
    [InlineData("{\"@context\":[\"x\"],\"type\":\"EPCISDoc", "application/json", 400)]
    [InlineData("<epcis", "application/xml", 400)]
    [InlineData("{}", "text/plain", 415)]
    public async Task What_is_no_document_is_refused_at_once(string text, string type, int status)
    {
        HttpClient maker = await _services.AsAsync("maker");
        using HttpResponseMessage response =
            await maker.PostAsync("epcis/v2/capture", new StringContent(text, Encoding.UTF8, type));
        ((int)response.StatusCode).ShouldBe(status, await response.Content.ReadAsStringAsync());
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Fact]
    public async Task The_interface_tells_what_it_can_do()
    {
        HttpClient maker = await _services.AsAsync("maker");
        using HttpResponseMessage options =
            await maker.SendAsync(new HttpRequestMessage(HttpMethod.Options, "epcis/v2/capture"));
        options.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        options.Headers.GetValues("GS1-EPCIS-Capture-Limit").ShouldBe(["2000"]);
        options.Headers.GetValues("GS1-Capture-Error-Behaviour").ShouldBe(["all"]);
        options.Content.Headers.Allow.ShouldBe(["OPTIONS", "GET", "POST"]);
        using HttpRequestMessage newer = new(HttpMethod.Get, "epcis/v2/events");
        newer.Headers.Add("GS1-EPCIS-Min", "2.1.0");
        (await maker.SendAsync(newer)).StatusCode.ShouldBe(HttpStatusCode.NotAcceptable);
    }

    [Fact]
    public async Task Jobs_are_listed_in_pages_for_their_organisation()
    {
        HttpClient farm = await _services.AsAsync("farm");
        for (int i = 0; i < 3; i++)
            await CaptureAsync(farm, [Events.Object([Events.Item(Events.NewSerial())])]);
        using HttpResponseMessage first = await farm.GetAsync("epcis/v2/capture?perPage=2");
        JsonNode.Parse(await first.Content.ReadAsStringAsync())!.AsArray().Count.ShouldBe(2);
        string next = first.Headers.GetValues("Link").Single().Split('<', '>')[1];
        using HttpResponseMessage second = await farm.GetAsync(next);
        JsonNode.Parse(await second.Content.ReadAsStringAsync())!.AsArray().Count.ShouldBe(1);
        second.Headers.Contains("Link").ShouldBeFalse();
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, JsonObject e) =>
        client.PostAsync("epcis/v2/events", RunningServices.Json(Events.Single(e)));
}
