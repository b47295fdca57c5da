using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using static Services.Integration.Evidence.RunningServices;
using static Services.Integration.Identity.RunningIdentity;

namespace Services.Integration.Identity;

/// <summary>Sign-in on services of their own, because keys rotate and accounts lock.</summary>
public class SignInTests(ServicesFixture fixture) : IClassFixture<ServicesFixture>
{
    private const string Callback = "http://127.0.0.1:9/sign-in/callback";
    private const string Verifier = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
    private readonly RunningServices _services = fixture.Services;

    [Fact]
    public async Task Discovery_names_only_what_is_done()
    {
        JsonObject document = (JsonObject)JsonNode.Parse(
            await _services.Identity.GetStringAsync(".well-known/openid-configuration"))!;
        ((string)document["issuer"]!).ShouldBe(_services.Issuer.ToString().TrimEnd('/'));
        document["grant_types_supported"]!.AsArray().Select(g => (string)g!)
            .ShouldBe(["authorization_code", "client_credentials"]);
        document["id_token_signing_alg_values_supported"]!.AsArray().Select(g => (string)g!).ShouldBe(["ES256"]);
        JsonArray keys = JsonNode.Parse(await _services.Identity.GetStringAsync(".well-known/jwks.json"))!["keys"]!.AsArray();
        keys.Count.ShouldBeGreaterThanOrEqualTo(2);
        keys.ShouldAllBe(k => k!["d"] == null && (string)k["crv"]! == "P-256");
    }

    [Fact]
    public async Task A_token_says_who_for_whom_and_for_ten_minutes()
    {
        JsonObject claims = Claims(await _services.TokenAsync("acme-member"));
        ((string)claims["tenant"]!).ShouldBe("acme");
        claims["roles"]!.AsArray().Select(r => (string)r!).ShouldBe(["member"]);
        ((string)claims["sub"]!).ShouldBe("client-acme-member");
        ((string)claims["aud"]!).ShouldBe("apps");
        ((long)claims["exp"]! - (long)claims["iat"]!).ShouldBe(600);
    }

    [Theory]
    [InlineData("acme-member", "wrong", "client_credentials", 401, "invalid_client")]
    [InlineData("nobody", Secret, "client_credentials", 401, "invalid_client")]
    [InlineData("acme-member", "", "client_credentials", 401, "invalid_client")]
    [InlineData("acme-member", Secret, "password", 400, "unsupported_grant_type")]
    [InlineData("portal", Secret, "client_credentials", 400, "unauthorized_client")]
    [InlineData("portal", Secret, "authorization_code", 400, "invalid_grant")]
    public async Task Wrong_grants_are_refused_as_the_standard_says(
        string id, string secret, string grant, int status, string error)
    {
        using HttpResponseMessage response = await _services.Identity.PostAsync("connect/token", Form(
            ("grant_type", grant), ("client_id", id), ("client_secret", secret), ("code", "x")));
        ((int)response.StatusCode).ShouldBe(status);
        ((string)(await JsonAsync(response))["error"]!).ShouldBe(error);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task A_person_signs_in_by_code_and_PKCE_and_the_code_serves_once()
    {
        (string code, string cookie) = await SignInAsync("operator", Password);
        using HttpResponseMessage granted = await RedeemAsync(code, Verifier);
        granted.StatusCode.ShouldBe(HttpStatusCode.OK, await granted.Content.ReadAsStringAsync());
        JsonObject tokens = await JsonAsync(granted);
        JsonObject id = Claims((string)tokens["id_token"]!), access = Claims((string)tokens["access_token"]!);
        ((string)id["nonce"]!).ShouldBe("n-1");
        ((string)id["aud"]!).ShouldBe("portal");
        ((string)access["sub"]!).ShouldStartWith("user-");
        ((string)access["tenant"]!).ShouldBe("operator");
        using HttpResponseMessage again = await RedeemAsync(code, Verifier);
        ((string)(await JsonAsync(again))["error"]!).ShouldBe("invalid_grant");

        using HttpRequestMessage silent = new(HttpMethod.Get, AuthorizePath() + "&prompt=none");
        silent.Headers.Add("Cookie", cookie);
        using HttpResponseMessage second = await _services.Identity.SendAsync(silent);
        string secondCode = QueryHelpers.ParseQuery(second.Headers.Location!.Query)["code"]!;
        using HttpResponseMessage wrongVerifier = await RedeemAsync(secondCode, Verifier.Replace('0', '1'));
        ((string)(await JsonAsync(wrongVerifier))["error"]!).ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task The_page_runs_no_script_and_loads_nothing()
    {
        using HttpResponseMessage page = await _services.Identity.GetAsync(AuthorizePath());
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldStartWith("default-src 'none'");
        policy.ShouldContain("frame-ancestors 'none'");
        string html = await page.Content.ReadAsStringAsync();
        html.ShouldNotContain("<script");
        html.ShouldContain("lang=\"en\"");
        page.Headers.GetValues("Set-Cookie").Single().ShouldContain("httponly");
    }

    [Theory]
    [InlineData("redirect_uri", "http://127.0.0.1:9/elsewhere", 400, null)]
    [InlineData("client_id", "nobody", 400, null)]
    [InlineData("response_type", "token", 302, "unsupported_response_type")]
    [InlineData("scope", "profile", 302, "invalid_scope")]
    [InlineData("code_challenge", "", 302, "invalid_request")]
    [InlineData("code_challenge_method", "plain", 302, "invalid_request")]
    [InlineData("prompt", "none", 302, "login_required")]
    public async Task A_wrong_request_goes_back_only_to_a_registered_address(
        string parameter, string value, int status, string? error)
    {
        using HttpResponseMessage response = await _services.Identity.GetAsync(AuthorizePath((parameter, value)));
        ((int)response.StatusCode).ShouldBe(status);
        if (error is not null)
            QueryHelpers.ParseQuery(response.Headers.Location!.Query)["error"].ToString().ShouldBe(error);
    }

    [Fact]
    public async Task A_client_never_gets_a_token_of_another_organisations_user()
    {
        const string callback = "https://app.example/callback";
        HttpClient admin = await _services.AsAsync("admin", "acme", _services.Issuer);
        (await admin.SendAsync(Post("clients",
            $$"""{"id":"acme-app","name":"App","roles":["member"],"redirectUris":["{{callback}}"]}""")))
            .StatusCode.ShouldBe(HttpStatusCode.Created);
        (await admin.SendAsync(Post("users",
            """{"signInName":"own","name":"own","password":"twelve letters","roles":["member"]}""")))
            .StatusCode.ShouldBe(HttpStatusCode.Created);

        (await AskAsync("operator", Password)).ShouldBe(("access_denied", ""));
        (string error, string code) = await AskAsync("own", "twelve letters");
        error.ShouldBe("");
        code.ShouldNotBeEmpty();

        async Task<(string Error, string Code)> AskAsync(string name, string password)
        {
            using HttpRequestMessage request = new(
                HttpMethod.Get, AuthorizePath(("client_id", "acme-app"), ("redirect_uri", callback)));
            request.Headers.Add("Cookie", (await SignInAsync(name, password)).Cookie);
            using HttpResponseMessage response = await _services.Identity.SendAsync(request);
            var answer = QueryHelpers.ParseQuery(response.Headers.Location!.Query);
            return (answer.GetValueOrDefault("error").ToString(), answer.GetValueOrDefault("code").ToString());
        }
    }

    [Theory]
    [InlineData("portal", "http://127.0.0.1:9/", 302)]
    [InlineData("portal", "http://127.0.0.1:9@elsewhere.example/", 204)]
    [InlineData("portal", "https://elsewhere.example/", 204)]
    [InlineData("nobody", "http://127.0.0.1:9/", 204)]
    public async Task Signing_out_ends_the_session_and_goes_back_only_to_the_client(string client, string to, int status)
    {
        string cookie = (await SignInAsync("operator", Password)).Cookie;
        using HttpResponseMessage left = await GetAsync(QueryHelpers.AddQueryString("connect/logout",
            new Dictionary<string, string?> { ["client_id"] = client, ["post_logout_redirect_uri"] = to }));
        ((int)left.StatusCode).ShouldBe(status);
        left.Headers.Location?.OriginalString.ShouldBe(to);
        using HttpResponseMessage again = await GetAsync(AuthorizePath() + "&prompt=none");
        again.Headers.Location!.Query.ShouldContain("login_required");

        async Task<HttpResponseMessage> GetAsync(string path)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path);
            request.Headers.Add("Cookie", cookie);
            return await _services.Identity.SendAsync(request);
        }
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_the_account_and_a_form_from_elsewhere_does_nothing()
    {
        HttpClient admin = await _services.AsAsync("admin", "acme", _services.Issuer);
        (await admin.SendAsync(Post("users",
            """{"signInName":"Lock@Example.cn","name":"锁","password":"twelve letters","roles":["member"]}""")))
            .StatusCode.ShouldBe(HttpStatusCode.Created);
        (await SignInAsync("lock@example.cn", "twelve letters")).Code.ShouldNotBeEmpty();
        for (int i = 0; i < 5; i++)
            (await SignInAsync("lock@example.cn", "wrong")).Code.ShouldBeEmpty();
        (await SignInAsync("lock@example.cn", "twelve letters")).Code.ShouldBeEmpty();
        using HttpResponseMessage elsewhere = await _services.Identity.PostAsync(
            AuthorizePath(), Form(("name", "operator"), ("password", Password), ("form", "guess")));
        elsewhere.Headers.Location.ShouldBeNull();
    }

    [Fact]
    public async Task Keys_rotate_and_old_tokens_stay_valid()
    {
        string before = await _services.TokenAsync("acme-member");
        HttpClient operatorClient = await _services.AsAsync("operator", "acme", _services.Issuer);
        (await operatorClient.PostAsync("keys/rotate", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await operatorClient.PostAsync("keys/rotate", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        string after = await _services.TokenAsync("acme-member");
        Part(after, 0)["kid"]!.ToString().ShouldNotBe(Part(before, 0)["kid"]!.ToString());
        foreach (string token in new[] { before, after })
        {
            // An unknown key id is asked for again, but not more often than every two seconds.
            await global::TestKit.Eventually.TrueAsync(async () =>
            {
                using HttpRequestMessage request = new(HttpMethod.Get, "deposits");
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                return (await _services.Evidence.SendAsync(request)).StatusCode == HttpStatusCode.OK;
            }, "the token is accepted");
        }
    }

    [Fact]
    public async Task Names_of_users_are_sealed_listed_and_erasable()
    {
        HttpClient admin = await _services.AsAsync("admin", "acme", _services.Issuer);
        using HttpResponseMessage added = await admin.SendAsync(Post("users",
            """{"signInName":"erin","name":"赵六六六","password":"twelve letters","roles":["reader"]}"""));
        string id = (string)(await JsonAsync(added))["id"]!;
        (await ListedAsync(admin)).ShouldContain("赵六六六");
        global::EventStore.Store store = _services.IdentityApp.Services.GetRequiredService<global::EventStore.Store>();
        Encoding.UTF8.GetString((await store.FetchStreamAsync(id))[0].Bytes.Span).ShouldNotContain("赵六六六");
        using HttpResponseMessage taken = await admin.SendAsync(Post("users",
            """{"signInName":"ERIN","name":"x","password":"twelve letters","roles":["reader"]}"""));
        await BadInputTests.ProblemAsync(taken, 409, "sign-in-name-taken");
        using HttpResponseMessage open = await admin.PostAsync($"users/{id}/erase", null);
        await BadInputTests.ProblemAsync(open, 422, "account-open");
        (await admin.SendAsync(Post($"users/{id}/close", """{"reason":"left"}"""))).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await admin.PostAsync($"users/{id}/erase", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await ListedAsync(admin)).ShouldNotContain("赵六六六");
    }

    [Fact]
    public async Task A_client_whose_secret_can_not_be_kept_is_not_registered()
    {
        HttpClient admin = await _services.AsAsync("admin", "acme", _services.Issuer);
        await ExecuteAsync("alter table credentials add constraint torn check (id <> 'client-torn') not valid");
        using HttpResponseMessage failed = await admin.SendAsync(
            Post("clients", """{"id":"torn","name":"Torn","roles":["member"]}"""));
        ((int)failed.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
        await ExecuteAsync("alter table credentials drop constraint torn");
        using HttpResponseMessage again = await admin.SendAsync(
            Post("clients", """{"id":"torn","name":"Torn","roles":["member"]}"""));
        again.StatusCode.ShouldBe(HttpStatusCode.Created, await again.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_client_without_a_kept_secret_is_not_let_in()
    {
        HttpClient admin = await _services.AsAsync("admin", "acme", _services.Issuer);
        (await admin.SendAsync(Post("clients", """{"id":"bare","name":"Bare","roles":["member"]}""")))
            .StatusCode.ShouldBe(HttpStatusCode.Created);
        await ExecuteAsync("delete from credentials where id = 'client-bare'");
        foreach (string grant in new[] { "client_credentials", "authorization_code" })
        {
            using HttpResponseMessage response = await _services.Identity.PostAsync("connect/token", Form(
                ("grant_type", grant), ("client_id", "bare"), ("code", "x")));
            ((string)(await JsonAsync(response))["error"]!).ShouldBe("invalid_client");
        }
    }

    [Fact]
    public async Task A_new_password_and_the_event_of_it_come_together()
    {
        HttpClient admin = await _services.AsAsync("admin", "acme", _services.Issuer);
        using HttpResponseMessage added = await admin.SendAsync(Post("users",
            """{"signInName":"pat","name":"Pat","password":"twelve letters","roles":["reader"]}"""));
        string id = (string)(await JsonAsync(added))["id"]!;
        await ExecuteAsync($"alter table credentials add constraint torn check (id <> '{id}') not valid");
        using HttpResponseMessage failed = await ChangeAsync("other letters");
        ((int)failed.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
        await ExecuteAsync("alter table credentials drop constraint torn");
        var store = _services.IdentityApp.Services.GetRequiredService<global::EventStore.Store>();
        (await store.FetchStreamAsync(id)).Count.ShouldBe(1);

        using HttpResponseMessage changed = await ChangeAsync("other letters");
        changed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await SignInAsync("pat", "twelve letters")).Cookie.ShouldBeEmpty();
        (await SignInAsync("pat", "other letters")).Cookie.ShouldNotBeEmpty();

        Task<HttpResponseMessage> ChangeAsync(string password) =>
            admin.PutAsync($"users/{id}/password", Json($$"""{"password":"{{password}}"}"""));
    }

    [Fact]
    public async Task A_person_changes_the_own_password_with_the_current_one_and_is_signed_out_everywhere()
    {
        HttpClient admin = await _services.AsAsync("admin", "acme", _services.Issuer);
        (await admin.SendAsync(Post("users",
            """{"signInName":"first","name":"First","password":"handed over 1","roles":["member"]}"""))).EnsureSuccessStatusCode();
        (string code, string cookie) = await SignInAsync("first", "handed over 1");
        using HttpResponseMessage token = await RedeemAsync(code, Verifier);
        string access = (string)(await JsonAsync(token))["access_token"]!;

        await BadInputTests.ProblemAsync(await ChangeAsync("guess guess 12", "only mine 123"), 422, "password-wrong");
        foreach ((string chosen, string rule) in new[] { ("handed over 1", "password-same"), ("aaaaaaaaaaaaaa", "password-simple") })
        {
            (await BadInputTests.ProblemAsync(await ChangeAsync("handed over 1", chosen), 400, "validation-failed"))["errors"]!
                .AsArray().Select(e => (string)e!["code"]!).ShouldContain(rule);
        }
        (await ChangeAsync("handed over 1", "only mine 123")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using HttpRequestMessage silent = new(HttpMethod.Get, AuthorizePath() + "&prompt=none");
        silent.Headers.Add("Cookie", cookie);
        using HttpResponseMessage asked = await _services.Identity.SendAsync(silent);
        asked.Headers.Location!.ToString().ShouldContain("login_required");
        (await SignInAsync("first", "handed over 1")).Cookie.ShouldBeEmpty();
        (await SignInAsync("first", "only mine 123")).Cookie.ShouldNotBeEmpty();

        using HttpResponseMessage program = await admin.PutAsync(
            "users/me/password", Json("""{"current":"x","password":"only mine 123"}"""));
        await BadInputTests.ProblemAsync(program, 403, "password-of-a-person");

        Task<HttpResponseMessage> ChangeAsync(string current, string password)
        {
            HttpRequestMessage request = new(HttpMethod.Put, "users/me/password")
            {
                Content = Json($$"""{"current":"{{current}}","password":"{{password}}"}"""),
            };
            request.Headers.Authorization = new("Bearer", access);
            return _services.Identity.SendAsync(request);
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _services.IdentityApp.Services.GetRequiredService<global::EventStore.Store>()
            .DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task The_operator_registers_organisations_with_a_right_credit_code_once()
    {
        HttpClient operatorClient = await _services.AsAsync("operator", "acme", _services.Issuer);
        const string body = """{"id":"brand","name":"品牌有限公司","creditCode":"91110000802100433B"}""";
        (await operatorClient.SendAsync(Post("organisations", body))).StatusCode.ShouldBe(HttpStatusCode.Created);
        using HttpResponseMessage again = await operatorClient.SendAsync(Post("organisations", body.Replace("brand", "brand2")));
        await BadInputTests.ProblemAsync(again, 409, "credit-code-taken");
        using HttpResponseMessage wrong = await operatorClient.SendAsync(Post("organisations", body.Replace("433B", "433C")));
        (await BadInputTests.ProblemAsync(wrong, 400, "validation-failed"))["errors"]!.AsArray()
            .Select(e => (string)e!["code"]!).ShouldContain("credit-code");
        using HttpResponseMessage client = await operatorClient.SendAsync(
            Post("clients", """{"id":"brand-erp","name":"ERP","roles":["member"],"tenant":"brand"}"""));
        string secret = (string)(await JsonAsync(client))["secret"]!;
        using HttpResponseMessage token = await _services.Identity.PostAsync("connect/token", Form(
            ("grant_type", "client_credentials"), ("client_id", "brand-erp"), ("client_secret", secret)));
        ((string)Claims((string)(await JsonAsync(token))["access_token"]!)["tenant"]!).ShouldBe("brand");
    }

    private static async Task<string[]> ListedAsync(HttpClient admin) =>
        [.. (await JsonAsync(await admin.GetAsync("users")))["items"]!.AsArray().Select(u => (string?)u!["name"] ?? "")];

    private async Task<(string Code, string Cookie)> SignInAsync(string name, string password)
    {
        using HttpResponseMessage page = await _services.Identity.GetAsync(AuthorizePath());
        string form = page.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        using HttpRequestMessage post = new(HttpMethod.Post, AuthorizePath())
        {
            Content = Form(("name", name), ("password", password), ("form", form.Split('=', 2)[1])),
        };
        post.Headers.Add("Cookie", form);
        using HttpResponseMessage response = await _services.Identity.SendAsync(post);
        if (response.Headers.Location is not { } location)
            return ("", "");
        string session = response.Headers.GetValues("Set-Cookie")
            .Single(c => c.StartsWith("identity-session=", StringComparison.Ordinal));
        var answer = QueryHelpers.ParseQuery(location.Query);
        answer["state"].ToString().ShouldBe("s-1");
        return (answer["code"].ToString(), session.Split(';')[0]);
    }

    private Task<HttpResponseMessage> RedeemAsync(string code, string verifier) =>
        _services.Identity.PostAsync("connect/token", Form(
            ("grant_type", "authorization_code"), ("client_id", "portal"), ("client_secret", Secret), ("code", code),
            ("redirect_uri", Callback), ("code_verifier", verifier)));

    private static string AuthorizePath(params (string Name, string Value)[] changes)
    {
        Dictionary<string, string?> query = new()
        {
            ["client_id"] = "portal",
            ["redirect_uri"] = Callback,
            ["response_type"] = "code",
            ["scope"] = "openid",
            ["state"] = "s-1",
            ["nonce"] = "n-1",
            ["code_challenge_method"] = "S256",
            ["code_challenge"] = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))),
        };
        foreach ((string name, string value) in changes)
            query[name] = value;
        return QueryHelpers.AddQueryString("connect/authorize", query);
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));

    private static JsonObject Claims(string token) => Part(token, 1);

    private static JsonObject Part(string token, int part) =>
        (JsonObject)JsonNode.Parse(Base64UrlEncoder.Decode(token.Split('.')[part]))!;
}
