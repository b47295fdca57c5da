using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Traceability.Epcis;
using Xunit;
using Xunit.Abstractions;

namespace Services.Tests.Traceability.Epcis;

/// <summary>The JSON-LD that EPCIS needs, against the jsonld library.</summary>
public sealed class LinkedDataTests(ITestOutputHelper output)
{
    [Fact]
    public void Published_documents_expand_as_the_library_expands_them() =>
        Compare("own context", Encoding.UTF8.GetBytes(EpcisDocuments.Context)).ShouldBe(0);

    [Fact]
    public void The_context_means_what_GS1s_means()
    {
        byte[]? context = GivenDocuments.Gs1File("epcis-context.jsonld");
        if (context is not null) Compare("GS1's context", context).ShouldBe(0);
        else output.WriteLine("GS1's context is not available");
    }

    private int Compare(string title, byte[] context)
    {
        (string Name, byte[] Text)[] documents =
        [
            .. GivenDocuments.OpenEpcis.Concat(GivenDocuments.EventHash).Concat(GivenDocuments.Gs1("JSON", ".jsonld"))
                .Where(f => f.Key.Contains(".json", StringComparison.Ordinal))
                .Where(f => EpcisDocuments.ReadJson(f.Value, new EpcisLimits(CheckIds: false)).Problem is null)
                .Select(f => (f.Key, f.Value)),
            .. Mutants.Published.Select((one, i) => ($"event {i}", Encoding.UTF8.GetBytes(Standalone(one))))
        ];
        string[] expected = Oracles.Run("expand.mjs", context,
            documents.Select(d => JsonNode.Parse(d.Text)!.ToJsonString()));
        int refused = 0;
        int failed = GivenDocuments.Count(output, title, documents.Select((d, i) => (d.Name, (Func<string?>)(() =>
        {
            if (!expected[i].StartsWith('"')) return Difference(EpcisDocuments.Expand(d.Text), expected[i]);

            // OpenEPCIS gives cbvmda another meaning than the protected one, which the reader lets pass.
            refused++;
            return expected[i] == "\"protected term redefinition\"" ? null : expected[i];
        }))));
        output.WriteLine($"  {refused} of them refused by the library: they redefine a protected term");
        return failed;
    }

    private static string Standalone(EpcisEvent one)
    {
        var json = (JsonObject)JsonNode.Parse(one.Body.Span)!;
        var contexts = new JsonArray(EpcisDocuments.ContextUri);
        foreach (JsonNode? added in json["@context"] as JsonArray ?? []) contexts.Add(added!.DeepClone());
        json["@context"] = contexts;
        return json.ToJsonString();
    }

    private static string? Difference(byte[] found, string expected)
    {
        string own = Canonical(JsonNode.Parse(found)), theirs = Canonical(JsonNode.Parse(expected));
        if (own == theirs) return null;
        int at = own.AsSpan().CommonPrefixLength(theirs);
        return $"…{own.AsSpan(Math.Max(0, at - 80), Math.Min(200, own.Length - Math.Max(0, at - 80)))}\n    theirs …" +
            $"{theirs.AsSpan(Math.Max(0, at - 80), Math.Min(200, theirs.Length - Math.Max(0, at - 80)))}";
    }

    /// <summary>Members and values in one order, numbers in one notation.</summary>
    private static string Canonical(JsonNode? node) => node switch
    {
        JsonObject one => "{" + string.Join(",", one.OrderBy(m => m.Key, StringComparer.Ordinal)
            .Select(m => $"{m.Key}:{Canonical(m.Value)}")) + "}",
        JsonArray list => "[" + string.Join(",", list.Select(Canonical).Order(StringComparer.Ordinal)) + "]",
        JsonValue value when value.GetValueKind() == JsonValueKind.Number =>
            double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture)
                .ToString("R", CultureInfo.InvariantCulture),
        null => "null",
        _ => node.ToJsonString()
    };
}
