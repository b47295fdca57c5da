using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Shouldly;
using Traceability.Epcis;
using Traceability.Epcis.Documents;
using Xunit;
using Xunit.Abstractions;

namespace Services.Tests.Traceability.Epcis;

/// <summary>The event hash against the results that its authors publish.</summary>
public sealed class EventHashTests(ITestOutputHelper output)
{
    private static readonly EpcisLimits Tool = new(HashTool: true);

    // Upstream's own hash is not the SHA-256 of the text that stands beside it.
    private const string Stale = "epcisDocWithDefaultSchemaInContext";

    [Fact]
    public void Given_hashes_are_met()
    {
        var cases = new List<(string, Func<string?>)>();
        foreach (string path in GivenDocuments.EventHash.Keys)
        {
            if (!path.EndsWith(".hashes", StringComparison.Ordinal)) continue;
            string stem = path[..^".hashes".Length];
            string[] hashes = GivenDocuments.Lines(GivenDocuments.EventHash[path]);
            string[] texts = GivenDocuments.Lines(GivenDocuments.EventHash[stem + ".prehashes"]);
            for (int i = 0; i < hashes.Length; i++)
            {
                int index = i;
                if (stem.EndsWith(Stale, StringComparison.Ordinal) && EventHash.ToName(texts[i]) != hashes[i]) continue;
                cases.Add(($"{stem}[{i}]", () => Fault(stem, index, hashes[index], texts[index])));
            }
        }

        GivenDocuments.Count(output, "event hashes", cases).ShouldBe(0);
        cases.Count.ShouldBe(49);
    }

    [Fact]
    public void Events_given_as_equal_have_one_hash()
    {
        (string, Func<string?>)[] groups =
        [
            .. GivenDocuments.EventHash.Where(f => f.Key.StartsWith("expected_equal/", StringComparison.Ordinal))
                .Select(f => (f.Key, (Func<string?>)(() => OneHash(f.Value)))),
        ];
        groups.Length.ShouldBe(6);
        GivenDocuments.Count(output, "groups of equal events", groups).ShouldBe(0);
    }

    [Fact]
    public void Neither_order_nor_notation_changes_the_hash()
    {
        var random = new Random(5);
        foreach (EpcisEvent one in Mutants.Published)
        {
            var json = (JsonObject)JsonNode.Parse(one.Body.Span)!;
            EpcisEvent before = ReadOne(json);
            var other = (JsonObject)Shuffled(json, random)!;
            other["recordTime"] = "2026-01-31T10:00:00Z";
            other["eventID"] = "urn:uuid:fd338495-0e6d-41dd-afee-a862ecd32518";
            other["eventTime"] = before.EventTime.ToOffset(TimeSpan.FromHours(-3)).ToString("O");
            ReadOne(other).Hash.ShouldBe(before.Hash, other.ToJsonString());
            other["eventTimeZoneOffset"] = before.EventTimeZoneOffset == "+09:30" ? "+09:00" : "+09:30";
            ReadOne(other).Hash.ShouldNotBe(before.Hash);
        }
    }

    /// <summary>How many of the ids that publishers computed from their events are ours: told, not asked for, since
    /// most were made before the algorithm was final or for another event.</summary>
    [Fact]
    public void Published_event_ids_are_compared()
    {
        IEnumerable<KeyValuePair<string, byte[]>> files = GivenDocuments.OpenEpcis.Concat(GivenDocuments.EventHash)
            .Concat(GivenDocuments.Gs1("JSON", ".jsonld")).Concat(GivenDocuments.Gs1("XML", ".xml"));
        EpcisEvent[] named = [.. files.SelectMany(f => Mutants.Read(f.Key, f.Value).Events)
            .Where(one => one.EventId?.EndsWith("?ver=CBV2.0", StringComparison.Ordinal) == true)];
        output.WriteLine($"{named.Count(one => one.EventId == one.Hash)} of {named.Length} events bear the hash as id");
    }

    /// <summary>A capture's hash tells the whole event, whatever the document asks to leave out.</summary>
    [Fact]
    public void A_capture_leaves_nothing_out_of_the_hash()
    {
        static string Document(string price, string ignored) => $$"""
            {"@context":["{{EpcisDocuments.ContextUri}}",{"x":"https://x.example/"}],"type":"EPCISDocument","schemaVersion":"2.0",
            "creationDate":"2026-01-01T00:00:00Z",{{ignored}}"epcisBody":{"eventList":[{"type":"ObjectEvent","action":"OBSERVE",
            "eventTime":"2026-01-01T00:00:00Z","eventTimeZoneOffset":"+00:00","epcList":["https://id.gs1.org/01/06901234567892/21/A"],
            "x:price":"{{price}}"} ] } }
            """;
        static string Hash(string price, EpcisLimits limits) => EpcisDocuments.ReadJson(
            Encoding.UTF8.GetBytes(Document(price, "\"x:ignoreFields\":[\"x:price\"],")), limits).Events.Single().Hash;
        Hash("1", EpcisLimits.Default).ShouldNotBe(Hash("2", EpcisLimits.Default));
        Hash("1", Tool).ShouldBe(Hash("2", Tool));
    }

    private static EpcisEvent ReadOne(JsonObject json)
    {
        Reading reading = EpcisDocuments.ReadJson(
            Encoding.UTF8.GetBytes($"[{json.ToJsonString()}]"), new EpcisLimits(CheckIds: false));
        reading.Problems.ShouldBeEmpty(json.ToJsonString());
        return reading.Events.Single();
    }

    private static JsonNode? Shuffled(JsonNode? node, Random random)
    {
        switch (node)
        {
            case JsonObject one:
                KeyValuePair<string, JsonNode?>[] members = [.. one];
                random.Shuffle(members);
                return new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, Shuffled(m.Value, random))));
            case JsonArray list:
                JsonNode?[] items = [.. list];
                random.Shuffle(items);
                return new JsonArray([.. items.Select(item => Shuffled(item, random))]);
            default:
                return node?.DeepClone();
        }
    }

    private static string? OneHash(byte[] xml)
    {
        Reading reading = EpcisDocuments.ReadXml(xml, Tool);
        if (!reading.IsValid) return string.Join("; ", reading.Problems);
        string[] hashes = [.. reading.Events.Select(e => e.Hash).Distinct()];
        return hashes.Length == 1 && reading.Items.Count > 1 ? null : string.Join("\n", PreHashes(xml, isXml: true));
    }

    private static string? Fault(string stem, int index, string hash, string text)
    {
        bool read = false;
        foreach (string ending in new[] { ".jsonld", ".xml" })
        {
            if (!GivenDocuments.EventHash.TryGetValue(stem + ending, out byte[]? document)) continue;
            bool isXml = ending == ".xml";
            Reading reading = isXml ? EpcisDocuments.ReadXml(document, Tool) : EpcisDocuments.ReadJson(document, Tool);
            EpcisEvent? found = reading.Items.ElementAtOrDefault(index)?.Event;
            if (found is null) return $"{ending}: {string.Join("; ", reading.Problems)}";
            if (found.Hash != hash)
            {
                return $"{ending}\n    given  {text}\n    got    {PreHashes(document, isXml)[index]}";
            }

            read = true;
        }

        return read ? null : "no document";
    }

    private static List<string> PreHashes(byte[] document, bool isXml) => isXml ? OfXml(document) : OfJson(document);

    private static List<string> OfXml(byte[] document)
    {
        List<string> texts = [];
        foreach (XElement list in XDocument.Load(new MemoryStream(document)).Descendants("EventList"))
        {
            foreach (XElement element in list.Elements())
            {
                var names = new XmlNames(
                    uri => uri.Length == 0 || uri.StartsWith("urn:epcglobal:epcis", StringComparison.Ordinal));
                string json = new XmlEvents(names).ToJson(element).ToJsonString();
                texts.Add(Text(JsonDocument.Parse(json).RootElement, PrefixScope.Standard,
                    new HashRules { IsXml = true, MasterData = names.MasterData }));
            }
        }

        return texts;
    }

    private static List<string> OfJson(byte[] document)
    {
        JsonElement root = JsonDocument.Parse(document).RootElement;
        PrefixScope scope = PrefixScope.Standard.Enter(root.GetProperty("@context"), "", out _);
        JsonElement body = root.GetProperty("epcisBody");
        if (body.TryGetProperty("queryResults", out JsonElement results)) body = results.GetProperty("resultsBody");
        return [.. body.GetProperty("eventList").EnumerateArray().Select(e => Text(e, scope, HashRules.Json))];
    }

    private static string Text(JsonElement element, PrefixScope outer, HashRules rules)
    {
        PrefixScope scope = element.TryGetProperty("@context", out JsonElement context)
            ? outer.Enter(context, "", out _)
            : outer;
        return EventHash.PreHash(element, scope, new Identifiers(), rules);
    }
}
