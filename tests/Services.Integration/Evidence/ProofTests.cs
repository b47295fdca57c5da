using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using TestKit;
using Xunit;
using static Services.Integration.Evidence.RunningServices;

namespace Services.Integration.Evidence;

/// <summary>Proofs, open verification, links and files, on services of their own because the anchor's answers change.</summary>
[Xunit.Collection(AloneCollection.Name)]
public class ProofTests(ServicesFixture fixture) : IClassFixture<ServicesFixture>
{
    private readonly RunningServices _services = fixture.Services;

    [Fact]
    public async Task A_bundle_is_canonical_and_the_same_bytes_ever_after()
    {
        HttpClient acme = await _services.AsAsync("member");
        string id = await DepositTests.DepositAsync(acme, "bundle");
        _services.Anchor.State = "logged";
        using HttpResponseMessage pending = await acme.GetAsync($"deposits/{id}/proof");
        pending.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        ((string)(await JsonAsync(pending))["state"]!).ShouldBe("logged");

        Task<HttpResponseMessage> waiting = acme.GetAsync($"deposits/{id}/proof?wait=30");
        _services.Anchor.State = "anchored";
        using HttpResponseMessage proven = await waiting;
        byte[] bundle = await proven.Content.ReadAsByteArrayAsync();
        _services.Anchor.LastAuthorization.ShouldStartWith("Bearer ");
        global::EventStore.CanonicalJson.Canonicalize(bundle).ShouldBe(bundle);
        JsonObject parsed = (JsonObject)JsonNode.Parse(bundle)!;
        parsed.Select(m => m.Key).ShouldBe(["chain", "event", "format", "log"]);

        _services.Anchor.Proof = FakeAnchor.Part.Replace("\"index\":7", "\"index\":8");
        (await acme.GetByteArrayAsync($"deposits/{id}/proof")).ShouldBe(bundle);
        _services.Anchor.Down = true;
        (await acme.GetByteArrayAsync($"deposits/{id}/proof")).ShouldBe(bundle);
        using HttpResponseMessage paused =
            await acme.GetAsync($"deposits/{await DepositTests.DepositAsync(acme, "paused")}/proof");
        await BadInputTests.ProblemAsync(paused, 503, "anchor-unavailable");
        _services.Anchor.Down = false;
        _services.Anchor.Proof = FakeAnchor.Part;
    }

    [Fact]
    public async Task Every_event_has_a_proof_for_the_organisation_whose_event_it_is()
    {
        HttpClient acme = await _services.AsAsync("member");
        _services.Anchor.State = "anchored";
        string id = await DepositTests.DepositAsync(acme, "proof by event");
        using HttpResponseMessage read = await acme.GetAsync($"deposits/{id}");
        string eventId = (string)(await JsonAsync(read))["eventId"]!;
        (await acme.GetByteArrayAsync($"events/{eventId}/proof")).ShouldBe(await acme.GetByteArrayAsync($"deposits/{id}/proof"));
        using HttpResponseMessage status = await acme.GetAsync($"events/{eventId}/status");
        ((string)(await JsonAsync(status))["state"]!).ShouldBe("anchored");

        foreach (string path in new[] { "proof", "status" })
        {
            using HttpResponseMessage foreign =
                await (await _services.AsAsync("member", "other")).GetAsync($"events/{eventId}/{path}");
            await BadInputTests.ProblemAsync(foreign, 404, "not-found");
            using HttpResponseMessage anybody = await (await _services.AsAsync(null)).GetAsync($"events/{eventId}/{path}");
            await BadInputTests.ProblemAsync(anybody, 401, "unauthenticated");
        }
    }

    [Fact]
    public async Task Anybody_learns_whether_and_when_but_never_what_or_whose()
    {
        HttpClient acme = await _services.AsAsync("member");
        string digest = Digest("open");
        using HttpResponseMessage created = await acme.SendAsync(
            Post("deposits", $$"""{"sha256":"{{digest}}","sm3":"{{Digest("open sm3")}}","name":"secret.pdf"}"""));
        _services.Anchor.State = "anchored";
        HttpClient anybody = await _services.AsAsync(null);
        foreach (string known in new[] { digest, Digest("open sm3") })
        {
            string text = await anybody.GetStringAsync("open/digests/" + known);
            JsonObject answer = (JsonObject)JsonNode.Parse(text)!;
            ((bool)answer["present"]!).ShouldBeTrue();
            ((string)answer["state"]!).ShouldBe("anchored");
            answer.Select(m => m.Key).ShouldBe(["digest", "present", "recordedAt", "state"]);
        }
        JsonObject bundle = (JsonObject)JsonNode.Parse(await anybody.GetStringAsync($"open/digests/{digest}/proof"))!;
        bundle.Select(m => m.Key).ShouldBe(["chain", "digest", "format", "log"]);
        ((bool)((JsonObject)JsonNode.Parse(await anybody.GetStringAsync("open/digests/" + Digest("no")))!)["present"]!)
            .ShouldBeFalse();
        using HttpResponseMessage absent = await anybody.GetAsync($"open/digests/{Digest("no")}/proof");
        await BadInputTests.ProblemAsync(absent, 404, "not-found");
        using HttpResponseMessage wrong = await anybody.GetAsync("open/digests/xyz");
        await BadInputTests.ProblemAsync(wrong, 400, "digest-invalid");
    }

    [Fact]
    public async Task Open_verification_is_limited_in_rate()
    {
        await using RunningServices limited = await StartAsync(null, "--OpenRate:Burst=3", "--OpenRate:PerSecond=1");
        HttpClient anybody = await limited.AsAsync(null);
        HttpResponseMessage? refused = null;
        for (int i = 0; i < 10 && refused is null; i++)
        {
            HttpResponseMessage answer = await anybody.GetAsync("open/digests/" + Digest("x"));
            refused = answer.StatusCode == HttpStatusCode.TooManyRequests ? answer : null;
        }
        await BadInputTests.ProblemAsync(refused.ShouldNotBeNull(), 429, "rate-limited");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_share_link_shows_the_deposit_and_its_proof_until_withdrawn()
    {
        HttpClient acme = await _services.AsAsync("member"), anybody = await _services.AsAsync(null);
        _services.Anchor.State = "anchored";
        using HttpResponseMessage created = await acme.SendAsync(Post("deposits",
            $$$"""{"sha256":"{{{Digest("share")}}}","subject":{"name":"王五五五"}}"""));
        string id = (string)(await JsonAsync(created))["id"]!;
        using HttpResponseMessage shared = await acme.SendAsync(Post($"deposits/{id}/shares", """{"days":7}"""));
        shared.StatusCode.ShouldBe(HttpStatusCode.Created);
        string token = (string)(await JsonAsync(shared))["token"]!;
        string details = await anybody.GetStringAsync("shares/" + token);
        details.ShouldContain(id);
        details.ShouldNotContain("王五五五");
        (await anybody.GetByteArrayAsync($"shares/{token}/proof"))
            .ShouldBe(await acme.GetByteArrayAsync($"deposits/{id}/proof"));
        (await acme.DeleteAsync($"deposits/{id}/shares")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using HttpResponseMessage gone = await anybody.GetAsync("shares/" + token);
        await BadInputTests.ProblemAsync(gone, 404, "share-not-found");
    }

    [Fact]
    public async Task The_status_is_followed_live()
    {
        HttpClient acme = await _services.AsAsync("member");
        string id = await DepositTests.DepositAsync(acme, "live");
        _services.Anchor.State = "accepted";
        using HttpRequestMessage request = new(HttpMethod.Get, $"deposits/{id}/status");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using HttpResponseMessage response = await acme.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        List<string> states = [];
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
                continue;
            states.Add((string)JsonNode.Parse(line[6..])!["state"]!);
            _services.Anchor.State = states[^1] == "accepted" ? "logged" : "anchored";
        }
        states.ShouldBe(["accepted", "logged", "anchored"]);
    }

    [Fact]
    public async Task A_file_is_hashed_sealed_downloaded_and_erased()
    {
        HttpClient acme = await _services.AsAsync("member"), admin = await _services.AsAsync("admin");
        byte[] file = RandomNumberGenerator.GetBytes(700_000);
        using ByteArrayContent content = new(file);
        content.Headers.ContentType = new("application/pdf");
        using HttpResponseMessage created =
            await acme.PostAsync("deposits/files?name=%E5%90%88%E5%90%8C.pdf&businessId=F-1", content);
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        JsonObject answer = await JsonAsync(created);
        string id = (string)answer["id"]!;
        ((string)answer["sha256"]!).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(file)));
        ((string)answer["sm3"]!).Length.ShouldBe(64);
        using HttpResponseMessage download = await acme.GetAsync($"deposits/{id}/file");
        (await download.Content.ReadAsByteArrayAsync()).ShouldBe(file);
        download.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        HttpClient other = await _services.AsAsync("member", "other");
        (await other.GetAsync($"deposits/{id}/file")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        using HttpResponseMessage erased =
            await admin.SendAsync(Post($"deposits/{id}/file/erase", """{"reason":"request of the person"}"""));
        erased.StatusCode.ShouldBe(HttpStatusCode.OK, await erased.Content.ReadAsStringAsync());
        using HttpResponseMessage gone = await acme.GetAsync($"deposits/{id}/file");
        await BadInputTests.ProblemAsync(gone, 404, "file-not-stored");
        JsonObject details = await JsonAsync(await acme.GetAsync("deposits/" + id));
        ((bool)details["stored"]!).ShouldBeFalse();
        ((string)details["custody"]![0]!["kind"]!).ShouldBe("file-erased");
    }

    [Fact]
    public async Task A_file_with_its_description_comes_as_parts_and_must_match_a_stated_digest()
    {
        HttpClient acme = await _services.AsAsync("member");
        byte[] file = Encoding.UTF8.GetBytes("a small file");
        string digest = Convert.ToHexStringLower(SHA256.HashData(file));
        foreach ((string stated, HttpStatusCode status) in new[]
                 {
                     (digest, HttpStatusCode.Created), (new string('0', 64), HttpStatusCode.UnprocessableEntity),
                 })
        {
            using MultipartFormDataContent form = new();
            form.Add(Json($$$"""{"sha256":"{{{stated}}}","provenance":{"system":{"id":"scanner"},"method":"scan","collectedAt":"2026-01-01T00:00:00Z"}}"""), "deposit");
            form.Add(new ByteArrayContent(file), "file", "small.txt");
            using HttpResponseMessage response = await acme.PostAsync("deposits/files", form);
            response.StatusCode.ShouldBe(status, await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_stopped_database_is_never_answered_as_success_and_its_return_is_noticed()
    {
        // A fast server may forget its last commits when it is killed, the tables' creation among them.
        await using PostgresServer server = await PostgresServer.StartAsync(Durability.Durable);
        await using RunningServices services = await StartAsync(server);
        HttpClient acme = await services.AsAsync("member");
        string body = $$"""{"sha256":"{{Digest("before")}}"}""";
        (await acme.SendAsync(Post("deposits", body, "before"))).StatusCode.ShouldBe(HttpStatusCode.Created);
        await server.KillAsync();
        using HttpResponseMessage down = await acme.SendAsync(Post("deposits", body, "during"));
        await BadInputTests.ProblemAsync(down, 503, "store-unavailable");
        (await services.Evidence.GetAsync("health/ready")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await services.Evidence.GetAsync("health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await server.RestartAsync();
        await Eventually.TrueAsync(async () =>
            (await acme.SendAsync(Post("deposits", body, "during"))).StatusCode == HttpStatusCode.Created, "deposits work again");
        (await services.Evidence.GetAsync("health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}

/// <summary>Runs after all others: it kills a server and waits for its return, which a busy machine delays.</summary>
[Xunit.CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
