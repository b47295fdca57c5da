using System.Text.Json.Nodes;
using Shouldly;
using Traceability.Epcis;
using Traceability.Epcis.Documents;
using Traceability.Epcis.Queries;
using Xunit;

namespace Services.Tests.Traceability.Epcis;

/// <summary>The published query documents are read, or refused for the parameter that is wrong.</summary>
public sealed class QueryDocumentTests
{
    [Fact]
    public void A_published_query_is_read()
    {
        EventQuery query = QueryParameters.Read(Given("SimpleEventQuery.json"));
        query.Matches.Count.ShouldBe(1);
        query.Order.ShouldBe(EventOrder.EventTime);
        query.Descending.ShouldBeTrue();
        query.CountLimit.ShouldBe(100);
    }

    [Theory]
    [InlineData("Invalid/Query_with_invalid_values.json", "GE_eventTime")]
    [InlineData("Invalid/Query_with_unknown_parameter.json", "GE_eventDate")]
    public void A_published_query_with_a_fault_is_refused_by_name(string file, string parameter) =>
        Should.Throw<QueryParameterException>(() => QueryParameters.Read(Given(file))).Parameter.ShouldBe(parameter);

    [Fact]
    public void A_published_poll_is_read()
    {
        (PollRequest? poll, EpcisProblem? wrong) = EpcisDocuments.ReadXmlPoll(
            GivenDocuments.OpenEpcis["2.0/EPCIS/XML/Query/Queries/SimpleEventQuery.xml"], EpcisLimits.Default);
        wrong.ShouldBeNull();
        poll!.QueryName.ShouldBe("SimpleEventQuery");
        poll.Parameters.Select(p => p.Name).ShouldBe(
            ["eventType", "GE_eventTime", "LT_eventTime", "EQ_bizStep", "EQ_bizLocation", "MATCH_epc"]);
        poll.Parameters[0].Values.ShouldBe(["ObjectEvent", "AggregationEvent"]);
        poll.Parameters[1].Values.ShouldBe(["2026-01-01T00:00:00+01:00"]);
        QueryParameters.Read(poll.Parameters).Matches.Count.ShouldBe(1);
        // It holds no events: as a capture it stays refused.
        EpcisDocuments.ReadXml(GivenDocuments.OpenEpcis["2.0/EPCIS/XML/Query/Queries/SimpleEventQuery.xml"])
            .Problem!.Code.ShouldBe("member-missing");
    }

    [Theory]
    [InlineData("<EPCISBody/>", "member-missing")]
    [InlineData("<EPCISBody><q:GetVendorVersion/></EPCISBody>", "operation-not-offered")]
    [InlineData("<EPCISBody><q:Poll><params/></q:Poll></EPCISBody>", "member-missing")]
    [InlineData("<EPCISBody><q:Poll><queryName>a</queryName></q:Poll><q:Poll><queryName>b</queryName></q:Poll></EPCISBody>", "member-missing")]
    [InlineData("<EPCISBody><q:Poll><queryName>a</queryName><params><param><name>x</name></param></params></q:Poll></EPCISBody>", "member-invalid")]
    [InlineData("<EPCISBody><q:Poll><queryName>a</queryName><params><param><name>x</name><value><int>1</int></value></param></params></q:Poll></EPCISBody>", "member-invalid")]
    [InlineData("<EPCISBody><q:Poll><queryName>a</queryName><params><param><name>x</name><value/></param><param><name>x</name><value/></param></params></q:Poll></EPCISBody>", "member-invalid")]
    [InlineData("<EPCISBody><q:Poll>", "xml-broken")]
    public void A_poll_with_a_fault_is_refused(string body, string code) => Refused(
        $"<q:EPCISQueryDocument xmlns:q='urn:epcglobal:epcis-query:xsd:2' schemaVersion='2.0'>{body}</q:EPCISQueryDocument>", code);

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "xml-dtd")]
    [InlineData("<EPCISDocument xmlns='urn:epcglobal:epcis:xsd:2' schemaVersion='2.0'/>", "document-type-unknown")]
    [InlineData("<EPCISQueryDocument xmlns='urn:epcglobal:epcis-query:xsd:2' schemaVersion='3.0'/>", "version-unknown")]
    public void A_poll_in_another_frame_is_refused(string xml, string code) => Refused(xml, code);

    private static void Refused(string xml, string code) => EpcisDocuments
        .ReadXmlPoll(System.Text.Encoding.UTF8.GetBytes(xml), EpcisLimits.Default).Problem!.Code.ShouldBe(code);

    private static JsonObject Given(string file) =>
        (JsonObject)JsonNode.Parse(GivenDocuments.OpenEpcis[$"2.0/EPCIS/JSON/Query/Queries/{file}"])!;
}
