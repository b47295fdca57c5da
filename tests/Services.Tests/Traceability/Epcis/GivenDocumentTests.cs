using Shouldly;
using Traceability.Epcis;
using Xunit;
using Xunit.Abstractions;

namespace Services.Tests.Traceability.Epcis;

/// <summary>Every published document is read as its publisher says.</summary>
public sealed class GivenDocumentTests(ITestOutputHelper output)
{
    // Their asset id 8003/030013450007718765 does not begin with zero, or has a wrong check digit.
    private static readonly string[] WithUnsoundIds =
    [
        "1.2/EPCIS/XML/Capture/Documents/All_eventTypes_in_single_document.xml",
        "2.0/EPCIS/XML/Capture/Documents/Combination_of_different_event.xml",
        "2.0/EPCIS/XML/Capture/Documents/SensorData_with_combined_events.xml",
        "2.0/EPCIS/XML/Query/Combination_of_different_event.xml",
        "2.0/EPCIS/XML/Query/SensorData_with_combined_events.xml",
        "2.0/EPCIS/XML/Query/queryDocument.xml",
        "2.0/EPCIS/XML/Query/Documents/QueryResultsDocument.xml",
        "2.0/EPCIS/JSON/Capture/Documents/Combination_of_different_event.json",
        "2.0/EPCIS/JSON/Capture/Documents/SensorData_with_combined_events.json",
        "2.0/EPCIS/JSON/Query/Combination_of_different_event.json",
        "2.0/EPCIS/JSON/Query/SensorData_with_combined_events.json",
        "2.0/EPCIS/JSON/Query/queryDocument.json"
    ];

    private static readonly EpcisLimits AnyIds = new(CheckIds: false);

    [Fact]
    public void Documents_whose_ids_are_unsound_are_refused_for_that_alone()
    {
        foreach (string path in WithUnsoundIds)
        {
            Reading reading = Read(path, GivenDocuments.OpenEpcis[path], EpcisLimits.Default);
            reading.IsValid.ShouldBeFalse();
            reading.Problems.ShouldAllBe(p => p.Code == "gs1-id");
        }
    }

    [Fact]
    public void Valid_json_of_OpenEPCIS_is_read() =>
        Check("OpenEPCIS JSON", OpenEpcis(".json", invalid: false), valid: true, known: 35);

    [Fact]
    public void Invalid_json_of_OpenEPCIS_is_refused() =>
        Check("OpenEPCIS invalid JSON", OpenEpcis(".json", invalid: true), valid: false, known: 11);

    [Fact]
    public void Valid_json_of_the_event_hash_is_read() => Check("event hash JSON", GivenDocuments.EventHash
        .Where(f => f.Key.EndsWith(".jsonld", StringComparison.Ordinal)), valid: true, known: 13);

    [Fact]
    public void Valid_json_of_GS1_is_read() => Check("GS1 JSON-LD", GivenDocuments.Gs1("JSON", ".jsonld"), valid: true);

    [Fact]
    public void Valid_xml_of_OpenEPCIS_is_read() =>
        Check("OpenEPCIS XML", OpenEpcis(".xml", invalid: false), valid: true, known: 47);

    [Fact]
    public void Invalid_xml_of_OpenEPCIS_is_refused() =>
        Check("OpenEPCIS invalid XML", OpenEpcis(".xml", invalid: true), valid: false, known: 5);

    [Fact]
    public void Valid_xml_of_the_event_hash_is_read() => Check("event hash XML", GivenDocuments.EventHash
        .Where(f => f.Key.EndsWith(".xml", StringComparison.Ordinal)), valid: true, known: 18);

    [Fact]
    public void Valid_xml_of_GS1_is_read() => Check("GS1 XML", GivenDocuments.Gs1("XML", ".xml")
        .Where(f => !HoldsNoEvents(f.Key)), valid: true);

    [Fact]
    public void Documents_of_GS1_without_events_are_no_event_documents() => Check("GS1 XML of other kinds",
        GivenDocuments.Gs1("XML", ".xml").Where(f => HoldsNoEvents(f.Key)), valid: false);

    /// <param name="title">What is printed.</param>
    /// <param name="files">The documents.</param>
    /// <param name="valid">Whether each is to be read or refused.</param>
    /// <param name="known">How many there are of a copied set; null for GS1's own, which lie beside the project or not.</param>
    private void Check(string title, IEnumerable<KeyValuePair<string, byte[]>> files, bool valid, int? known = null)
    {
        KeyValuePair<string, byte[]>[] given = [.. files];
        if (known is { } count)
            given.Length.ShouldBe(count, $"{title}: every copied document is found");
        else if (!GivenDocuments.HasGs1)
        {
            output.WriteLine($"{title}: not available");
            return;
        }
        given.ShouldNotBeEmpty(title);
        GivenDocuments.Count(
            output, title, given.Select(f => (f.Key, (Func<string?>)(() => Fault(f.Value, valid, f.Key))))).ShouldBe(0);
    }

    private static string? Fault(byte[] text, bool valid, string name)
    {
        Reading reading = Read(name, text, WithUnsoundIds.Contains(name) ? AnyIds : EpcisLimits.Default);
        if (reading.IsValid == valid) return null;
        return valid ? string.Join("; ", reading.Problems) : "was accepted";
    }

    private static Reading Read(string name, byte[] text, EpcisLimits limits) =>
        name.EndsWith(".xml", StringComparison.Ordinal)
            ? EpcisDocuments.ReadXml(text, limits)
            : EpcisDocuments.ReadJson(text, limits);

    private static bool HoldsNoEvents(string path) =>
        path.EndsWith("Example-CaptureJobRunning.xml", StringComparison.Ordinal)
        || path.EndsWith("Example-masterData.xml", StringComparison.Ordinal);

    /// <summary>Their documents with events; the folders Queries hold requests.</summary>
    private static IEnumerable<KeyValuePair<string, byte[]>> OpenEpcis(string ending, bool invalid) =>
        GivenDocuments.OpenEpcis.Where(f => f.Key.EndsWith(ending, StringComparison.Ordinal)
            && f.Key.Contains("/Invalid/", StringComparison.Ordinal) == invalid
            && !f.Key.Contains("/Queries/", StringComparison.Ordinal));
}
