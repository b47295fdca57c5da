using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Proofs;
using Shouldly;
using Traceability.Epcis;
using Traceability.Epcis.Capture;
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
        IReadOnlyList<Statement> all = EventStatements.Of("ni:///sha-256;00?ver=CBV2.0", "{\"#hash\":1}"u8, before: null);
        all.ShouldBe([new Statement("#hash", "\"ni:///sha-256;00?ver=CBV2.0\""), new Statement("/#hash", "1")]);
    }

    [Fact]
    public void Of_each_item_it_is_said_how_many_events_there_were_before()
    {
        const string body = """{"parentID":"p","childEPCs":["x","y"],"quantityList":[{"epcClass":"q"}],"epcList":[]}""";
        EventStatements.Of("h", Encoding.UTF8.GetBytes(body), [2, 7]).Skip(6).ShouldBe(
        [
            new Statement("#before/parentID", """{"count":2,"of":"p"}"""),
            new Statement("#before/childEPCs/-", """{"count":7,"of":"x"}"""),
            new Statement("#before/childEPCs/-", """{"count":0,"of":"y"}"""),
        ]);
        EventStatements.Of("h", Encoding.UTF8.GetBytes(body), []).Count.ShouldBe(9, "nothing was there");
        EventStatements.Of("h", Encoding.UTF8.GetBytes(body), before: null).Count.ShouldBe(6, "from before it was said");
    }

    [Fact]
    public void Events_of_one_capture_count_each_other_but_for_declarations_and_what_is_withheld()
    {
        EpcisEvent[] events = [.. EpcisDocuments.ReadJson(Captures.Document(3, 2)).Items.Select(i => i.Event!)];
        (EventEpc a, EventEpc b) = (events[0].Epcs[0], events[0].Epcs[1]);
        EpcisEvent both = events[0], one = events[1] with { Epcs = [b] };
        EpcisEvent wrong = both with { ErrorDeclaration = new(events[0].EventTime, null, []) };
        ItemCounts stored = new(new Dictionary<string, int> { [b.Uri] = 4, ["other"] = 9 }, new HashSet<string>());
        stored.Of([both, wrong, one, both]).ShouldBe([[0, 4], [1, 5], [5], [1, 6]], Bytes);
        (stored with { Withheld = new HashSet<string> { "/epcList" } }).Of([both, both]).ShouldBe([[0, 4], [0, 4]], Bytes);
        new ItemCounts(new Dictionary<string, int> { [a.Uri] = 300 }, new HashSet<string>()).Of([both]).ShouldBe([[255]], Bytes);
        ItemCounts.Nothing.Of([both with { Epcs = [.. Enumerable.Repeat(a, ItemCounts.ItemsMax + 1)] }]).ShouldBe([null]);
    }

    private static readonly IEqualityComparer<byte[]?> Bytes =
        EqualityComparer<byte[]?>.Create((x, y) => x.AsSpan().SequenceEqual(y));

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
