using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Traceability.Epcis;
using Xunit;
using Xunit.Abstractions;

namespace Services.Tests.Traceability.Epcis;

/// <summary>The one pass of the reader against a library's reading of the schemas.</summary>
public sealed class SchemaTests(ITestOutputHelper output)
{
    private const int Changed = 6000;

    // What the schema can't say: which days exist, what comes first, what is in a context.
    private static readonly string[] BesideTheSchema =
        ["sensor-interval", "context-form", "context-unsupported", "context-redefines", "context-unknown"];

    // Where EPCIS 2.0 says more than GS1's schema does.
    private static readonly string[] BeyondGs1 =
    [
        .. BesideTheSchema, "quantity-negative", "uom-without-quantity", "event-type-unknown", "number-range",
        "uri-form"
    ];

    [Fact]
    public void Published_events_meet_the_schema()
    {
        string[] verdicts = Oracles.Run("schema.mjs", EpcisDocuments.Schema.ToArray(),
            Mutants.Published.Select(one => Encoding.UTF8.GetString(one.Body.Span)));
        verdicts[..^1].ShouldAllBe(verdict => verdict == "1");
        Mutants.Published.Count.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void The_reader_and_the_schema_agree_about_changed_events()
    {
        (string Json, EpcisProblem? Problem)[] cases = Cases(20261122);
        string[] verdicts = Oracles.Run("schema.mjs", EpcisDocuments.Schema.ToArray(), cases.Select(c => c.Json));
        int valid = 0;
        for (int i = 0; i < cases.Length; i++)
        {
            if (cases[i].Problem is { } problem && BesideTheSchema.Contains(problem.Code)) continue;
            bool expected = verdicts[i] == "1";
            (cases[i].Problem is null).ShouldBe(expected, $"{cases[i].Problem}\n{cases[i].Json}");
            if (expected) valid++;
        }

        output.WriteLine($"{cases.Length} changed events, {valid} of them still valid: reader and schema agree");
        valid.ShouldBeInRange(Changed / 20, Changed * 19 / 20);
    }

    /// <summary>Their schema is read where it lies beside the repository; each difference has its reason.</summary>
    [Fact]
    public void The_reader_and_GS1s_schema_differ_only_where_the_standard_asks_for_it()
    {
        if (GivenDocuments.Gs1File("EPCIS-JSON-Schema.json") is not { } schema)
        {
            output.WriteLine("GS1's schema is not available");
            return;
        }

        (string Json, EpcisProblem? Problem)[] cases = Cases(42);
        string[] verdicts = Oracles.Run("schema.mjs", schema, cases.Select(c => WithContext(c.Json)));
        var stricter = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int same = 0, wider = 0;
        for (int i = 0; i < cases.Length; i++)
        {
            bool theirs = verdicts[i] == "1";
            EpcisProblem? problem = cases[i].Problem;
            if (theirs == problem is null) same++;
            else if (theirs && IsStricterByTheStandard(problem!)) Add(stricter, problem!.Code);
            else if (!theirs && IsWiderByTheStandard(cases[i].Json)) wider++;
            else Assert.Fail($"GS1's schema says {theirs}, the reader {problem}\n{cases[i].Json}");
        }

        output.WriteLine($"{cases.Length} changed events: {same} judged alike, {stricter.Values.Sum()} refused by " +
            $"the text of the standard ({string.Join(", ", stricter)}), {wider} accepted by it");
    }

    [Fact]
    public void An_event_of_ten_items_is_read_within_its_budget()
    {
        byte[] document = Captures.Document(events: 100, epcs: 10);
        double own = Microseconds(() => EpcisDocuments.ReadJson(document).IsValid.ShouldBeTrue(), rounds: 50) / 100;
        byte[] xml = EpcisDocuments.WriteXml(
            EpcisDocuments.ReadJson(document).Events.Select(one => one.Body), DateTimeOffset.UnixEpoch);
        double ownXml = Microseconds(() => EpcisDocuments.ReadXml(xml).IsValid.ShouldBeTrue(), rounds: 20) / 100;
        string[] verdicts = Oracles.Run("schema.mjs", EpcisDocuments.Schema.ToArray(), EpcisDocuments.ReadJson(document)
            .Events.Select(one => Encoding.UTF8.GetString(one.Body.Span)));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"read, checked and hashed in {own:F1} µs an event, from XML in {ownXml:F1} µs; " +
            $"the library's schema check alone: {verdicts[^1]} µs"));

        // The aim is 100 µs on an idle machine; the test only catches another order of magnitude.
        own.ShouldBeLessThan(1000);
    }

    /// <summary>parentID may be missing in OBSERVE only (§7.4.3); times have seconds (xsd:dateTimeStamp); bare names in
    /// places mean nothing in JSON-LD.</summary>
    private static bool IsStricterByTheStandard(EpcisProblem problem) =>
        BeyondGs1.Contains(problem.Code)
        || (problem is { Code: "member-missing", Path: "" }
            && problem.Detail.StartsWith("parentID", StringComparison.Ordinal))
        || problem.Code == "time-form"
        || (problem.Code == "member-unknown"
            && (problem.Path.StartsWith("/readPoint/", StringComparison.Ordinal)
                || problem.Path.StartsWith("/bizLocation/", StringComparison.Ordinal)));

    private static bool IsWiderByTheStandard(string json)
    {
        var one = (JsonObject)JsonNode.Parse(json)!;
        bool persistent = one.ContainsKey("persistentDisposition")
            && (string?)one["type"] is "AggregationEvent" or "AssociationEvent" or "TransactionEvent";
        return persistent || one.ContainsKey("sensorElementList");
    }

    private static void Add(SortedDictionary<string, int> counts, string code) =>
        counts[code] = counts.GetValueOrDefault(code) + 1;

    private static (string Json, EpcisProblem? Problem)[] Cases(int seed)
    {
        var mutants = new Mutants(seed);
        return
        [
            .. Enumerable.Range(0, Changed).Select(_ => mutants.Next())
                .Select(one => (one.ToJsonString(), Problem(one)))
        ];
    }

    private static string WithContext(string json)
    {
        var one = (JsonObject)JsonNode.Parse(json)!;
        one["@context"] = new JsonArray(EpcisDocuments.ContextUri);
        return one.ToJsonString();
    }

    private static double Microseconds(Action action, int rounds)
    {
        action();
        double best = double.MaxValue;
        for (int i = 0; i < rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return best;
    }

    private static EpcisProblem? Problem(JsonObject json) => EpcisDocuments
        .ReadJson(Encoding.UTF8.GetBytes($"[{json.ToJsonString()}]"), new EpcisLimits(CheckIds: false))
        .Problems.FirstOrDefault();
}
