using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;

namespace Services.Integration.Traceability;

/// <content>Complaints by a plain form.</content>
public sealed partial class ScanningTests
{
    [Fact]
    public async Task A_complaint_is_recorded_with_its_photo_and_read_by_the_producer_alone()
    {
        HttpClient farm = await FarmAsync();
        byte[] png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 9];
        MultipartFormDataContent Form(string text, byte[] photo) => new()
        {
            { new StringContent($"/01/{Gtin}/21/BAD1"), "key" }, { new StringContent("en"), "lang" },
            { new StringContent(text), "text" }, { new StringContent(""), "contact" },
            { new ByteArrayContent(photo) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } }, "photo", "../../etc/x.png" },
        };
        (await Running.Open.PostAsync("complaints", Form("", png))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Running.Open.PostAsync("complaints", Form("text", [1, 2, 3]))).StatusCode
            .ShouldBe(HttpStatusCode.UnprocessableEntity);
        HttpResponseMessage filed = await Running.Open.PostAsync("complaints", Form("The seal was open.", png));
        filed.StatusCode.ShouldBe(HttpStatusCode.SeeOther, "reloading the answer files nothing");
        string page = await Running.Open.GetStringAsync(filed.Headers.Location);
        string number = Number().Match(page).Value;

        JsonNode mine = JsonNode.Parse(await farm.GetStringAsync("complaints"))![0]!;
        ((string)mine["number"]!).ShouldBe(number);
        ((string)mine["words"]!).ShouldBe("The seal was open.");
        (await farm.GetByteArrayAsync($"complaints/{number}/photo")).ShouldBe(png);
        (await (await Running.AsAsync("maker")).GetAsync($"complaints/{number}/photo")).StatusCode
            .ShouldBe(HttpStatusCode.NotFound);
        string stored = (string)(await Running.ScalarAsync(
            "select string_agg(convert_from(body, 'UTF8'), ' ') from store.events where type = 'trace.complaint-filed.v1'"))!;
        stored.ShouldNotContain("seal");
        stored.ShouldContain(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(png)));
    }

    [Fact]
    public async Task A_photo_that_is_too_large_brings_the_form_back_with_what_was_written()
    {
        await FarmAsync();
        byte[] photo = [0xFF, 0xD8, 0xFF, .. new byte[(3 << 20) + (800 << 10)]];
        using HttpResponseMessage answer = await Running.Open.PostAsync("complaints", new MultipartFormDataContent
        {
            { new StringContent($"/01/{Gtin}/21/BAD1"), "key" }, { new StringContent("zh"), "lang" },
            { new StringContent("瓶盖松了"), "text" }, { new StringContent("a@example.com"), "contact" },
            { new ByteArrayContent(photo) { Headers = { ContentType = new MediaTypeHeaderValue("image/jpeg") } }, "photo", "a.jpg" },
        });
        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        string page = await answer.Content.ReadAsStringAsync();
        page.ShouldContain("照片超过3 MB");
        page.ShouldContain("瓶盖松了</textarea>");
        page.ShouldContain("value=\"a@example.com\"");
    }

    [Fact]
    public async Task A_complaint_that_is_sent_again_by_its_form_is_one()
    {
        HttpClient farm = await FarmAsync();
        string form = (await LookAsync($"/01/{Gtin}/21/BAD2?lang=en&view=report")).Text;
        string once = Once().Match(form).Groups[1].Value;
        once.Length.ShouldBe(32);
        once.ShouldNotBe(Once().Match((await LookAsync($"/01/{Gtin}/21/BAD2?lang=en&view=report")).Text).Groups[1].Value);
        async Task<string> SendAsync(string mark, string text = "漏了", string serial = "BAD2", string contact = "")
        {
            HttpResponseMessage filed = await Running.Open.PostAsync("complaints", new MultipartFormDataContent
            {
                { new StringContent($"/01/{Gtin}/21/{serial}"), "key" }, { new StringContent("zh"), "lang" },
                { new StringContent(mark), "once" }, { new StringContent(text), "text" },
                { new StringContent(contact), "contact" },
            });
            filed.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
            return Number().Match(await Running.Open.GetStringAsync(filed.Headers.Location)).Value;
        }
        string[] numbers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(once)));
        numbers.Distinct().ShouldHaveSingleItem();
        (await SendAsync(once)).ShouldBe(numbers[0]);
        (await SendAsync("")).ShouldNotBe(numbers[0]);
        JsonNode.Parse(await farm.GetStringAsync("complaints"))!.AsArray().Count(c => (string)c!["link"]! == $"/01/{Gtin}/21/BAD2")
            .ShouldBe(2);

        string[] others =
        [
            await SendAsync(once, "漏了，发霉了"), await SendAsync(once, contact: "a@example.com"),
            await SendAsync(once, serial: "BAD3"),
        ];
        others.ShouldBeUnique();
        others.ShouldNotContain(numbers[0], "something else was written");
        (await SendAsync(once, "漏了，发霉了")).ShouldBe(others[0]);
        (await Running.Open.GetStringAsync($"complaints/{others[2]}/filed")).ShouldContain("/21/BAD3");
        (await Running.Open.GetAsync("complaints/C-0000000000/filed")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_complaint_is_received_answered_and_closed_and_whoever_filed_it_reads_the_answer()
    {
        HttpClient farm = await FarmAsync();
        HttpResponseMessage filed = await Running.Open.PostAsync("complaints", new MultipartFormDataContent
        {
            { new StringContent($"/01/{Gtin}/21/BAD9"), "key" }, { new StringContent("en"), "lang" },
            { new StringContent("It tastes of soap."), "text" }, { new StringContent(""), "contact" },
        });
        string page = filed.Headers.Location!.ToString(), number = Number().Match(page).Value;
        async Task<string> ReadAsync() => await Running.Open.GetStringAsync(page);
        (await ReadAsync()).ShouldContain("nobody has taken it up yet");
        async Task<JsonNode> MineAsync(string query) =>
            JsonNode.Parse(await farm.GetStringAsync($"complaints?number={number}{query}"))!;
        async Task<HttpResponseMessage> StepAsync(HttpClient who, string body) =>
            await who.SendAsync(RunningServices.Post($"complaints/{number}/steps", body));
        ((string)(await MineAsync("&state=open"))[0]!["state"]!).ShouldBe("filed");

        using HttpResponseMessage early = await StepAsync(farm, """{"kind":"close"}""");
        ((string)(await RunningServices.JsonAsync(early))["code"]!).ShouldBe("complaint-unanswered");
        (await StepAsync(await Running.AsAsync("maker"), """{"kind":"received"}""")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await StepAsync(farm, """{"kind":"answer"}""")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await StepAsync(farm, """{"kind":"received"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await StepAsync(farm, """{"kind":"received"}""")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await ReadAsync()).ShouldContain("looks into it");
        (await StepAsync(farm, """{"kind":"answer","text":"Rinse the <pot>."}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
        string read = await ReadAsync();
        read.ShouldContain("Your complaint is answered");
        read.ShouldContain("Rinse the &lt;pot&gt;.");
        read.ShouldNotContain("soap", Case.Sensitive, "what was complained is not shown to who knows the number");
        (await MineAsync("&state=open")).AsArray().ShouldBeEmpty();
        (await StepAsync(farm, """{"kind":"close"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await StepAsync(farm, """{"kind":"answer","text":"more"}""")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        JsonNode mine = (await MineAsync(""))[0]!;
        ((string)mine["state"]!).ShouldBe("closed");
        mine["steps"]!.AsArray().Select(s => (string)s!["state"]!).ShouldBe(["received", "answered", "closed"]);
        (await ReadAsync()).ShouldContain("Your complaint is closed");
        (await Running.Open.GetAsync($"complaints/find?number={number[2..].ToLowerInvariant()}&lang=en")).Headers.Location!
            .ToString().ShouldBe($"{number}/filed?lang=en");
        string stored = (string)(await Running.ScalarAsync(
            "select string_agg(convert_from(body, 'UTF8'), ' ') from store.events where type = 'trace.complaint-answered.v1'"))!;
        stored.ShouldNotContain("Rinse");
        stored.ShouldContain("textSha256");
    }

    [GeneratedRegex("C-[0-9A-F]{10}")]
    private static partial Regex Number();

    [GeneratedRegex("name=\"once\" value=\"([^\"]*)\"")]
    private static partial Regex Once();
}
