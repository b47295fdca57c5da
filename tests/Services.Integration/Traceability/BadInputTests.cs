using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Services.Integration.Traceability;

/// <summary>Hostile input over HTTP: each gets a problem with a code and in words, and nothing of it is captured.</summary>
public sealed class BadInputTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private const string Json = "application/json", Xml = "application/xml";
    private static readonly string Document = Events.Document([Events.Object([Events.Item("BADINPUT2")])]);
    private readonly RunningTraceability _services = fixture.Services;

    private const string XmlEvent =
        "<ObjectEvent><eventTime>2026-11-01T01:00:00Z</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>"
        + "<epcList><epc>urn:epc:id:sgtin:6901234.056789.BADINPUT3</epc></epcList><action>OBSERVE</action></ObjectEvent>";

    private const string XmlStart =
        "<epcis:EPCISDocument xmlns:epcis=\"urn:epcglobal:epcis:xsd:2\" schemaVersion=\"2.0\" "
        + "creationDate=\"2026-11-01T00:00:00Z\"><EPCISBody><EventList>";

    private const string XmlEnd = "</EventList></EPCISBody></epcis:EPCISDocument>";

    public static TheoryData<string, string, string, int> Documents()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 5000));
        string laughs = "<!DOCTYPE l [<!ENTITY a0 \"ha\">"
            + string.Concat(Enumerable.Range(1, 30).Select(i => $"<!ENTITY a{i} \"&a{i - 1};&a{i - 1};\">")) + "]>";
        return new TheoryData<string, string, string, int>
        {
            { "JSON cut off after a good event", Json, Document[..^4], 400 },
            { "JSON with rubbish after a good event", Json, Document.Replace("]}}", ",}]}}", StringComparison.Ordinal), 400 },
            { "JSON with a NUL", Json, Document.Replace("inspecting", "inspec\\u0000ting", StringComparison.Ordinal), 400 },
            { "JSON with a name twice", Json, Document.Replace("\"action\"", "\"action\":\"ADD\",\"action\"", StringComparison.Ordinal), 400 },
            { "JSON too deep", Json, deep, 400 },
            { "JSON that is not UTF-8", Json, "\uFFFE", 400 },
            { "an empty body", Json, "", 400 },
            { "XML cut off after a good event", Xml, XmlStart + XmlEvent + "<ObjectEv", 400 },
            { "XML with an entity", Xml, "<!DOCTYPE d [<!ENTITY x \"y\">]>" + XmlStart + XmlEvent + XmlEnd, 400 },
            { "XML with an external entity", Xml, "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + XmlStart + XmlEvent + XmlEnd, 400 },
            { "XML with an external DTD", Xml, "<!DOCTYPE d SYSTEM \"http://127.0.0.1:1/d\">" + XmlStart + XmlEvent + XmlEnd, 400 },
            { "XML with a billion laughs", Xml, laughs + XmlStart + XmlEvent.Replace("OBSERVE", "&a30;", StringComparison.Ordinal) + XmlEnd, 400 },
            { "XML of unknown encoding", Xml, "<?xml version='1.0' encoding='none'?>" + XmlStart + XmlEvent + XmlEnd, 400 },
            { "neither", "text/csv", "a,b", 415 },
            { "no type", "", Document, 415 },
            { "more than the limit", Json, "*huge", 413 },
            { "more events than the limit", Json, "*many", 400 },
        };
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task A_document_is_refused_whole_in_both_modes(string what, string type, string text, int status)
    {
        foreach (string mode in new[] { "rollback", "proceed" })
            await RefusedAsync($"{what}, {mode}", "epcis/v2/capture", type, text, status, mode);
        await RefusedAsync($"{what}, single", "epcis/v2/events", type, text, status, null);
    }

    [Theory]
    [InlineData("rollback", 0)]
    [InlineData("proceed", 2)]
    public async Task An_event_with_a_wrong_check_digit_is_named_and_the_rest_follows_the_mode(string mode, int captured)
    {
        HttpClient maker = await _services.AsAsync("maker");
        JsonObject job = await RunningTraceability.CaptureAsync(maker,
        [
            Events.Object([Events.Item(Events.NewSerial())]),
            Events.Object(["https://id.gs1.org/01/06901234567893/21/X"]), Events.Object([Events.Item(Events.NewSerial())]),
        ], mode);
        job["captured"]!.GetValue<int>().ShouldBe(captured);
        job["errors"]!.AsArray().Single()!["index"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task What_the_interface_does_not_take_is_told_by_its_status()
    {
        HttpClient maker = await _services.AsAsync("maker");
        using HttpResponseMessage put = await maker.PutAsync("epcis/v2/events", Json_());
        await IsProblemAsync(put, 405, "another method");
        put.Content.Headers.Allow.ShouldBe(["GET", "OPTIONS", "POST"], ignoreOrder: true);
        using HttpResponseMessage nowhere = await maker.PutAsync("epcis/v2/nothing", Json_());
        await IsProblemAsync(nowhere, 404, "no such address");
        using HttpResponseMessage empty = await maker.PostAsync("epcis/v2/capture", null);
        await IsProblemAsync(empty, 400, "no body");
        using StringContent zipped = Json_();
        zipped.Headers.ContentEncoding.Add("gzip");
        using HttpResponseMessage gzip = await maker.PostAsync("epcis/v2/capture", zipped);
        await IsProblemAsync(gzip, 415, "a compressed body");
        JsonNode.Parse(await gzip.Content.ReadAsStringAsync())!["code"]!.GetValue<string>().ShouldBe("body-encoding");

        static StringContent Json_() => new(Document, Encoding.UTF8, Json);
    }

    [Fact]
    public async Task An_event_of_too_many_statements_is_refused_by_name()
    {
        string text = Events.Single(Events.Object(Enumerable.Range(0, 66_000).Select(i => $"urn:example:{i}")));
        await RefusedAsync("too many items", "epcis/v2/events", Json, text, 400, null);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("..%5C..%5Cwindows")]
    [InlineData("/etc/passwd")]
    [InlineData("C:list.csv")]
    [InlineData("a%00.csv")]
    [InlineData("a%0D%0ASet-Cookie:x")]
    [InlineData("a%E2%80%AEvsc.exe")]
    [InlineData("a%E2%81%A6b")]
    [InlineData("*1000")]
    [InlineData("")]
    public async Task A_hostile_name_of_a_list_is_refused(string name)
    {
        string given = name == "*1000" ? new string('n', 1000) : name;
        object? before = await _services.ScalarAsync("select count(*) from store.events");
        HttpClient maker = await _services.AsAsync("maker");
        using HttpResponseMessage answer = await maker.PostAsync(
            $"codes/lists?kind=plain&name={given}", new StringContent("one\n", Encoding.UTF8, "text/csv"));
        await IsProblemAsync(answer, 400, name);
        (await _services.ScalarAsync("select count(*) from store.events")).ShouldBe(before);
    }

    [Theory]
    [InlineData("not a workbook", "PK\u0003\u0004rubbish")]
    [InlineData("no columns", "a,b\n1,2\n")]
    [InlineData("an open quote", "环节,时间\n\"采收,2026-03-21")]
    [InlineData("nothing", "")]
    public async Task A_hostile_sheet_is_refused_whole(string what, string text)
    {
        using ByteArrayContent content = new(Encoding.Latin1.GetBytes(text));
        if (!text.StartsWith("PK", StringComparison.Ordinal))
            content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        else
            content.Headers.ContentType = new("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
        content.Headers.ContentDisposition = new("attachment") { FileName = "\"../../x\u202evsc\"" };
        object? before = await _services.ScalarAsync("select count(*) from store.events");
        HttpClient farm = await _services.AsAsync("farm");
        using HttpResponseMessage answer = await farm.PostAsync("simple/sheets", content);
        await IsProblemAsync(answer, null, what);
        (await _services.ScalarAsync("select count(*) from store.events")).ShouldBe(before);
    }

    private async Task RefusedAsync(string what, string path, string type, string text, int status, string? mode)
    {
        HttpClient maker = await _services.AsAsync("maker");
        using ByteArrayContent content = new(text switch
        {
            "\uFFFE" => [0x7B, 0x22, 0xC3, 0x28, 0x22, 0x7D],
            "*huge" => Encoding.UTF8.GetBytes(Document + new string(' ', 17 << 20)),
            "*many" => Encoding.UTF8.GetBytes(Events.Document(
                Enumerable.Range(0, 2001).Select(i => Events.Object([Events.Item($"BADINPUT4-{i}")])))),
            _ => Encoding.UTF8.GetBytes(text),
        });
        if (type.Length > 0)
            content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = content };
        // So that a refusal by length comes before the body is on its way.
        request.Headers.ExpectContinue = true;
        if (mode is not null)
            request.Headers.Add("GS1-Capture-Error-Behaviour", mode);
        object? before = await _services.ScalarAsync(
            "select (select count(*) from epcis_events) || ' ' || (select count(*) from epcis_captures)");
        using HttpResponseMessage answer = await maker.SendAsync(request);
        await IsProblemAsync(answer, status, what);
        (await _services.ScalarAsync(
            "select (select count(*) from epcis_events) || ' ' || (select count(*) from epcis_captures)"))
            .ShouldBe(before, what);
    }

    private static async Task IsProblemAsync(HttpResponseMessage answer, int? status, string what)
    {
        string text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status ?? (int)answer.StatusCode, $"{what}: {text}");
        ((int)answer.StatusCode).ShouldBeInRange(400, 422, $"{what}: {text}");
        answer.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json", what);
        JsonNode problem = JsonNode.Parse(text)!;
        ((string?)problem["code"]).ShouldNotBeNullOrEmpty(what);
        ((string?)problem["detail"]).ShouldNotBeNullOrEmpty(what);
    }
}
