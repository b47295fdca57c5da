using System.Text;
using Shouldly;
using Traceability.Epcis;
using Xunit;
using Xunit.Abstractions;

namespace Services.Tests.Traceability.Epcis;

/// <summary>Documents made to break a reader get a clear problem, and nothing of them is half read.</summary>
public sealed class HostileDocumentTests(ITestOutputHelper output)
{
    private const string Event = """
        "type":"ObjectEvent","eventTime":"2026-01-31T10:00:00Z","eventTimeZoneOffset":"+08:00","action":"OBSERVE"
        """;

    [Theory]
    [InlineData("{", "json-broken")]
    [InlineData("", "json-broken")]
    [InlineData("[] []", "json-broken")]
    [InlineData("[01]", "json-broken")]
    [InlineData("[{\"a\":1,\"a\":2}]", "json-duplicate-name")]
    [InlineData("[{\"a\":1,\"\\u0061\":2}]", "json-duplicate-name")]
    [InlineData("[{\"a\":\"\\ud800\"}]", "json-lone-surrogate")]
    [InlineData("[{\"a\":\"\\udc00\\ud800\"}]", "json-lone-surrogate")]
    [InlineData("[{\"\\ud800\":1}]", "json-lone-surrogate")]
    [InlineData("[{\"a\":\"\\u0000\"}]", "json-nul")]
    [InlineData("5", "document-type-unknown")]
    [InlineData("{\"type\":\"EPCISDocument\"}", "context-missing")]
    [InlineData("{\"@context\":[\"https://example.com/c\"],\"type\":\"ObjectEvent\"}", "context-unknown")]
    [InlineData("{\"@context\":{\"x\":\"urn:x:\"},\"type\":\"ObjectEvent\"}", "context-missing")]
    public void Json_that_is_no_document_is_refused_whole(string text, string code)
    {
        Reading reading = EpcisDocuments.ReadJson(Encoding.UTF8.GetBytes(text));
        reading.Problem.ShouldNotBeNull().Code.ShouldBe(code);
        reading.Items.ShouldBeEmpty();
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused() =>
        EpcisDocuments.ReadJson(new byte[] { (byte)'[', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)']' })
            .Problem.ShouldNotBeNull().Code.ShouldBe("json-not-utf8");

    [Fact]
    public void Json_broken_after_a_good_event_yields_nothing() =>
        EpcisDocuments.ReadJson(Encoding.UTF8.GetBytes($"[{{{Event},\"epcList\":[]}},{{")).Items.ShouldBeEmpty();

    [Fact]
    public void Xml_broken_after_a_good_event_yields_nothing()
    {
        string xml = Encoding.UTF8.GetString(
            GivenDocuments.OpenEpcis["2.0/EPCIS/XML/Capture/Documents/ObjectEvent.xml"]);
        int cut = xml.LastIndexOf("</ObjectEvent>", StringComparison.Ordinal) + "</ObjectEvent>".Length;
        Reading reading = EpcisDocuments.ReadXml(Encoding.UTF8.GetBytes(xml[..cut] + "<"));
        reading.Problem.ShouldNotBeNull().Code.ShouldBe("xml-broken");
        reading.Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>")]
    [InlineData("<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><a>&b;</a>")]
    [InlineData("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>")]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"http://127.0.0.1/\">]><a>&x;</a>")]
    [InlineData("<!DOCTYPE a PUBLIC \"p\" \"http://127.0.0.1/\"><a/>")]
    [InlineData("<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://127.0.0.1/\"> %p;]><a/>")]
    [InlineData("<!-- > --><!DOCTYPE a [<!ENTITY x \"y\">]><a/>")]
    public void Document_type_declarations_are_refused(string xml) =>
        EpcisDocuments.ReadXml(Encoding.UTF8.GetBytes(xml)).Problem.ShouldNotBeNull().Code.ShouldBe("xml-dtd");

    [Theory]
    [InlineData("<a>&undeclared;</a>", "xml-broken")]
    [InlineData("<a b='1' b='2'/>", "xml-broken")]
    [InlineData("<a/><b/>", "xml-broken")]
    [InlineData("<?xml version='1.0' encoding='nonsense'?><a/>", "xml-broken")]
    [InlineData("<a/>", "document-type-unknown")]
    public void Xml_that_is_no_document_is_refused_whole(string xml, string code) =>
        EpcisDocuments.ReadXml(Encoding.UTF8.GetBytes(xml)).Problem.ShouldNotBeNull().Code.ShouldBe(code);

    [Fact]
    public void Depth_size_and_number_are_limited()
    {
        var small = new EpcisLimits(Bytes: 4000, Events: 3, Depth: 20);
        byte[] deep = Bytes(new string('[', 2000) + new string(']', 2000));
        EpcisDocuments.ReadJson(deep, small).Problem!.Code.ShouldBe("json-too-deep");
        EpcisDocuments.ReadXml(Bytes(Deep(300)), small).Problem!.Code.ShouldBe("xml-too-deep");
        EpcisDocuments.ReadJson(new byte[4001], small).Problem!.Code.ShouldBe("document-too-large");
        EpcisDocuments.ReadXml(new byte[4001], small).Problem!.Code.ShouldBe("document-too-large");
        EpcisDocuments.ReadJson("[1,2,3,4]"u8.ToArray(), small).Problem!.Code.ShouldBe("too-many-events");
        EpcisDocuments.ReadXml(Bytes(Deep(200_000))).Problem!.Code.ShouldBe("xml-too-deep");
    }

    [Fact]
    public void An_xml_event_that_would_nest_too_deep_as_json_is_refused()
    {
        string inner = "<x/>";
        for (int i = 0; i < 40; i++) inner = $"<x>{inner}</x><x/>";
        string xml = $"<ObjectEvent><e:a xmlns:e='urn:e:'>{inner}</e:a></ObjectEvent>";
        EpcisDocuments.ReadXml(Bytes(xml)).Problems.Single().Code.ShouldBe("xml-too-deep");
    }

    [Fact]
    public void A_byte_order_mark_is_skipped() =>
        EpcisDocuments.ReadJson(Bytes($"\uFEFF[{{{Event},\"epcList\":[]}}]")).IsValid.ShouldBeTrue();

    [Fact]
    public void The_prefixes_of_a_document_are_limited()
    {
        string prefixes = string.Join(",", Enumerable.Range(0, 300).Select(i => $"\"p{i}\":\"urn:p:{i}:\""));
        string json = $$"""{"@context":["{{EpcisDocuments.ContextUri}}",{{{prefixes}}}],{{Event}},"epcList":[]}""";
        EpcisDocuments.ReadJson(Bytes(json)).Problems.Single().Code.ShouldBe("context-too-large");
        string elements = string.Concat(Enumerable.Range(0, 300).Select(i => $"<p:a xmlns:p='urn:p:{i}:'/>"));
        string xml = $"<ObjectEvent><eventTime>2026-01-31T10:00:00Z</eventTime>{elements}</ObjectEvent>";
        EpcisDocuments.ReadXml(Bytes(xml)).Problems.Single().Code.ShouldBe("context-too-large");
    }

    [Fact]
    public void Changed_bytes_never_break_the_reader()
    {
        var random = new Random(99);
        byte[][] documents = [.. GivenDocuments.OpenEpcis.Concat(GivenDocuments.EventHash)
            .Where(f => f.Value.Length < 20_000).Select(f => f.Value)];
        int refused = 0, events = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] text = Damage(documents[random.Next(documents.Length)], random);
            foreach (Reading reading in new[] { EpcisDocuments.ReadJson(text), EpcisDocuments.ReadXml(text) })
            {
                reading.Items.ShouldAllBe(item => (item.Event == null) != (item.Problem == null));
                if (reading.Problem is not null) reading.Items.ShouldBeEmpty();
                reading.Problems.ShouldAllBe(p => p.Code.Length > 0 && !p.Detail.Contains('\n'));
                refused += reading.IsValid ? 0 : 1;
                events += reading.Events.Count();
            }
        }

        output.WriteLine($"3000 damaged documents read both ways: {refused} refusals, {events} events still right");
        events.ShouldBeGreaterThan(0);
    }

    private static byte[] Damage(byte[] document, Random random)
    {
        var text = new List<byte>(document);
        for (int i = random.Next(1, 4); i > 0 && text.Count > 4; i--)
        {
            int at = random.Next(text.Count);
            switch (random.Next(4))
            {
                case 0:
                    text[at] = (byte)random.Next(256);
                    break;
                case 1:
                    text.RemoveRange(at, Math.Min(random.Next(1, 12), text.Count - at));
                    break;
                case 2:
                    text.Insert(at, (byte)"\"\\{}[]<>&;:, \n0e-"[random.Next(17)]);
                    break;
                default:
                    byte[] piece = [.. text.Skip(at).Take(random.Next(1, 40))];
                    text.InsertRange(random.Next(text.Count), piece);
                    break;
            }
        }

        return [.. text];
    }

    private static string Deep(int levels) =>
        string.Concat(Enumerable.Repeat("<a>", levels)) + string.Concat(Enumerable.Repeat("</a>", levels));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
