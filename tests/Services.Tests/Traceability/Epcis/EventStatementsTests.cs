using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Proofs;
using Shouldly;
using Traceability.Epcis;
using Xunit;

namespace Services.Tests.Traceability.Epcis;

public sealed class EventStatementsTests
{
    [Fact]
    public void Lists_and_ilmd_are_cut_and_everything_else_stays_whole()
    {
        const string body = """
            {"type":"ObjectEvent","epcList":["a","b"],"bizTransactionList":[{"type":"po","bizTransaction":"x"}],"sourceList":[],
             "ilmd":{"ex:a/b":1.50,"ex:c~d":{"e":[]}},"readPoint":{"id":"urn:x"},"ex:list":[1, 2]}
            """;
        EventStatements.Cut(Encoding.UTF8.GetBytes(body)).ShouldBe(
        [
            new Statement("/type", "\"ObjectEvent\""),
            new Statement("/epcList/-", "\"a\""),
            new Statement("/epcList/-", "\"b\""),
            new Statement("/bizTransactionList/-", """{"type":"po","bizTransaction":"x"}"""),
            new Statement("/sourceList", "[]"),
            new Statement("/ilmd/ex:a~1b", "1.50"),
            new Statement("/ilmd/ex:c~0d", """{"e":[]}"""),
            new Statement("/readPoint", """{"id":"urn:x"}"""),
            new Statement("/ex:list", "[1, 2]"),
        ]);
    }

    [Fact]
    public void The_hash_is_the_first_statement_and_no_JSON_pointer_names_it()
    {
        IReadOnlyList<Statement> all = EventStatements.Of("ni:///sha-256;00?ver=CBV2.0", "{\"#hash\":1}"u8);
        all.ShouldBe([new Statement("#hash", "\"ni:///sha-256;00?ver=CBV2.0\""), new Statement("/#hash", "1")]);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("1")]
    public void What_is_no_object_is_refused(string body) =>
        Should.Throw<JsonException>(() => EventStatements.Cut(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void The_statements_together_are_the_event()
    {
        const string body = """{"type":"AggregationEvent","childEPCs":["x","y"],"ilmd":{"a":1},"action":"ADD"}""";
        JsonObject again = [];
        foreach (Statement statement in EventStatements.Cut(Encoding.UTF8.GetBytes(body)))
        {
            string[] path = statement.Pointer.Split('/');
            JsonNode value = JsonNode.Parse(statement.Value)!;
            if (path.Length == 2)
                again[path[1]] = value;
            else if (path[2] == "-")
                ((JsonArray)(again[path[1]] ??= new JsonArray())).Add(value);
            else
                ((JsonObject)(again[path[1]] ??= new JsonObject()))[path[2]] = value;
        }
        again.ToJsonString().ShouldBe(body);
    }
}
