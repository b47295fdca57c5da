using Shouldly;
using Traceability.Epcis;
using Xunit;
using Xunit.Abstractions;

namespace Services.Tests.Traceability.Epcis;

/// <summary>Every published document is read as its publisher says.</summary>
public sealed class GivenDocumentTests(ITestOutputHelper output)
{
    [Fact]
    public void Valid_json_of_OpenEPCIS_is_read() => Check("OpenEPCIS JSON", GivenDocuments.OpenEpcis
        .Where(f => f.Key.EndsWith(".json", StringComparison.Ordinal) && !IsInvalid(f.Key) && !IsQuery(f.Key)), valid: true);

    [Fact]
    public void Invalid_json_of_OpenEPCIS_is_refused() => Check("OpenEPCIS invalid JSON", GivenDocuments.OpenEpcis
        .Where(f => f.Key.EndsWith(".json", StringComparison.Ordinal) && IsInvalid(f.Key) && !IsQuery(f.Key)), valid: false);

    [Fact]
    public void Valid_json_of_the_event_hash_is_read() => Check("event hash JSON", GivenDocuments.EventHash
        .Where(f => f.Key.EndsWith(".jsonld", StringComparison.Ordinal)), valid: true);

    [Fact]
    public void Valid_json_of_GS1_is_read() => Check("GS1 JSON-LD", GivenDocuments.Gs1("JSON", ".jsonld"), valid: true);

    private void Check(string title, IEnumerable<KeyValuePair<string, byte[]>> files, bool valid) =>
        GivenDocuments.Count(output, title, files.Select(f => (f.Key, (Func<string?>)(() => Fault(f.Value, valid, f.Key)))))
            .ShouldBe(0);

    private static string? Fault(byte[] text, bool valid, string name)
    {
        Reading reading = name.EndsWith(".xml", StringComparison.Ordinal)
            ? EpcisDocuments.ReadXml(text)
            : EpcisDocuments.ReadJson(text);
        if (reading.IsValid == valid) return null;
        return valid ? string.Join("; ", reading.Problems) : "was accepted";
    }

    private static bool IsInvalid(string path) => path.Contains("/Invalid/", StringComparison.Ordinal);

    private static bool IsQuery(string path) => path.Contains("/Queries/", StringComparison.Ordinal);
}
