using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Identity;

/// <summary>Another OpenID Connect provider in Identity's place, by settings alone.</summary>
public sealed class SecondIssuerTests : IAsyncLifetime, IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _data = Directory.CreateTempSubdirectory("apps-issuer-").FullName;
    private WebApplication _issuer = null!;
    private WebApplication _evidence = null!;
    private HttpClient _client = null!;
    private string _address = "";
    private bool _hangs;
    private string? _says;

    public async Task InitializeAsync()
    {
        _address = $"http://127.0.0.1:{Ports.Free()}";
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder([$"--Urls={_address}"]);
        _issuer = builder.Build();
        _issuer.Use(async (http, next) =>
        {
            if (_hangs)
                await Task.Delay(Timeout.Infinite, http.RequestAborted);
            if (_says is null)
                await next(http);
            else
                await http.Response.WriteAsync(_says);
        });
        ECParameters key = _key.ExportParameters(false);
        _issuer.MapGet("/realm/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = _address + "/realm",
            ["jwks_uri"] = _address + "/certs",
        }));
        _issuer.MapGet("/certs", () => Results.Json(new Dictionary<string, object>
        {
            // Some publish a key twice, once for each use.
            ["keys"] = Enumerable.Repeat(new Dictionary<string, string>
            {
                ["kty"] = "EC",
                ["crv"] = "P-256",
                ["kid"] = "k1",
                ["use"] = "sig",
                ["x"] = Base64UrlEncoder.Encode(key.Q.X),
                ["y"] = Base64UrlEncoder.Encode(key.Q.Y),
            }, 2),
        }));
        await _issuer.StartAsync();
        PostgresServer server = await PostgresServer.SharedAsync();
        _evidence = global::Evidence.EvidenceService.Build(
            "--Service:Name=evidence", "--Service:Group=evidence", $"--Service:Data={_data}", "--Urls=http://127.0.0.1:0",
            $"--ConnectionStrings:Store={await server.CreateDatabaseAsync()}", $"--Auth:Issuer={_address}/realm",
            $"--Auth:Metadata={_address}/realm/.well-known/openid-configuration", "--Auth:Audience=evidence-api",
            "--Auth:TenantClaim=organization", "--Auth:RolesClaim=groups", "--Auth:ClockSkewSeconds=0",
            "--Services:anchor=http://127.0.0.1:9");
        await _evidence.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(RunningServices.Address(_evidence)) };
        await Eventually.TrueAsync(
            async () => (await _client.GetAsync("health/ready")).StatusCode == HttpStatusCode.OK, "evidence is ready");
    }

    [Fact]
    public async Task Its_tokens_are_accepted_and_wrong_ones_refused()
    {
        (await GetAsync(Token())).ShouldBe((HttpStatusCode.OK, ""));
        (await GetAsync(Token(audience: "apps"))).ShouldBe((HttpStatusCode.Unauthorized, "token-invalid"));
        (await GetAsync(Token(issuer: _address))).ShouldBe((HttpStatusCode.Unauthorized, "token-invalid"));
        (await GetAsync(Token(lifetime: TimeSpan.FromSeconds(-1)))).ShouldBe((HttpStatusCode.Unauthorized, "token-expired"));
        (await GetAsync(Token(roles: "service"))).ShouldBe((HttpStatusCode.Forbidden, "forbidden"));
        (await GetAsync(Token(tenantClaim: "tenant_name"))).ShouldBe((HttpStatusCode.Unauthorized, "token-invalid"));
        (await GetAsync(Token(tenantClaim: "tenant"))).ShouldBe((HttpStatusCode.Unauthorized, "token-invalid"));
        (await GetAsync(Token(rolesClaim: "roles"))).ShouldBe((HttpStatusCode.Forbidden, "forbidden"));
        (await GetAsync(Token(kid: "k2"))).ShouldBe((HttpStatusCode.Unauthorized, "token-invalid"));
    }

    [Fact]
    public async Task A_token_that_was_accepted_is_refused_once_it_has_expired()
    {
        string token = Token(lifetime: TimeSpan.FromSeconds(3));
        (await GetAsync(token)).Item1.ShouldBe(HttpStatusCode.OK);
        (await GetAsync(token)).Item1.ShouldBe(HttpStatusCode.OK);
        await Eventually.TrueAsync(
            async () => await GetAsync(token) == (HttpStatusCode.Unauthorized, "token-expired"), "the token has expired");
    }

    [Fact]
    public async Task While_it_is_away_the_answer_is_to_try_again()
    {
        await _issuer.StopAsync();
        (await GetAsync(Token())).ShouldBe((HttpStatusCode.ServiceUnavailable, "identity-unavailable"));
    }

    [Theory]
    [InlineData("<html>maintenance</html>")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task While_it_talks_nonsense_the_answer_is_to_try_again(string nonsense)
    {
        _says = nonsense;
        (await GetAsync(Token())).ShouldBe((HttpStatusCode.ServiceUnavailable, "identity-unavailable"));
    }

    [Fact]
    public async Task Requests_do_not_queue_for_one_that_hangs()
    {
        _hangs = true;
        Stopwatch watch = Stopwatch.StartNew();
        (HttpStatusCode, string)[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => GetAsync(Token())));
        answers.ShouldAllBe(a => a.Item1 == HttpStatusCode.ServiceUnavailable && a.Item2 == "identity-unavailable");
        // One of them waited for the five seconds that an answer may take; one after another they would take thirty.
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));

        _hangs = false;
        await Eventually.TrueAsync(
            async () => (await GetAsync(Token())).Item1 == HttpStatusCode.OK, "the issuer is asked again");
    }

    public async Task DisposeAsync()
    {
        await _evidence.DisposeAsync();
        await _issuer.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    public void Dispose()
    {
        _client.Dispose();
        _key.Dispose();
    }

    private string Token(
        string audience = "evidence-api", string? issuer = null, TimeSpan? lifetime = null, string roles = "reader",
        string tenantClaim = "organization", string rolesClaim = "groups", string kid = "k1")
    {
        DateTime expires = DateTime.UtcNow + (lifetime ?? TimeSpan.FromMinutes(5));
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? _address + "/realm",
            Audience = audience,
            Expires = expires,
            IssuedAt = expires.AddMinutes(-10),
            Claims = new Dictionary<string, object>
            {
                ["sub"] = "someone",
                [tenantClaim] = "acme",
                [rolesClaim] = new[] { roles },
            },
            SigningCredentials = new SigningCredentials(
                new ECDsaSecurityKey(_key) { KeyId = kid }, SecurityAlgorithms.EcdsaSha256),
        });
    }

    private async Task<(HttpStatusCode, string)> GetAsync(string token)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "deposits");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage response = await _client.SendAsync(request);
        string code = response.StatusCode == HttpStatusCode.OK
            ? ""
            : (string)(await RunningServices.JsonAsync(response))["code"]!;
        return (response.StatusCode, code);
    }
}
