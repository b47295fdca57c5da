using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Services.Integration.Evidence.RunningServices;

namespace Services.Integration.Evidence;

[Collection(ServicesGroup.Name)]
public class BadInputTests(ServicesFixture fixture)
{
    private const string Good = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private readonly RunningServices _services = fixture.Services;

    public static TheoryData<string, string, int, string, string?> Bodies => new()
    {
        { "deposits", "{", 400, "json-malformed", null },
        { "deposits", "", 400, "json-malformed", null },
        { "deposits", "null", 400, "json-malformed", null },
        { "deposits", "[]", 400, "json-malformed", null },
        { "deposits", $$"""{"sha256":"{{Good}}","sha256":"{{Good}}"}""", 400, "json-malformed", null },
        { "deposits", $$"""{"sha256":"{{Good}}","size":"12"}""", 400, "json-malformed", null },
        { "deposits", $$"""{"sha256":"{{Good}}","size":1.5}""", 400, "json-malformed", null },
        { "deposits", $$"""{"sha256":"{{Good}}","colour":"red"}""", 400, "field-unknown", null },
        { "deposits", $$"""{"SHA256":"{{Good}}"}""", 400, "field-unknown", null },
        { "deposits", "{}", 400, "validation-failed", "field-required" },
        { "deposits", $$"""{"sha256":"{{Good[1..]}}"}""", 400, "validation-failed", "digest-length" },
        { "deposits", $$"""{"sha256":"A{{Good[1..]}}"}""", 400, "validation-failed", "digest-form" },
        { "deposits", $$"""{"sha256":"{{Good}}","sm3":"00"}""", 400, "validation-failed", "digest-length" },
        { "deposits", $$"""{"sha256":"{{Good}}","size":-1}""", 400, "validation-failed", "field-range" },
        { "deposits", $$"""{"sha256":"{{Good}}","size":9007199254740992}""", 400, "validation-failed", "field-range" },
        { "deposits", $$"""{"sha256":"{{Good}}","businessId":"{{Good}}1"}""", 400, "validation-failed", "field-length" },
        { "deposits", $$"""{"sha256":"{{Good}}","businessId":""}""", 400, "validation-failed", "field-length" },
        { "deposits", $$"""{"sha256":"{{Good}}","name":"a\u0000b"}""", 400, "validation-failed", "field-characters" },
        { "deposits", $$"""{"sha256":"{{Good}}","name":"\ud800"}""", 400, "json-malformed", null },
        { "deposits", $$"""{"sha256":"{{Good}}","mime":"pdf"}""", 400, "validation-failed", "field-form" },
        { "deposits", $$$"""{"sha256":"{{{Good}}}","subject":{}}""", 400, "validation-failed", "field-required" },
        { "deposits", $$$"""{"sha256":"{{{Good}}}","provenance":{"method":"api-push"}}""", 400, "validation-failed", "field-required" },
        { "deposits", $$$"""{"sha256":"{{{Good}}}","provenance":{"method":"guess"}}""", 400, "json-malformed", null },
        { "deposits/batch", "{}", 400, "batch-size", null },
        { "deposits/batch", """{"items":[]}""", 400, "batch-size", null },
        { "deposits/batch", """{"items":[null]}""", 400, "batch-invalid", "field-required" },
        { "deposits/D-00000000000000000000000000/custody", """{"kind":"lost"}""", 400, "validation-failed", "field-form" },
        { "deposits/D-00000000000000000000000000/custody", """{"kind":"accessed","to":"x"}""", 400, "validation-failed", "field-required" },
        { "deposits/D-00000000000000000000000000/custody", """{"kind":"accessed","purpose":"x"}""", 404, "deposit-not-found", null },
        { "deposits/nonsense/shares", """{"days":1}""", 404, "deposit-not-found", null },
        { "deposits/nonsense/shares", """{"days":0}""", 400, "validation-failed", "field-range" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_wrong_body_is_a_problem_with_a_stable_code(
        string path, string body, int status, string code, string? item)
    {
        HttpClient acme = await _services.AsAsync("member");
        using HttpResponseMessage response = await acme.SendAsync(Post(path, body));
        JsonObject problem = await ProblemAsync(response, status, code);
        if (item is not null)
            problem["errors"]!.AsArray().Select(e => (string)e!["code"]!).ShouldContain(item);
    }

    [Fact]
    public async Task Words_follow_the_language_and_the_code_does_not()
    {
        HttpClient acme = await _services.AsAsync("member");
        HttpRequestMessage request = Post("deposits", "{}");
        request.Headers.AcceptLanguage.ParseAdd("en;q=0.5, zh-CN");
        using HttpResponseMessage chinese = await acme.SendAsync(request);
        ((string)(await ProblemAsync(chinese, 400, "validation-failed"))["title"]!).ShouldBe("填写有误");
        using HttpResponseMessage english = await acme.SendAsync(Post("deposits", "{}"));
        ((string)(await ProblemAsync(english, 400, "validation-failed"))["title"]!).ShouldBe("Input not valid");
    }

    [Fact]
    public async Task Every_problem_has_words_in_both_languages_and_no_open_places()
    {
        foreach (Type service in new[] { typeof(global::Evidence.EvidenceService), typeof(global::Identity.IdentityService) })
        {
            global::ServiceDefaults.Problems.ProblemCatalog catalog =
                new(typeof(global::ServiceDefaults.Problems.ProblemCatalog).Assembly, service.Assembly);
            foreach ((string code, global::ServiceDefaults.Problems.ProblemEntry entry) in catalog.Entries)
            {
                foreach (string text in new[] { entry.Zh.Title, entry.Zh.Detail, entry.En.Title, entry.En.Detail })
                    text.ShouldNotBeNullOrWhiteSpace(code);
                (entry.Status is 0 or >= 400 and < 600).ShouldBeTrue(code);
                Places(entry.Zh.Detail).ShouldBe(Places(entry.En.Detail), code);
            }
        }
        await Task.CompletedTask;

        static string[] Places(string text) =>
            [.. System.Text.RegularExpressions.Regex.Matches(text, "\\{[a-z]+\\}").Select(m => m.Value).Order()];
    }

    [Fact]
    public async Task An_oversized_body_is_refused_and_nothing_is_written()
    {
        HttpClient acme = await _services.AsAsync("member");
        string body = $$"""{"sha256":"{{Good}}","name":"{{new string('x', 70_000)}}"}""";
        using HttpResponseMessage response = await acme.SendAsync(Post("deposits", body));
        await ProblemAsync(response, 413, "body-too-large");
        HttpRequestMessage chunked = Post("deposits", body);
        chunked.Headers.TransferEncodingChunked = true;
        using HttpResponseMessage second = await acme.SendAsync(chunked);
        await ProblemAsync(second, 413, "body-too-large");
    }

    [Fact]
    public async Task A_batch_beyond_ten_thousand_is_refused()
    {
        HttpClient acme = await _services.AsAsync("member");
        string items = string.Join(',', Enumerable.Repeat("{}", 10_001));
        using HttpResponseMessage response = await acme.SendAsync(Post("deposits/batch", $$"""{"items":[{{items}}]}"""));
        await ProblemAsync(response, 400, "batch-size");
    }

    [Fact]
    public async Task Another_content_type_is_refused()
    {
        HttpClient acme = await _services.AsAsync("member");
        using HttpResponseMessage response = await acme.PostAsync(
            "deposits", new StringContent("{}", Encoding.UTF8, "text/plain"));
        await ProblemAsync(response, 415, "media-type-unsupported");
    }

    [Fact]
    public async Task An_idempotency_key_stands_for_one_request()
    {
        HttpClient acme = await _services.AsAsync("member");
        string body = $$"""{"sha256":"{{Digest("replayed key")}}"}""";
        (await acme.SendAsync(Post("deposits", body, "replayed"))).StatusCode.ShouldBe(HttpStatusCode.Created);
        using HttpResponseMessage other = await acme.SendAsync(Post("deposits", body.Replace("}", ",\"size\":1}"), "replayed"));
        await ProblemAsync(other, 422, "idempotency-key-reused");
        using HttpResponseMessage wrong = await acme.SendAsync(Post("deposits", body, "white space"));
        await ProblemAsync(wrong, 400, "idempotency-key-form");
        HttpClient tenant = await _services.AsAsync("member", "other");
        (await tenant.SendAsync(Post("deposits", body, "replayed"))).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_missing_foreign_or_altered_token_is_refused()
    {
        using HttpResponseMessage missing = await _services.Evidence.SendAsync(Post("deposits", "{}"));
        await ProblemAsync(missing, 401, "unauthenticated");
        missing.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");

        string token = await _services.TokenAsync("acme-member");
        string[] parts = token.Split('.');
        string other = await _services.TokenAsync("other-member");
        foreach (string wrong in new[]
                 {
                     "x", "a.b.c", token + "x", $"{parts[0]}.{other.Split('.')[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.",
                     Unsigned(parts[1]), OwnToken(parts[1]),
                 })
        {
            HttpRequestMessage request = Post("deposits", "{}");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", wrong);
            using HttpResponseMessage response = await _services.Evidence.SendAsync(request);
            await ProblemAsync(response, 401, "token-invalid");
        }
    }

    [Fact]
    public async Task Unknown_addresses_and_methods_are_problems_too()
    {
        using HttpResponseMessage nowhere = await _services.Evidence.GetAsync("nowhere");
        await ProblemAsync(nowhere, 404, "not-found");
        HttpClient acme = await _services.AsAsync("member");
        foreach ((string query, string field) in new[]
                 {
                     ("from=yesterday", "from"), ("cursor=1.x", "cursor"), ("limit=0", "limit"), ("limit=1e3", "limit"),
                 })
        {
            using HttpResponseMessage wrong = await acme.GetAsync("deposits?" + query);
            ((string)(await ProblemAsync(wrong, 400, "query-invalid"))["detail"]!).ShouldContain(field);
        }
        using HttpResponseMessage digest = await acme.GetAsync("deposits?digest=abc");
        await ProblemAsync(digest, 400, "digest-invalid");
    }

    internal static async Task<JsonObject> ProblemAsync(HttpResponseMessage response, int status, string code)
    {
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonObject problem = (JsonObject)JsonNode.Parse(text)!;
        ((string)problem["code"]!).ShouldBe(code, text);
        ((int)problem["status"]!).ShouldBe(status);
        ((string)problem["type"]!).ShouldBe($"urn:apps:problem:{code}");
        ((string)problem["traceId"]!).ShouldNotBeNullOrEmpty();
        text.ShouldNotContain("Exception");
        ((string)problem["detail"]!).ShouldNotContain("{");
        return problem;
    }

    private static string Unsigned(string payload) => $"{Encode("""{"alg":"none","typ":"at+jwt"}""")}.{payload}.";

    private static string OwnToken(string payload)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        string signed = $"{Encode("""{"alg":"ES256","kid":"mine","typ":"at+jwt"}""")}.{payload}";
        byte[] signature = key.SignData(Encoding.ASCII.GetBytes(signed), System.Security.Cryptography.HashAlgorithmName.SHA256);
        return $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string text) =>
        System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
