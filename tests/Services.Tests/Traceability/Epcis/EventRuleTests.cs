using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Traceability.Epcis;
using Xunit;

namespace Services.Tests.Traceability.Epcis;

/// <summary>What an event has to keep to (EPCIS 2.0 §7), with the name of the rule and the place.</summary>
public sealed class EventRuleTests
{
    private const string Object = """
        {"type":"ObjectEvent","eventTime":"2026-01-31T10:00:00.5+08:00","eventTimeZoneOffset":"+08:00","action":"ADD",
        "epcList":["https://id.gs1.org/01/04012345111118/21/1"],"ext:a":"b"}
        """;

    private const string Aggregation = """
        {"type":"AggregationEvent","eventTime":"2026-01-31T10:00:00Z","eventTimeZoneOffset":"+08:00","action":"ADD",
        "parentID":"urn:epc:id:sscc:4012345.0111111111","childEPCs":["urn:epc:id:sgtin:4012345.011111.9876"]}
        """;

    private const string Transformation = """
        {"type":"TransformationEvent","eventTime":"2026-01-31T10:00:00Z","eventTimeZoneOffset":"+08:00",
        "inputEPCList":["urn:epc:id:sgtin:4012345.011111.1"],"outputEPCList":["urn:epc:id:sgtin:4012345.011111.2"]}
        """;

    [Theory]
    [InlineData("eventTime", "\"2026-02-30T10:00:00Z\"", "time-form", "/eventTime")]
    [InlineData("eventTime", "\"2026-01-31T10:00:00\"", "time-form", "/eventTime")]
    [InlineData("eventTime", "\"2026-01-31 10:00:00Z\"", "time-form", "/eventTime")]
    [InlineData("eventTime", "\"2026-01-31T24:00:00Z\"", "time-form", "/eventTime")]
    [InlineData("eventTime", "\"0001-01-01T00:00:00+14:00\"", "time-form", "/eventTime")]
    [InlineData("eventTime", "5", "value-type", "/eventTime")]
    [InlineData("eventTimeZoneOffset", "\"Z\"", "offset-form", "/eventTimeZoneOffset")]
    [InlineData("eventTimeZoneOffset", "\"+14:01\"", "offset-form", "/eventTimeZoneOffset")]
    [InlineData("eventTimeZoneOffset", "\"08:00\"", "offset-form", "/eventTimeZoneOffset")]
    [InlineData("action", "\"add\"", "value-unknown", "/action")]
    [InlineData("bizStep", "\"selling\"", "value-unknown", "/bizStep")]
    [InlineData("bizStep", "\"urn:epcglobal:cbv:bizstep:shipping\"", "value-unknown", "/bizStep")]
    [InlineData("epcList", "[\"https://id.gs1.org/01/04012345111119/21/1\"]", "gs1-id", "/epcList/0")]
    [InlineData("epcList", "[\"urn:epc:id:sgtin:4012345.01111.1\"]", "gs1-id", "/epcList/0")]
    [InlineData("epcList", "[\"urn:a:1\",\"urn:a:1\"]", "value-twice", "/epcList/1")]
    [InlineData("epcList", "[\"no uri\"]", "uri-form", "/epcList/0")]
    [InlineData("epcList", "{}", "value-type", "/epcList")]
    [InlineData("readPoint", "{}", "member-missing", "/readPoint")]
    [InlineData("readPoint", "{\"id\":\"https://id.gs1.org/414/4012345000055\"}", "gs1-id", "/readPoint/id")]
    [InlineData("quantityList", "[{\"epcClass\":\"urn:a:1\",\"quantity\":\"5\"}]",
        "value-type", "/quantityList/0/quantity")]
    [InlineData("quantityList", "[{\"epcClass\":\"urn:a:1\",\"quantity\":-5}]",
        "quantity-negative", "/quantityList/0/quantity")]
    [InlineData("quantityList", "[{\"epcClass\":\"urn:a:1\",\"quantity\":1e99}]",
        "number-range", "/quantityList/0/quantity")]
    [InlineData("quantityList", "[{\"epcClass\":\"urn:a:1\",\"uom\":\"KGM\"}]",
        "uom-without-quantity", "/quantityList/0")]
    [InlineData("quantityList", "[{\"epcClass\":\"urn:a:1\",\"quantity\":1,\"uom\":\"kg\"}]",
        "uom-form", "/quantityList/0/uom")]
    [InlineData("sourceList", "[{\"source\":\"urn:a:1\"}]", "member-missing", "/sourceList/0")]
    [InlineData("errorDeclaration", "{\"reason\":\"did_not_occur\"}", "member-missing", "/errorDeclaration")]
    [InlineData("persistentDisposition", "{}", "member-missing", "/persistentDisposition")]
    [InlineData("persistentDisposition", "{\"set\":[]}", "list-empty", "/persistentDisposition/set")]
    [InlineData("certificationInfo", "[{}]", "value-type", "/certificationInfo/0")]
    [InlineData("ilmd", "{\"lot\":1}", "member-unknown", "/ilmd/lot")]
    [InlineData("unknown", "1", "member-unknown", "/unknown")]
    [InlineData("parentID", "\"urn:a:1\"", "member-unknown", "/parentID")]
    [InlineData("a/b~c", "1", "member-unknown", "/a~1b~0c")]
    [InlineData("ext:a", "{\"@context\":{}}", "context-unsupported", "/ext:a")]
    [InlineData("type", "\"QuantityEvent\"", "event-type-unknown", "/type")]
    [InlineData("@context", "{\"eventTime\":\"urn:x:y\"}", "context-redefines", "/@context/eventTime")]
    [InlineData("@context", "{\"cbv\":\"urn:x:y\"}", "context-redefines", "/@context/cbv")]
    [InlineData("@context", "\"https://example.com/context.jsonld\"", "context-unknown", "/@context")]
    [InlineData("sensorElementList", "[{}]", "member-missing", "/sensorElementList/0")]
    [InlineData("sensorElementList", "[{\"sensorReport\":[{\"value\":1}]}]", "member-missing",
        "/sensorElementList/0/sensorReport/0")]
    [InlineData("sensorElementList", "[{\"sensorReport\":[{\"type\":\"Temperature\",\"value\":\"1\"}]}]", "value-type",
        "/sensorElementList/0/sensorReport/0/value")]
    [InlineData("sensorElementList", "[{\"sensorReport\":[{\"type\":\"Temperature\",\"hexBinaryValue\":\"xyz\"}]}]",
        "hex-form", "/sensorElementList/0/sensorReport/0/hexBinaryValue")]
    [InlineData("sensorElementList", "[{\"sensorMetadata\":{\"startTime\":\"2026-01-02T00:00:00Z\",\"endTime\":" +
        "\"2026-01-01T00:00:00Z\"},\"sensorReport\":[{\"type\":\"Mass\"}]}]", "sensor-interval",
        "/sensorElementList/0/sensorMetadata")]
    public void A_broken_member_is_named(string member, string value, string code, string path)
    {
        JsonObject json = Parse(Object);
        json[member] = JsonNode.Parse(value);
        EpcisProblem problem = Problem(json);
        (problem.Code, problem.Path, problem.Index).ShouldBe((code, path, 0));
    }

    [Theory]
    [InlineData(Object, "eventTime", "member-missing")]
    [InlineData(Object, "eventTimeZoneOffset", "member-missing")]
    [InlineData(Object, "action", "member-missing")]
    [InlineData(Object, "epcList", "member-missing")]
    [InlineData(Object, "type", "member-missing")]
    [InlineData(Aggregation, "parentID", "member-missing")]
    [InlineData(Aggregation, "childEPCs", "member-missing")]
    [InlineData(Transformation, "inputEPCList", "transformation-one-sided")]
    [InlineData(Transformation, "outputEPCList", "transformation-one-sided")]
    public void A_missing_member_is_named(string text, string member, string code)
    {
        JsonObject json = Parse(text);
        json.Remove(member);
        Problem(json).Code.ShouldBe(code);
    }

    [Fact]
    public void Master_data_comes_with_the_event_that_adds_the_items()
    {
        JsonObject json = Parse(Object);
        json["ilmd"] = JsonNode.Parse("""{"cbvmda:lotNumber":"L1"}""");
        Read(json).IsValid.ShouldBeTrue();
        json["action"] = "OBSERVE";
        Problem(json).Code.ShouldBe("ilmd-without-add");
    }

    [Fact]
    public void An_observed_aggregation_may_name_no_parent_and_a_dissolved_one_no_children()
    {
        JsonObject observed = Parse(Aggregation);
        observed.Remove("parentID");
        observed["action"] = "OBSERVE";
        Read(observed).IsValid.ShouldBeTrue();
        JsonObject dissolved = Parse(Aggregation);
        dissolved.Remove("childEPCs");
        dissolved["action"] = "DELETE";
        Read(dissolved).IsValid.ShouldBeTrue();
    }

    [Fact]
    public void A_joined_transformation_may_be_one_sided()
    {
        JsonObject json = Parse(Transformation);
        json.Remove("outputEPCList");
        json["transformationID"] = "urn:epc:id:gdti:0614141.12345.400";
        Read(json).Events.Single().TransformationId.ShouldBe("https://id.gs1.org/253/0614141123452400");
    }

    [Fact]
    public void The_facts_are_canonical_and_the_text_is_kept()
    {
        JsonObject json = Parse(Object);
        json["recordTime"] = "2026-02-01T00:00:00Z";
        json["bizStep"] = "commissioning";
        json["disposition"] = "https://example.com/disp";
        json["readPoint"] = JsonNode.Parse("""{"id":"urn:epc:id:sgln:4012345.00005.0"}""");
        json["quantityList"] = JsonNode.Parse(
            """[{"epcClass":"urn:epc:class:lgtin:4012345.011111.L1","quantity":1.50,"uom":"KGM"}]""");
        EpcisEvent one = Read(json).Events.Single();
        one.EventTime.ShouldBe(new DateTimeOffset(2026, 1, 31, 10, 0, 0, 500, TimeSpan.FromHours(8)));
        one.BizStep.ShouldBe("https://ref.gs1.org/cbv/BizStep-commissioning");
        one.Disposition.ShouldBe("https://example.com/disp");
        one.ReadPoint.ShouldBe("https://id.gs1.org/414/4012345000054");
        one.Epcs.ShouldBe([new EventEpc(EpcRole.Epc, "https://id.gs1.org/01/04012345111118/21/1")]);
        one.Quantities.ShouldBe(
            [new EventQuantity(EpcRole.Epc, "https://id.gs1.org/01/04012345111118/10/L1", 1.50m, "KGM")]);
        string body = Encoding.UTF8.GetString(one.Body.Span);
        body.ShouldStartWith("""{"@context":[{"ext":"https://ns.example.com/"}],"type":"ObjectEvent",""");
        body.ShouldContain("\"quantity\":1.50,");
        body.ShouldNotContain("recordTime");
        body.ShouldNotContain("unused");
    }

    [Fact]
    public void A_good_event_beside_a_bad_one_is_read()
    {
        string document = Wrap($"{Object},{{}},{Aggregation}");
        Reading reading = EpcisDocuments.ReadJson(Encoding.UTF8.GetBytes(document));
        reading.Items.Select(item => item.Problem?.Index).ShouldBe([null, 1, null]);
    }

    private static EpcisProblem Problem(JsonObject json)
    {
        Reading reading = Read(json);
        reading.Problem.ShouldBeNull();
        return reading.Items.Single().Problem.ShouldNotBeNull();
    }

    private static Reading Read(JsonObject json) =>
        EpcisDocuments.ReadJson(Encoding.UTF8.GetBytes(Wrap(json.ToJsonString())));

    private static JsonObject Parse(string text) => (JsonObject)JsonNode.Parse(text)!;

    private static string Wrap(string events) => $$"""
        {"@context":["{{EpcisDocuments.ContextUri}}",{"ext":"https://ns.example.com/","unused":"urn:u:"}],
        "type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-01-31T10:00:00Z",
        "epcisBody":{"eventList":[{{events}}] } }
        """;
}
