using System.Net;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Traceability.Epcis;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <summary>The standard's query parameters, each with an event that it finds and one that it does not.</summary>
public sealed class QueryTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private const string Place = "https://id.gs1.org/414/6901234500004";
    private const string Gate = Place + "/254/gate7";
    private const string Lot = "https://id.gs1.org/01/06901234567892/10/LOT";

    private readonly RunningTraceability _services = fixture.Services;

    [Theory]
    [InlineData("eventType=AggregationEvent", "pack")]
    [InlineData("eventType=AggregationEvent|TransformationEvent", "pack make")]
    [InlineData("GE_eventTime=2026-11-03T00:00:00Z", "make")]
    [InlineData("LT_eventTime=2026-11-01T08:30:00%2B08:00", "born")]
    [InlineData("EQ_action=ADD&LT_eventTime=2026-11-01T08:30:00%2B08:00", "born")]
    [InlineData("EQ_bizStep=packing", "pack")]
    [InlineData("EQ_bizStep=https://ref.gs1.org/cbv/BizStep-packing", "pack")]
    [InlineData("EQ_bizStep=urn:epcglobal:cbv:bizstep:packing", "pack")]
    [InlineData("EQ_bizStep=packing|shipping", "pack ship")]
    [InlineData("EQ_disposition=in_transit", "ship")]
    [InlineData("EQ_persistentDisposition_set=completeness_verified", "ship")]
    [InlineData("EQ_readPoint=" + Gate, "ship")]
    [InlineData("EQ_readPoint=urn:epc:id:sgln:690123450.000.gate7", "ship")]
    [InlineData("EQ_readPoint=" + Place, "")]
    [InlineData("WD_readPoint=" + Place, "ship")]
    [InlineData("EQ_bizLocation=" + Place, "born")]
    [InlineData("EQ_bizTransaction_po=urn:epc:id:gdti:0614141.00001.1618034", "ship")]
    [InlineData("EQ_bizTransaction_desadv=urn:epc:id:gdti:0614141.00001.1618034", "")]
    [InlineData("EQ_source_owning_party=urn:epc:id:pgln:690123450.000", "ship")]
    [InlineData("EQ_destination_owning_party=https://id.gs1.org/417/6901234500011", "ship")]
    [InlineData("EQ_transformationID=urn:example:run:1", "make")]
    [InlineData("MATCH_epcClass=" + Lot, "born")]
    [InlineData("MATCH_epcClass=urn:epc:class:lgtin:6901234.056789.LOT", "born")]
    [InlineData("MATCH_outputEPCClass=" + Lot, "make")]
    [InlineData("MATCH_anyEPCClass=" + Lot, "born make")]
    [InlineData("EQ_quantity=200", "born")]
    [InlineData("GT_quantity=200", "make")]
    [InlineData("LE_quantity=200", "born")]
    [InlineData("EXISTS_sensorElementList=", "make")]
    [InlineData("EQ_type=Temperature", "make")]
    [InlineData("GE_maxValue=-15", "make")]
    [InlineData("GE_maxValue=0", "")]
    [InlineData("EQ_deviceID=urn:example:device:7", "make")]
    [InlineData("EQ_ILMD_cbvmda:lotNumber=LOT", "born")]
    [InlineData("EXISTS_ILMD_cbvmda:lotNumber=true", "born")]
    [InlineData("EQ_example:batch=7", "ship")]
    [InlineData("GT_example:batch=7", "")]
    [InlineData("EQ_INNER_example:farm=north", "ship")]
    [InlineData("EXISTS_example:batch=", "ship")]
    [InlineData("EXISTS_errorDeclaration=true", "wrong")]
    [InlineData("EQ_errorReason=did_not_occur", "wrong")]
    [InlineData("EQ_correctiveEventID=urn:example:event:2", "wrong")]
    [InlineData("GE_errorDeclarationTime=2026-11-05T00:00:00Z", "wrong")]
    [InlineData("LT_recordTime=2026-01-01T00:00:00Z", "")]
    public async Task A_parameter_finds_what_it_should(string query, string found)
    {
        HttpClient farm = await FarmAsync();
        IReadOnlyList<JsonObject> events = await QueryAsync(farm, $"events?{query}&perPage=100");
        events.Select(e => e["example:label"]!.GetValue<string>()).ShouldBe(
            found.Split(' ', StringSplitOptions.RemoveEmptyEntries), ignoreOrder: true);
    }

    [Fact]
    public async Task A_site_is_asked_for_with_the_halls_that_master_data_puts_in_it()
    {
        const string Site = "6901234500998", Hall = "6901234500981";
        HttpClient farm = await FarmAsync();
        using HttpResponseMessage described = await farm.PutAsync($"places/{Hall}", RunningServices.Json(
            $$"""{"name":{"en":"Hall 1"},"within":"{{Site}}"}"""));
        described.IsSuccessStatusCode.ShouldBeTrue(await described.Content.ReadAsStringAsync());
        JsonObject packed = Events.Object([Events.Item(Events.NewSerial())]);
        packed["bizLocation"] = new JsonObject { ["id"] = $"https://id.gs1.org/414/{Hall}" };
        await CaptureAsync(farm, [packed]);
        string site = Uri.EscapeDataString($"https://id.gs1.org/414/{Site}");
        (await QueryAsync(farm, $"events?WD_bizLocation={site}")).Count.ShouldBe(1);
        (await QueryAsync(farm, $"events?EQ_bizLocation={site}")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("MATCH_epc", "A1", "born pack")]
    [InlineData("MATCH_anyEPC", "A1", "born pack make")]
    [InlineData("MATCH_inputEPC", "A1", "make")]
    [InlineData("MATCH_outputEPC", "A1", "")]
    public async Task An_item_is_found_in_its_role_under_each_of_its_names(string name, string serial, string found)
    {
        HttpClient farm = await FarmAsync();
        foreach (string id in new[]
                 {
                     Events.Item(serial), $"urn:epc:id:sgtin:6901234.056789.{serial}",
                     $"https://example.com/01/06901234567892/21/{serial}?17=271231",
                 })
        {
            (await QueryAsync(farm, $"events?{name}={Uri.EscapeDataString(id)}"))
                .Select(e => e["example:label"]!.GetValue<string>())
                .ShouldBe(found.Split(' ', StringSplitOptions.RemoveEmptyEntries), ignoreOrder: true, id);
        }
    }

    [Theory]
    [InlineData("urn:epc:idpat:sgtin:6901234.056789.*", true)]
    [InlineData("urn:epc:idpat:sgtin:6901234.*.*", true)]
    [InlineData("urn:epc:idpat:sgtin:*.*.*", true)]
    [InlineData("https://id.gs1.org/01/06901234567892", true)]
    [InlineData("urn:epc:idpat:sgtin:6901234.056780.*", false)]
    [InlineData("urn:epc:idpat:sscc:6901234.*", false)]
    public async Task A_pattern_finds_the_items_that_it_covers(string pattern, bool found)
    {
        HttpClient farm = await FarmAsync();
        (await QueryAsync(farm, $"events?MATCH_epc={Uri.EscapeDataString(pattern)}&EQ_bizStep=commissioning"))
            .Count.ShouldBe(found ? 1 : 0);
    }

    [Theory]
    [InlineData("eventTime", "ASC")]
    [InlineData("eventTime", "DESC")]
    [InlineData("recordTime", "DESC")]
    public async Task Pages_hold_every_event_once_and_in_order(string order, string direction)
    {
        HttpClient dealer = await _services.AsAsync("dealer");
        string[] epcs = [.. Enumerable.Range(0, 7).Select(_ => Events.Item(Events.NewSerial()))];
        for (int i = 0; i < epcs.Length; i++)
            await CaptureAsync(dealer, [Events.Object([epcs[i]], time: $"2026-10-{10 + i * 3 % 7}T00:00:00.000Z")]);
        string match = string.Join('|', epcs.Select(Uri.EscapeDataString));
        string? next = $"epcis/v2/events?MATCH_epc={match}&orderBy={order}&orderDirection={direction}&perPage=3";
        List<JsonObject> all = [];
        while (next is not null)
        {
            using HttpResponseMessage response = await dealer.GetAsync(next);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            all.AddRange(Events.Of(await RunningServices.JsonAsync(response)));
            next = response.Headers.TryGetValues("Link", out var link) ? link.Single().Split('<', '>')[1] : null;
            all.Count.ShouldBeLessThanOrEqualTo(7);
        }
        all.Count.ShouldBe(7);
        string[] keys = [.. all.Select(e => e[order]!.GetValue<string>())];
        keys.ShouldBe(direction == "ASC" ? keys.Order(StringComparer.Ordinal) : keys.OrderDescending(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_page_token_is_bound_to_its_query_and_can_be_revoked()
    {
        HttpClient farm = await FarmAsync();
        using HttpResponseMessage first = await farm.GetAsync("epcis/v2/events?EQ_action=ADD&perPage=1");
        string next = first.Headers.GetValues("Link").Single().Split('<', '>')[1];
        string token = next.Split("nextPageToken=")[1];
        first.Headers.Contains("GS1-Next-Page-Token-Expires").ShouldBeTrue();
        (await farm.GetAsync($"epcis/v2/events?EQ_action=OBSERVE&nextPageToken={token}")).StatusCode
            .ShouldBe(HttpStatusCode.BadRequest);
        (await farm.GetAsync($"epcis/v2/events?EQ_action=ADD&nextPageToken={token[..^2]}AA")).StatusCode
            .ShouldBe(HttpStatusCode.BadRequest);
        (await farm.GetAsync(next)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await farm.DeleteAsync($"epcis/v2/nextPageToken/{token}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await farm.GetAsync(next)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("EQ_color=red", "EQ_color")]
    [InlineData("GE_eventTime=yesterday", "GE_eventTime")]
    [InlineData("EQ_action=MAYBE", "EQ_action")]
    [InlineData("orderBy=colour", "orderBy")]
    [InlineData("perPage=0", "perPage")]
    [InlineData("eventCountLimit=1&maxEventCount=1", "maxEventCount")]
    [InlineData("HASATTR_bizLocation=colour", "HASATTR_bizLocation")]
    [InlineData("HASATTR_parentID=name", "HASATTR_parentID")]
    [InlineData("EQATTR_bizLocation=x", "EQATTR_bizLocation")]
    public async Task What_is_no_parameter_is_refused_by_name(string query, string name)
    {
        HttpClient farm = await FarmAsync();
        using HttpResponseMessage response = await farm.GetAsync($"epcis/v2/events?{query}");
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonObject problem = await RunningServices.JsonAsync(response);
        problem["exception"]!.GetValue<string>().ShouldBe("epcisException:QueryParameterException");
        problem["detail"]!.GetValue<string>().ShouldContain(name);
    }

    [Theory]
    [InlineData("HASATTR_bizLocation=urn:epcglobal:cbv:mda%23name", "born")]
    [InlineData("HASATTR_bizLocation=city", "")]
    [InlineData("HASATTR_readPoint=name", "ship")]
    [InlineData("EQATTR_bizLocation_name=Garden|Orchard", "born")]
    [InlineData("EQATTR_bizLocation_name=Orchard", "")]
    [InlineData("EQATTR_bizLocation_urn:epcglobal:cbv:mda%23latitude=30.2", "born")]
    public async Task Attributes_of_public_places_are_asked_for(string query, string found)
    {
        HttpClient farm = await FarmAsync();
        async Task PlaceAsync(string shown)
        {
            using HttpResponseMessage put = await farm.PutAsync("places/6901234500004", RunningServices.Json(
                $$"""{"name":{"zh":"茶园","en":"Garden"},"latitude":30.2,"longitude":120.1,"public":{{shown}}}"""));
            put.IsSuccessStatusCode.ShouldBeTrue(await put.Content.ReadAsStringAsync());
        }
        await PlaceAsync("true");
        (await QueryAsync(farm, $"events?{query}")).Select(e => e["example:label"]!.GetValue<string>())
            .ShouldBe(found.Split(' ', StringSplitOptions.RemoveEmptyEntries), ignoreOrder: true);
        await PlaceAsync("false");
        (await QueryAsync(farm, $"events?{query}")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Events_are_ordered_by_an_extension_over_pages_with_those_without_it_last()
    {
        HttpClient maker = await _services.AsAsync("maker");
        int?[] batches = [10, 9, null, 100, 11];
        string[] epcs = [.. batches.Select(_ => Events.Item(Events.NewSerial()))];
        await CaptureAsync(maker, batches.Select((batch, i) =>
        {
            JsonObject e = Labelled(Events.Object([epcs[i]]), $"{batch}");
            if (batch is not null)
                e["example:batch"] = batch;
            return e;
        }));
        foreach ((string direction, string expected) in new[] { ("ASC", "9 10 11 100 "), ("DESC", "100 11 10 9 ") })
        {
            string? next = $"epcis/v2/events?MATCH_epc={string.Join('|', epcs.Select(Uri.EscapeDataString))}"
                + $"&orderBy=example:batch&orderDirection={direction}&perPage=2";
            List<string> labels = [];
            while (next is not null)
            {
                using HttpResponseMessage response = await maker.GetAsync(next);
                response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
                labels.AddRange(Events.Of(await RunningServices.JsonAsync(response)).Select(e => (string)e["example:label"]!));
                next = response.Headers.TryGetValues("Link", out var link) ? link.Single().Split('<', '>')[1] : null;
            }
            string.Join(' ', labels).ShouldBe(expected);
        }
    }

    [Fact]
    public async Task An_answer_in_XML_says_what_the_one_in_JSON_says()
    {
        HttpClient farm = await FarmAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "epcis/v2/events?perPage=100");
        request.Headers.Accept.ParseAdd("application/xml, application/json;q=0.5");
        using HttpResponseMessage response = await farm.SendAsync(request);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/xml");
        Reading xml = EpcisDocuments.ReadXml(await response.Content.ReadAsByteArrayAsync());
        xml.IsValid.ShouldBeTrue(string.Join(' ', xml.Problems));
        Reading json = EpcisDocuments.ReadJson(await farm.GetByteArrayAsync("epcis/v2/events?perPage=100"));
        xml.Items.Count.ShouldBe(json.Items.Count);
        foreach ((ReadingItem x, ReadingItem j) in xml.Items.Zip(json.Items))
        {
            x.Event!.Epcs.ShouldBe(j.Event!.Epcs);
            (x.Event.EventId, x.Event.EventTime, x.Event.BizStep).ShouldBe((j.Event.EventId, j.Event.EventTime, j.Event.BizStep));
        }
        using HttpRequestMessage neither = new(HttpMethod.Get, "epcis/v2/events");
        neither.Headers.Accept.ParseAdd("text/csv");
        (await farm.SendAsync(neither)).StatusCode.ShouldBe(HttpStatusCode.NotAcceptable);
    }

    [Theory]
    [InlineData(null, "Never_Translates", "urn:epc:id:sgtin:6901234.056789.")]
    [InlineData("No_Preference", "Never_Translates", "urn:epc:id:sgtin:6901234.056789.")]
    [InlineData("Always_GS1_Digital_Link", "Always_GS1_Digital_Link", "https://id.gs1.org/01/06901234567892/21/")]
    [InlineData("Always_EPC_URN", null, null)]
    public async Task Ids_are_written_as_the_request_asks(string? asked, string? format, string? stem)
    {
        HttpClient maker = await _services.AsAsync("maker");
        string serial = Events.NewSerial();
        await CaptureAsync(maker, [Events.Object([$"urn:epc:id:sgtin:6901234.056789.{serial}"])]);
        using HttpRequestMessage request = new(
            HttpMethod.Get, $"epcis/v2/events?MATCH_epc={Uri.EscapeDataString(Events.Item(serial))}");
        if (asked is not null)
            request.Headers.Add("GS1-EPC-Format", asked);
        using HttpResponseMessage response = await maker.SendAsync(request);
        if (format is null)
        {
            response.StatusCode.ShouldBe(HttpStatusCode.NotAcceptable);
            return;
        }
        response.Headers.GetValues("GS1-EPC-Format").ShouldBe([format]);
        Events.Of(await RunningServices.JsonAsync(response)).Single()["epcList"]![0]!.GetValue<string>()
            .ShouldBe(stem + serial);
    }

    [Fact]
    public async Task Limits_on_the_count_hold()
    {
        HttpClient farm = await FarmAsync();
        (await QueryAsync(farm, "events?EQ_action=ADD&eventCountLimit=1")).Count.ShouldBe(1);
        (await farm.GetAsync("epcis/v2/events?EQ_action=ADD&maxEventCount=1")).StatusCode
            .ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await QueryAsync(farm, "events?EQ_action=ADD&maxEventCount=2")).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("bizSteps", "packing", 1)]
    [InlineData("eventTypes", "TransformationEvent", 1)]
    [InlineData("dispositions", "in_transit", 1)]
    [InlineData("bizLocations", Place, 1)]
    [InlineData("readPoints", Gate, 1)]
    [InlineData("epcs", "https://id.gs1.org/01/06901234567892/21/A1", 3)]
    public async Task A_resource_lists_its_members_and_each_has_its_events(string resource, string member, int events)
    {
        HttpClient farm = await FarmAsync();
        JsonObject list = await RunningServices.JsonAsync(await farm.GetAsync($"epcis/v2/{resource}?perPage=1000"));
        list["member"]!.AsArray().Select(m => m!.GetValue<string>()).ShouldContain(member);
        JsonObject one = await RunningServices.JsonAsync(
            await farm.GetAsync($"epcis/v2/{resource}/{Uri.EscapeDataString(member)}"));
        one["member"]!.AsArray().Single()!.GetValue<string>().ShouldBe("events");
        (await QueryAsync(farm, $"{resource}/{Uri.EscapeDataString(member)}/events")).Count.ShouldBe(events);
        (await farm.GetAsync($"epcis/v2/{resource}/{Uri.EscapeDataString("urn:example:none")}")).StatusCode
            .ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Who_takes_no_part_sees_nothing_and_a_regulator_everything()
    {
        await FarmAsync();
        HttpClient stranger = await _services.AsAsync("stranger");
        (await QueryAsync(stranger, "events")).ShouldBeEmpty();
        (await stranger.GetAsync($"epcis/v2/epcs/{Uri.EscapeDataString(Events.Item("A1"))}")).StatusCode
            .ShouldBe(HttpStatusCode.NotFound);
        HttpClient regulator = await _services.AsAsync("authority", "regulator");
        (await QueryAsync(regulator, "events?EQ_bizStep=packing")).Count.ShouldBe(1);
        HttpClient op = await _services.AsAsync("suite", "operator");
        (await op.GetAsync("epcis/v2/events")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    /// <summary>The farm's client, once its five events are there.</summary>
    private async Task<HttpClient> FarmAsync()
    {
        HttpClient farm = await _services.AsAsync("farm");
        if ((await QueryAsync(farm, "events?EQ_bizStep=packing")).Count == 0)
        {
            JsonObject job = await CaptureAsync(farm, Story());
            job["success"]!.GetValue<bool>().ShouldBeTrue(job.ToJsonString());
        }
        return farm;
    }

    private static IEnumerable<JsonObject> Story()
    {
        JsonObject born = Labelled(Events.Object([Events.Item("A1")], "ADD", "commissioning"), "born");
        born["bizLocation"] = new JsonObject { ["id"] = Place };
        born["quantityList"] = new JsonArray(new JsonObject { ["epcClass"] = Lot, ["quantity"] = 200.0, ["uom"] = "KGM" });
        born["ilmd"] = new JsonObject { ["cbvmda:lotNumber"] = "LOT" };
        yield return born;
        yield return Labelled(Events.Pack(Events.Pallet(1), [Events.Item("A1")]), "pack");

        JsonObject ship = Labelled(
            Events.Object([Events.Pallet(1)], bizStep: "shipping", time: "2026-11-02T08:00:00.000+08:00"), "ship");
        ship["disposition"] = "in_transit";
        ship["persistentDisposition"] = new JsonObject { ["set"] = new JsonArray("completeness_verified") };
        ship["readPoint"] = new JsonObject { ["id"] = Gate };
        ship["bizTransactionList"] = new JsonArray(
            new JsonObject { ["type"] = "po", ["bizTransaction"] = "urn:epc:id:gdti:0614141.00001.1618034" });
        ship["sourceList"] = new JsonArray(
            new JsonObject { ["type"] = "owning_party", ["source"] = "urn:epc:id:pgln:690123450.000" });
        ship["destinationList"] = new JsonArray(
            new JsonObject { ["type"] = "owning_party", ["destination"] = "https://id.gs1.org/417/6901234500011" });
        ship["example:batch"] = 7;
        ship["example:origin"] = new JsonObject { ["example:farm"] = "north" };
        yield return ship;

        JsonObject make = new()
        {
            ["type"] = "TransformationEvent",
            ["eventTime"] = "2026-11-04T08:00:00.000+08:00",
            ["eventTimeZoneOffset"] = "+08:00",
            ["inputEPCList"] = new JsonArray(Events.Item("A1")),
            ["outputQuantityList"] = new JsonArray(new JsonObject { ["epcClass"] = Lot, ["quantity"] = 201.5, ["uom"] = "KGM" }),
            ["transformationID"] = "urn:example:run:1",
            ["bizStep"] = "repackaging",
            ["sensorElementList"] = new JsonArray(new JsonObject
            {
                ["sensorMetadata"] = new JsonObject { ["deviceID"] = "urn:example:device:7" },
                ["sensorReport"] = new JsonArray(new JsonObject
                {
                    ["type"] = "Temperature",
                    ["maxValue"] = -12.5,
                    ["uom"] = "CEL",
                }),
            }),
        };
        yield return Labelled(make, "make");

        JsonObject wrong = Labelled(
            Events.Object([Events.Item("B1")], bizStep: "inspecting", time: "2026-11-02T00:00:00.000Z"), "wrong");
        wrong["eventID"] = "urn:example:event:1";
        wrong["errorDeclaration"] = new JsonObject
        {
            ["declarationTime"] = "2026-11-05T08:00:00.000+08:00",
            ["reason"] = "did_not_occur",
            ["correctiveEventIDs"] = new JsonArray("urn:example:event:2"),
        };
        yield return wrong;
    }

    private static JsonObject Labelled(JsonObject e, string label)
    {
        e["@context"] = new JsonArray(new JsonObject { ["example"] = "https://ns.example.com/epcis/" });
        e["example:label"] = label;
        return e;
    }
}
