using System.Net;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <summary>The standard's query parameters, each with an event that it finds and one that it does not.</summary>
public sealed partial class QueryTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
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
    [Fact]
    public async Task Who_recorded_an_event_is_told_to_whoever_sees_it()
    {
        HttpClient farm = await FarmAsync(), stranger = await _services.AsAsync("stranger");
        IReadOnlyList<JsonObject> events = Events.Of(await RunningServices.JsonAsync(
            await farm.GetAsync("epcis/v2/events?perPage=5")));
        string ask = "epcis/v2/recorders?" + string.Join('&', events.Select(e => "eventID=" + Uri.EscapeDataString((string)e["eventID"]!)));
        JsonObject told = await RunningServices.JsonAsync(await farm.GetAsync(ask));
        foreach (JsonObject e in events)
            ((string)told[(string)e["eventID"]!]!).ShouldBe("farm");
        (await RunningServices.JsonAsync(await stranger.GetAsync(ask))).Count.ShouldBe(0);
        (await farm.GetAsync("epcis/v2/recorders")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

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
