using System.Net;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Traceability.Epcis;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <content>Order, pages, forms and limits of what is answered.</content>
public sealed partial class QueryTests
{
    [Theory]
    [InlineData("eventTime", "ASC")]
    [InlineData("eventTime", "DESC")]
    [InlineData("recordTime", "DESC")]
    public async Task Pages_hold_every_event_once_and_in_order(string order, string direction)
    {
        HttpClient dealer = await _services.AsAsync("dealer");
        string[] epcs = [.. Enumerable.Range(0, 7).Select(_ => Events.Item(Events.NewSerial()))];
        for (int i = 0; i < epcs.Length; i++)
            await CaptureAsync(dealer, [Events.Object([epcs[i]], time: $"2026-10-{10 + i * 3 % 7}T00:00:00.000Z")]);
        string match = string.Join('|', epcs.Select(Uri.EscapeDataString));
        string? next = $"epcis/v2/events?MATCH_epc={match}&orderBy={order}&orderDirection={direction}&perPage=3";
        List<JsonObject> all = [];
        while (next is not null)
        {
            using HttpResponseMessage response = await dealer.GetAsync(next);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            all.AddRange(Events.Of(await RunningServices.JsonAsync(response)));
            next = response.Headers.TryGetValues("Link", out var link) ? link.Single().Split('<', '>')[1] : null;
            all.Count.ShouldBeLessThanOrEqualTo(7);
        }
        all.Count.ShouldBe(7);
        string[] keys = [.. all.Select(e => e[order]!.GetValue<string>())];
        keys.ShouldBe(direction == "ASC" ? keys.Order(StringComparer.Ordinal) : keys.OrderDescending(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_poll_in_xml_is_answered_by_query_results()
    {
        HttpClient dealer = await _services.AsAsync("dealer");
        string epc = Events.Item(Events.NewSerial());
        await CaptureAsync(dealer, [Events.Object([epc]), Events.Object([epc], time: "2026-11-02T08:00:00.000+08:00")]);
        string match = $"<param><name>MATCH_epc</name><value><string>{epc}</string></value></param>";
        (HttpStatusCode status, string xml) = await PollAsync("SimpleEventQuery", match);
        status.ShouldBe(HttpStatusCode.OK, xml);
        EpcisDocuments.ReadXml(System.Text.Encoding.UTF8.GetBytes(xml)).Events.Count().ShouldBe(2);
        xml.ShouldContain("QueryResults");
        (await PollAsync("SimpleEventQuery", match + "<param><name>eventCountLimit</name><value>1</value></param>"))
            .Text.Split("<ObjectEvent").Length.ShouldBe(2);
        (await PollAsync("SimpleEventQuery", match + "<param><name>maxEventCount</name><value>1</value></param>"))
            .Text.ShouldContain("query-too-large");
        (await PollAsync("SimpleEventQuery", "<param><name>GE_eventDate</name><value/></param>"))
            .Text.ShouldContain("GE_eventDate");
        (HttpStatusCode refused, string reason) = await PollAsync("SimpleMasterDataQuery", "");
        (refused, reason.Contains("epcisException:ImplementationException", StringComparison.Ordinal))
            .ShouldBe((HttpStatusCode.NotImplemented, true), "the standard has it and this has not");
        (await PollAsync("nobody-named-it", "")).Status.ShouldBe(HttpStatusCode.NotFound);
        using HttpResponseMessage named = await dealer.PostAsync("epcis/v2/queries", RunningServices.Json(
            $$$"""{"name":"polled","query":{"MATCH_epc":["{{{epc}}}"]}}"""));
        named.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await PollAsync("polled", "")).Text.Split("<ObjectEvent").Length.ShouldBe(3);

        async Task<(HttpStatusCode Status, string Text)> PollAsync(string query, string parameters)
        {
            using StringContent body = new(
                $"<q:EPCISQueryDocument xmlns:q=\"urn:epcglobal:epcis-query:xsd:2\" schemaVersion=\"2.0\"><EPCISBody><q:Poll>"
                + $"<queryName>{query}</queryName><params>{parameters}</params></q:Poll></EPCISBody></q:EPCISQueryDocument>",
                System.Text.Encoding.UTF8, "application/xml");
            using HttpResponseMessage answer = await dealer.PostAsync("epcis/v2/queries", body);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_page_token_is_bound_to_its_query_and_can_be_revoked()
    {
        HttpClient farm = await FarmAsync();
        using HttpResponseMessage first = await farm.GetAsync("epcis/v2/events?EQ_action=ADD&perPage=1");
        string next = first.Headers.GetValues("Link").Single().Split('<', '>')[1];
        string token = next.Split("nextPageToken=")[1];
        first.Headers.Contains("GS1-Next-Page-Token-Expires").ShouldBeTrue();
        (await farm.GetAsync($"epcis/v2/events?EQ_action=OBSERVE&nextPageToken={token}")).StatusCode
            .ShouldBe(HttpStatusCode.BadRequest);
        (await farm.GetAsync($"epcis/v2/events?EQ_action=ADD&nextPageToken={token[..^2]}AA")).StatusCode
            .ShouldBe(HttpStatusCode.BadRequest);
        (await farm.GetAsync(next)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await farm.DeleteAsync($"epcis/v2/nextPageToken/{token}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await farm.GetAsync(next)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Events_are_ordered_by_an_extension_over_pages_with_those_without_it_last()
    {
        HttpClient maker = await _services.AsAsync("maker");
        int?[] batches = [10, 9, null, 100, 11];
        string[] epcs = [.. batches.Select(_ => Events.Item(Events.NewSerial()))];
        await CaptureAsync(maker, batches.Select((batch, i) =>
        {
            JsonObject e = Labelled(Events.Object([epcs[i]]), $"{batch}");
            if (batch is not null)
                e["example:batch"] = batch;
            return e;
        }));
        foreach ((string direction, string expected) in new[] { ("ASC", "9 10 11 100 "), ("DESC", "100 11 10 9 ") })
        {
            string? next = $"epcis/v2/events?MATCH_epc={string.Join('|', epcs.Select(Uri.EscapeDataString))}"
                + $"&orderBy=example:batch&orderDirection={direction}&perPage=2";
            List<string> labels = [];
            while (next is not null)
            {
                using HttpResponseMessage response = await maker.GetAsync(next);
                response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
                labels.AddRange(Events.Of(await RunningServices.JsonAsync(response)).Select(e => (string)e["example:label"]!));
                next = response.Headers.TryGetValues("Link", out var link) ? link.Single().Split('<', '>')[1] : null;
            }
            string.Join(' ', labels).ShouldBe(expected);
        }
    }

    [Fact]
    public async Task An_answer_in_XML_says_what_the_one_in_JSON_says()
    {
        HttpClient farm = await FarmAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "epcis/v2/events?perPage=100");
        request.Headers.Accept.ParseAdd("application/xml, application/json;q=0.5");
        using HttpResponseMessage response = await farm.SendAsync(request);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/xml");
        Reading xml = EpcisDocuments.ReadXml(await response.Content.ReadAsByteArrayAsync());
        xml.IsValid.ShouldBeTrue(string.Join(' ', xml.Problems));
        Reading json = EpcisDocuments.ReadJson(await farm.GetByteArrayAsync("epcis/v2/events?perPage=100"));
        xml.Items.Count.ShouldBe(json.Items.Count);
        foreach ((ReadingItem x, ReadingItem j) in xml.Items.Zip(json.Items))
        {
            x.Event!.Epcs.ShouldBe(j.Event!.Epcs);
            (x.Event.EventId, x.Event.EventTime, x.Event.BizStep).ShouldBe((j.Event.EventId, j.Event.EventTime, j.Event.BizStep));
        }
        using HttpRequestMessage neither = new(HttpMethod.Get, "epcis/v2/events");
        neither.Headers.Accept.ParseAdd("text/csv");
        (await farm.SendAsync(neither)).StatusCode.ShouldBe(HttpStatusCode.NotAcceptable);
    }

    [Theory]
    [InlineData(null, "Never_Translates", "urn:epc:id:sgtin:6901234.056789.")]
    [InlineData("No_Preference", "Never_Translates", "urn:epc:id:sgtin:6901234.056789.")]
    [InlineData("Always_GS1_Digital_Link", "Always_GS1_Digital_Link", "https://id.gs1.org/01/06901234567892/21/")]
    [InlineData("Always_EPC_URN", null, null)]
    public async Task Ids_are_written_as_the_request_asks(string? asked, string? format, string? stem)
    {
        HttpClient maker = await _services.AsAsync("maker");
        string serial = Events.NewSerial();
        await CaptureAsync(maker, [Events.Object([$"urn:epc:id:sgtin:6901234.056789.{serial}"])]);
        using HttpRequestMessage request = new(
            HttpMethod.Get, $"epcis/v2/events?MATCH_epc={Uri.EscapeDataString(Events.Item(serial))}");
        if (asked is not null)
            request.Headers.Add("GS1-EPC-Format", asked);
        using HttpResponseMessage response = await maker.SendAsync(request);
        if (format is null)
        {
            response.StatusCode.ShouldBe(HttpStatusCode.NotAcceptable);
            return;
        }
        response.Headers.GetValues("GS1-EPC-Format").ShouldBe([format]);
        Events.Of(await RunningServices.JsonAsync(response)).Single()["epcList"]![0]!.GetValue<string>()
            .ShouldBe(stem + serial);
    }

    [Fact]
    public async Task Words_in_xml_extensions_and_what_is_missing_are_told_by_headers()
    {
        HttpClient farm = await FarmAsync();
        using HttpResponseMessage web = await AskAsync("events", ("Accept", "application/xml"),
            ("GS1-CBV-XML-Format", "Always_Web_URI"), ("GS1-Extensions", "fit=https://ns.example.com/fit/, not one"));
        web.StatusCode.ShouldBe(HttpStatusCode.OK);
        web.Headers.GetValues("GS1-CBV-XML-Format").ShouldBe(["Always_Web_URI"]);
        web.Headers.GetValues("GS1-Extensions").ShouldBe(["fit=https://ns.example.com/fit/"]);
        await RefusedAsync(AskAsync("events", ("Accept", "application/xml"), ("GS1-CBV-XML-Format", "Always_URN")),
            HttpStatusCode.NotAcceptable, "epcisException:NotAcceptableException");
        await RefusedAsync(AskAsync("queries/any/events?stream=true", ("Connection", "Upgrade"), ("Upgrade", "websocket")),
            HttpStatusCode.NotImplemented, "epcisException:ImplementationException");
        await RefusedAsync(AskAsync("queries/SimpleMasterDataQuery/events"),
            HttpStatusCode.NotImplemented, "epcisException:ImplementationException");

        async Task<HttpResponseMessage> AskAsync(string path, params (string Name, string Value)[] headers)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"epcis/v2/{path}");
            foreach ((string name, string value) in headers)
                request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
            return await farm.SendAsync(request);
        }

        static async Task RefusedAsync(Task<HttpResponseMessage> asked, HttpStatusCode status, string exception)
        {
            using HttpResponseMessage answer = await asked;
            answer.StatusCode.ShouldBe(status);
            (await RunningServices.JsonAsync(answer))["exception"]!.GetValue<string>().ShouldBe(exception);
        }
    }

    [Fact]
    public async Task Limits_on_the_count_hold()
    {
        HttpClient farm = await FarmAsync();
        (await QueryAsync(farm, "events?EQ_action=ADD&eventCountLimit=1")).Count.ShouldBe(1);
        (await farm.GetAsync("epcis/v2/events?EQ_action=ADD&maxEventCount=1")).StatusCode
            .ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await QueryAsync(farm, "events?EQ_action=ADD&maxEventCount=2")).Count.ShouldBe(2);
    }
}
