using System.Text;
using System.Text.Json;
using Shouldly;
using Traceability.Epcis;
using Xunit;
using Xunit.Abstractions;

namespace Services.Tests.Traceability.Epcis;

/// <summary>An event keeps its hash and its facts from JSON to XML and back.</summary>
public sealed class XmlWritingTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 10, 0, 0, TimeSpan.Zero);
    private static readonly EpcisLimits AnyIds = new(CheckIds: false);

    [Fact]
    public void Published_events_keep_their_hash_through_xml()
    {
        EpcisEvent[] events = [.. Mutants.Published.Select(one => EpcisDocuments
            .ReadJson(Encoding.UTF8.GetBytes($"[{Encoding.UTF8.GetString(one.Body.Span)}]"), AnyIds).Events.Single())];
        int apart = 0;
        GivenDocuments.Count(output, "events through XML", events.Select((one, i) => ($"{i}", (Func<string?>)(() =>
        {
            EpcisEvent? back = Through(one, out string problems);
            if (back is null) return problems;
            if (back.Hash == one.Hash) return Facts(back) == Facts(one) ? null : $"{Facts(one)}\n{Facts(back)}";
            apart++;
            return NamesDiffer(one) ? null : Encoding.UTF8.GetString(one.Body.Span);
        })))).ShouldBe(0);
        output.WriteLine($"  {apart} of them hash otherwise in XML, where cbvmda and CURIEs in values are other names");
    }

    [Fact]
    public void Changed_events_that_are_still_valid_can_be_written_as_xml_and_read_back()
    {
        var mutants = new Mutants(7);
        int written = 0;
        for (int i = 0; i < 1500; i++)
        {
            byte[] json = Encoding.UTF8.GetBytes($"[{mutants.Next().ToJsonString()}]");
            if (EpcisDocuments.ReadJson(json, AnyIds).Items[0].Event is not { } one) continue;
            EpcisEvent? back = Through(one, out string problems);
            back.ShouldNotBeNull($"{problems}\n{Encoding.UTF8.GetString(one.Body.Span)}");
            Facts(back).ShouldBe(Facts(one));
            written++;
        }

        written.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void A_query_document_is_read_back()
    {
        byte[] xml = EpcisDocuments.WriteXmlQuery(
            Mutants.Published.Select(one => one.Body), "SimpleEventQuery", "s-1", Now);
        Reading reading = EpcisDocuments.ReadXml(xml, AnyIds);
        reading.Problems.ShouldBeEmpty();
        reading.Items.Count.ShouldBe(Mutants.Published.Count);
    }

    private static EpcisEvent? Through(EpcisEvent one, out string problems)
    {
        byte[] xml = EpcisDocuments.WriteXml([one.Body], Now);
        Reading reading = EpcisDocuments.ReadXml(xml, AnyIds);
        problems = string.Join("; ", reading.Problems) + Encoding.UTF8.GetString(xml);
        return reading.IsValid ? reading.Events.Single() : null;
    }

    /// <summary>Everything but the text; XML gives the lists another order among themselves.</summary>
    private static string Facts(EpcisEvent one) => JsonSerializer.Serialize(one with
    {
        Body = default,
        Hash = "",
        Epcs = [.. one.Epcs.OrderBy(epc => epc.Role)],
        Quantities = [.. one.Quantities.OrderBy(quantity => quantity.Role)]
    });

    private static bool NamesDiffer(EpcisEvent one)
    {
        string body = Encoding.UTF8.GetString(one.Body.Span);
        string[] marks = ["cbvmda:", "\":\"example:", "\":\"rail:", "\":\"ext1:"];
        return marks.Any(mark => body.Contains(mark, StringComparison.Ordinal));
    }
}
