using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Services.Integration.Evidence.RunningServices;

namespace Services.Integration.Evidence;

[Collection(ServicesGroup.Name)]
public class DepositTests(ServicesFixture fixture)
{
    private readonly RunningServices _services = fixture.Services;

    [Fact]
    public async Task A_digest_goes_in_and_comes_back()
    {
        HttpClient acme = await _services.AsAsync("member");
        string digest = Digest("goes in and comes back"), sm3 = new('b', 64);
        using HttpResponseMessage created = await acme.SendAsync(Post("deposits",
            $$$"""
              {"sha256":"{{{digest}}}","sm3":"{{{sm3}}}","size":12,"name":"合同.pdf","mime":"application/pdf","businessId":"B-1",
               "subject":{"name":"张三","idType":"id-card","idHash":"h1"},
               "provenance":{"system":{"id":"erp","version":"1"},"method":"api-push","collectedAt":"2026-01-02T03:04:05+08:00",
                 "environment":{"clockOffsetMs":-3},"corroborators":[{"kind":"receipt","reference":"R-1"}]}}
              """));
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        JsonObject answer = await JsonAsync(created);
        string id = (string)answer["id"]!;
        id.ShouldMatch("^D-[0-9A-HJKMNP-TV-Z]{26}$");
        created.Headers.Location!.ToString().ShouldBe("deposits/" + id);
        answer["earlier"]!.AsArray().ShouldBeEmpty();

        using HttpResponseMessage read = await acme.GetAsync("deposits/" + id);
        read.Headers.ETag!.Tag.ShouldBe("\"1\"");
        JsonObject details = await JsonAsync(read);
        ((string)details["content"]!["sha256"]!).ShouldBe(digest);
        ((string)details["content"]!["sm3"]!).ShouldBe(sm3);
        ((string)details["subject"]!["name"]!).ShouldBe("张三");
        ((string)details["provenance"]!["collectedAt"]!).ShouldBe("2026-01-01T19:04:05.000Z");
        ((string)details["provenance"]!["method"]!).ShouldBe("api-push");
    }

    [Fact]
    public async Task A_repeated_deposit_is_found_among_many_of_the_same_digest()
    {
        HttpClient acme = await _services.AsAsync("member");
        string digest = Digest("many of the same digest");
        string Body(int number) => $$"""{"sha256":"{{digest}}","businessId":"B-{{number}}"}""";
        string last = "";
        for (int i = 0; i < 12; i++)
        {
            using HttpResponseMessage created = await acme.SendAsync(Post("deposits", Body(i)));
            created.StatusCode.ShouldBe(HttpStatusCode.Created);
            last = (string)(await JsonAsync(created))["id"]!;
        }
        using HttpResponseMessage again = await acme.SendAsync(Post("deposits", Body(11)));
        again.StatusCode.ShouldBe(HttpStatusCode.OK, await again.Content.ReadAsStringAsync());
        ((string)(await JsonAsync(again))["id"]!).ShouldBe(last);
        using HttpResponseMessage batch = await acme.SendAsync(
            Post("deposits/batch", $$"""{"items":[{{Body(11)}},{{Body(0)}}]}"""));
        batch.StatusCode.ShouldBe(HttpStatusCode.OK, await batch.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_event_holds_the_content_and_no_personal_data_in_clear()
    {
        HttpClient acme = await _services.AsAsync("member");
        string digest = Digest("no personal data");
        using HttpResponseMessage created = await acme.SendAsync(Post("deposits",
            $$$"""{"sha256":"{{{digest}}}","subject":{"name":"李四四四","idHash":"hash-of-id"}}"""));
        string id = (string)(await JsonAsync(created))["id"]!;
        _services.Anchor.State = "anchored";
        JsonObject bundle = await JsonAsync(await acme.GetAsync($"deposits/{id}/proof"));
        string text = Encoding.UTF8.GetString(Convert.FromBase64String((string)bundle["event"]!));
        JsonObject e = (JsonObject)JsonNode.Parse(text)!;
        ((string)e["type"]!).ShouldBe("evidence.deposited.v1");
        ((string)e["service"]!).ShouldBe("evidence");
        ((string)e["stream"]!).ShouldBe(id);
        ((string)e["data"]!["content"]!["sha256"]!).ShouldBe(digest);
        text.ShouldNotContain("李四四四");
        text.ShouldNotContain("hash-of-id");
        ((string)e["data"]!["subject"]!["name"]!["commit"]!).Length.ShouldBe(64);
    }

    [Fact]
    public async Task A_person_is_erased_from_all_deposits_and_stored_answers_and_the_proof_stays()
    {
        HttpClient acme = await _services.AsAsync("member"), admin = await _services.AsAsync("admin");
        string[] ids = new string[2];
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage created = await acme.SendAsync(Post("deposits",
                $$$"""{"sha256":"{{{Digest($"erase {i}")}}}","subject":{"name":"钱七七七","idType":"id-card","idHash":"h-77"}}"""));
            ids[i] = (string)(await JsonAsync(created))["id"]!;
        }
        using HttpResponseMessage erased = await admin.PostAsync($"deposits/{ids[0]}/subject/erase", null);
        erased.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await JsonAsync(erased))["remainsInClear"]!.AsArray().Select(m => (string)m!)
            .ShouldBe(["name", "businessId", "provenance", "custody.to", "custody.purpose", "custody.note"]);
        foreach (string id in ids)
        {
            JsonObject details = await JsonAsync(await acme.GetAsync("deposits/" + id));
            details["subject"].ShouldBeNull();
            ((string)details["eventDigest"]!).Length.ShouldBe(64);
        }
        using HttpResponseMessage again = await acme.SendAsync(Post("deposits",
            $$$"""{"sha256":"{{{Digest("erase 3")}}}","subject":{"name":"钱七七七","idType":"id-card","idHash":"h-77"}}"""));
        await BadInputTests.ProblemAsync(again, 422, "person-erased");
    }

    [Fact]
    public async Task The_same_deposit_without_a_key_is_written_once_even_by_many_at_once()
    {
        HttpClient acme = await _services.AsAsync("member");
        string body = $$"""{"sha256":"{{Digest("written once")}}","businessId":"B-2"}""";
        HttpResponseMessage[] answers =
            await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => acme.SendAsync(Post("deposits", body))));
        answers.Count(a => a.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(15);
        JsonObject[] bodies = await Task.WhenAll(answers.Select(JsonAsync));
        bodies.Select(b => (string)b["id"]!).Distinct().Count().ShouldBe(1);

        using HttpResponseMessage other = await acme.SendAsync(Post("deposits", body.Replace("B-2", "B-3")));
        other.StatusCode.ShouldBe(HttpStatusCode.Created);
        JsonObject earlier = (await JsonAsync(other))["earlier"]!.AsArray()[0]!.AsObject();
        ((string)earlier["id"]!).ShouldBe((string)bodies[0]["id"]!);
    }

    [Fact]
    public async Task With_a_key_the_same_digest_is_deposited_again_and_names_the_earlier_one()
    {
        HttpClient acme = await _services.AsAsync("member");
        string body = $$"""{"sha256":"{{Digest("with a key")}}"}""";
        using HttpResponseMessage first = await acme.SendAsync(Post("deposits", body, "key-a"));
        using HttpResponseMessage again = await acme.SendAsync(Post("deposits", body, "key-a"));
        again.StatusCode.ShouldBe(HttpStatusCode.Created);
        again.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
        (await again.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        using HttpResponseMessage second = await acme.SendAsync(Post("deposits", body, "key-b"));
        JsonObject answer = await JsonAsync(second);
        second.StatusCode.ShouldBe(HttpStatusCode.Created);
        ((string)answer["earlier"]![0]!["id"]!).ShouldBe((string)(await JsonAsync(first))["id"]!);
    }

    [Fact]
    public async Task A_batch_is_all_or_nothing_and_names_the_first_hundred_bad_items()
    {
        HttpClient acme = await _services.AsAsync("member");
        string[] items = [.. Enumerable.Range(0, 300).Select(i =>
            $$"""{"sha256":"{{(i % 2 == 0 ? Digest($"batch {i}") : "abc")}}"}""")];
        using HttpResponseMessage bad =
            await acme.SendAsync(Post("deposits/batch", $$"""{"items":[{{string.Join(',', items)}}]}"""));
        bad.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonObject problem = await JsonAsync(bad);
        ((string)problem["code"]!).ShouldBe("batch-invalid");
        JsonArray errors = problem["errors"]!.AsArray();
        errors.Count.ShouldBe(100);
        errors.Select(e => (int)e!["index"]!).ShouldBe(Enumerable.Range(0, 100).Select(i => 2 * i + 1));
        errors.ShouldAllBe(e => (string)e!["code"]! == "digest-length");
        (await CountAsync(acme, Digest("batch 0"))).ShouldBe(0);
    }

    [Fact]
    public async Task A_batch_of_ten_thousand_is_recorded_and_repeated_without_writing()
    {
        HttpClient acme = await _services.AsAsync("member");
        string body = $$"""{"items":[{{string.Join(',', Enumerable.Range(0, 10_000)
            .Select(i => $$"""{"sha256":"{{Digest($"many {i}")}}","businessId":"M-{{i}}"}"""))}}]}""";
        using HttpResponseMessage created = await acme.SendAsync(Post("deposits/batch", body));
        created.StatusCode.ShouldBe(HttpStatusCode.Created);
        JsonObject answer = await JsonAsync(created);
        string[] ids = [.. answer["ids"]!.AsArray().Select(i => (string)i!)];
        ids.Distinct().Count().ShouldBe(10_000);
        using HttpResponseMessage again = await acme.SendAsync(Post("deposits/batch", body));
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonObject repeated = await JsonAsync(again);
        repeated["ids"]!.AsArray().Select(i => (string)i!).ShouldBe(ids);
        repeated["existing"]!.AsArray().Count.ShouldBe(10_000);
        using HttpResponseMessage details = await acme.GetAsync("deposits/" + ids[9_999]);
        ((string)(await JsonAsync(details))["businessId"]!).ShouldBe("M-9999");
    }

    [Fact]
    public async Task Deposits_are_found_by_digest_business_id_and_time_page_by_page()
    {
        HttpClient other = await _services.AsAsync("member", "other");
        DateTimeOffset before = DateTimeOffset.UtcNow.AddSeconds(-1);
        string sm3 = new('c', 64);
        for (int i = 0; i < 5; i++)
        {
            using HttpResponseMessage created = await other.SendAsync(Post("deposits",
                $$"""{"sha256":"{{Digest($"search {i}")}}","sm3":"{{sm3}}","businessId":"S-{{i % 2}}"}"""));
            created.StatusCode.ShouldBe(HttpStatusCode.Created);
        }
        (await CountAsync(other, Digest("search 3"))).ShouldBe(1);
        (await CountAsync(other, sm3)).ShouldBe(5);
        (await ListAsync(other, "businessId=S-1")).Count.ShouldBe(2);
        (await ListAsync(other, $"from={Uri.EscapeDataString(before.ToString("O"))}")).Count.ShouldBe(5);
        (await ListAsync(other, $"to={Uri.EscapeDataString(before.ToString("O"))}")).Count.ShouldBe(0);
        List<string> seen = [];
        string? cursor = null;
        do
        {
            JsonObject page = await JsonAsync(await other.GetAsync(
                "deposits?limit=2" + (cursor is null ? "" : "&cursor=" + cursor)));
            seen.AddRange(page["items"]!.AsArray().Select(i => (string)i!["id"]!));
            cursor = (string?)page["cursor"];
        }
        while (cursor is not null);
        seen.Distinct().Count().ShouldBe(5);
        (await CountAsync(await _services.AsAsync("member"), Digest("search 3"))).ShouldBe(0);
    }

    [Fact]
    public async Task Custody_is_added_once_seen_and_refused_when_stale()
    {
        HttpClient acme = await _services.AsAsync("member");
        string id = await DepositAsync(acme, "custody"), replacement = await DepositAsync(acme, "custody replacement");
        string path = $"deposits/{id}/custody";
        const string handover = """{"kind":"handed-over","to":"notary office","note":"sealed bag 7"}""";
        (await acme.SendAsync(Post(path, handover, ifMatch: "\"1\""))).StatusCode.ShouldBe(HttpStatusCode.Created);
        using HttpResponseMessage stale = await acme.SendAsync(Post(path, handover, ifMatch: "\"1\""));
        stale.StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        ((string)(await JsonAsync(stale))["code"]!).ShouldBe("version-stale");
        (await acme.SendAsync(Post(path, """{"kind":"accessed","purpose":"hearing"}"""))).EnsureSuccessStatusCode();
        (await acme.SendAsync(Post(path, $$"""{"kind":"superseded","by":"{{replacement}}"}"""))).EnsureSuccessStatusCode();
        using HttpResponseMessage refused = await acme.SendAsync(Post(path, handover));
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        ((string)(await JsonAsync(refused))["code"]!).ShouldBe("deposit-superseded");
        JsonObject details = await JsonAsync(await acme.GetAsync("deposits/" + id));
        details["custody"]!.AsArray().Select(c => (string)c!["kind"]!).ShouldBe(["handed-over", "accessed", "superseded"]);
        ((bool)details["superseded"]!).ShouldBeTrue();
    }

    internal static async Task<string> DepositAsync(HttpClient client, string text)
    {
        using HttpResponseMessage created =
            await client.SendAsync(Post("deposits", $$"""{"sha256":"{{Digest(text)}}"}"""));
        return (string)(await JsonAsync(created))["id"]!;
    }

    private static async Task<JsonArray> ListAsync(HttpClient client, string query) =>
        (await JsonAsync(await client.GetAsync("deposits?" + query)))["items"]!.AsArray();

    private static async Task<int> CountAsync(HttpClient client, string digest) =>
        (await ListAsync(client, "digest=" + digest)).Count;
}
