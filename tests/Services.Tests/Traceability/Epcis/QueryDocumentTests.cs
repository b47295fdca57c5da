using System.Text.Json.Nodes;
using Shouldly;
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

    private static JsonObject Given(string file) =>
        (JsonObject)JsonNode.Parse(GivenDocuments.OpenEpcis[$"2.0/EPCIS/JSON/Query/Queries/{file}"])!;
}
