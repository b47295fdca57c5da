using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <summary>The tables of EPCIS events can be had again from recording events and bodies.</summary>
public sealed class RebuildTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private static readonly string[] Tables =
        ["epcis_events", "epcis_epcs", "epcis_quantities", "epcis_transactions", "epcis_parties"];

    private const string Xml =
        """
        <epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" xmlns:cbvmda="urn:epcglobal:cbv:mda"
            xmlns:example="https://ns.example.com/epcis/" schemaVersion="1.2" creationDate="2026-11-01T00:00:00Z">
          <EPCISBody><EventList><ObjectEvent>
            <eventTime>2026-11-01T01:00:00Z</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
            <epcList><epc>urn:epc:id:sgtin:6901234.056789.RebuiltXml</epc></epcList>
            <action>ADD</action><bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>
            <bizLocation><id>urn:epc:id:sgln:690123450.000.0</id></bizLocation>
            <extension><ilmd><cbvmda:lotNumber>L7</cbvmda:lotNumber></ilmd></extension>
            <example:colour>green</example:colour>
          </ObjectEvent></EventList></EPCISBody>
        </epcis:EPCISDocument>
        """;

    private readonly RunningTraceability _services = fixture.Services;

    [Fact]
    public async Task Rebuilt_tables_are_equal_and_an_altered_body_is_named()
    {
        HttpClient farm = await _services.AsAsync("farm");
        string first = Events.Item(Events.NewSerial()), second = Events.Item(Events.NewSerial());
        JsonObject ship = Events.Object([first, second], bizStep: "shipping");
        ship["bizTransactionList"] = new JsonArray(new JsonObject { ["type"] = "po", ["bizTransaction"] = "urn:example:po:9" });
        ship["sourceList"] = new JsonArray(new JsonObject { ["type"] = "owning_party", ["source"] = "urn:epc:id:pgln:690123450.000" });
        ship["readPoint"] = new JsonObject { ["id"] = "https://id.gs1.org/414/6901234500004" };
        ship["quantityList"] = new JsonArray(new JsonObject
        {
            ["epcClass"] = "https://id.gs1.org/01/06901234567892/10/R1",
            ["quantity"] = 1.50,
            ["uom"] = "KGM",
        });
        JsonObject wrong = (JsonObject)ship.DeepClone();
        wrong["eventID"] = "urn:example:rebuilt:1";
        wrong["errorDeclaration"] = new JsonObject
        {
            ["declarationTime"] = "2026-11-02T08:00:00.000+08:00",
            ["correctiveEventIDs"] = new JsonArray("urn:example:rebuilt:2"),
        };
        await CaptureAsync(farm, [ship, Events.Pack(Events.Pallet(8001), [first, second]), wrong]);
        using HttpResponseMessage single = await farm.PostAsync(
            "epcis/v2/events", new StringContent(Xml, Encoding.UTF8, "application/xml"));
        single.StatusCode.ShouldBe(HttpStatusCode.Created, await single.Content.ReadAsStringAsync());
        string[] before = await ContentAsync();
        before.ShouldAllBe(t => t.Length > 0);

        await _services.ScalarAsync("delete from epcis_epcs where role = 0");
        await _services.ScalarAsync("update epcis_events set biz_step = 'forged', record_time = now(), hash = '\\x00'");
        await _services.ScalarAsync("insert into epcis_parties (seq, side, uri) values (1, 0, 'urn:forged')");
        (await ContentAsync()).ShouldNotBe(before);
        JsonObject answer = await RebuildAsync();
        answer["events"]!.GetValue<int>().ShouldBe(4);
        answer["altered"]!.AsArray().ShouldBeEmpty();
        (await ContentAsync()).ShouldBe(before);

        await _services.ScalarAsync(
            "update epcis_bodies set body = replace(encode(body, 'escape'), 'RebuiltXml', 'RebuiltXmm')::bytea");
        (await RebuildAsync())["altered"]!.AsArray().Select(i => (string)i!)
            .ShouldBe([single.Headers.GetValues("Event-Record").Single()]);
        (await farm.PostAsync("epcis-tables/rebuild", null)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private async Task<JsonObject> RebuildAsync()
    {
        using HttpResponseMessage response =
            await (await _services.AsAsync("suite", "operator")).PostAsync("epcis-tables/rebuild", null);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await RunningServices.JsonAsync(response);
    }

    private async Task<string[]> ContentAsync()
    {
        List<string> content = [];
        foreach (string table in Tables)
            content.Add(await _services.ScalarAsync($"select string_agg(t::text, E'\n' order by t::text) from {table} t") as string ?? "");
        return [.. content];
    }
}
