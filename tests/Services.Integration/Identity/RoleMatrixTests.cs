using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using static Services.Integration.Evidence.RunningServices;

namespace Services.Integration.Identity;

/// <summary>Every role against every endpoint of both services: what is written here is what may be done, and no more.</summary>
[Collection(ServicesGroup.Name)]
public class RoleMatrixTests(ServicesFixture fixture)
{
    private const string Id = "D-00000000000000000000000000";
    private const string Event = "00000000-0000-7000-8000-000000000000";
    private const string Everybody = "*";
    private readonly RunningServices _services = fixture.Services;

    public static TheoryData<string, string, string, string> Endpoints => new()
    {
        { "evidence", "POST", "deposits", "member" },
        { "evidence", "POST", "deposits/batch", "member" },
        { "evidence", "POST", "deposits/files", "member" },
        { "evidence", "GET", "deposits", "member reader admin" },
        { "evidence", "GET", $"deposits/{Id}", "member reader admin" },
        { "evidence", "POST", $"deposits/{Id}/custody", "member admin" },
        { "evidence", "GET", $"deposits/{Id}/file", "member reader admin" },
        { "evidence", "POST", $"deposits/{Id}/file/erase", "admin" },
        { "evidence", "POST", $"deposits/{Id}/subject/erase", "admin" },
        { "evidence", "GET", $"deposits/{Id}/proof", "member reader admin" },
        { "evidence", "GET", $"deposits/{Id}/status", "member reader admin" },
        { "evidence", "POST", $"deposits/{Id}/shares", "member admin" },
        { "evidence", "DELETE", $"deposits/{Id}/shares", "member admin" },
        { "evidence", "GET", $"events/{Event}/proof", "member reader admin" },
        { "evidence", "GET", $"events/{Event}/status", "member reader admin" },
        { "evidence", "GET", "shares/x", Everybody },
        { "evidence", "GET", "shares/x/proof", Everybody },
        { "evidence", "GET", "open/digests/x", Everybody },
        { "evidence", "GET", "open/digests/x/proof", Everybody },
        { "evidence", "GET", "feed", "service" },
        { "evidence", "GET", "feed/head", "service" },
        { "identity", "GET", "feed", "service" },
        { "identity", "GET", "feed/head", "service" },
        { "identity", "GET", ".well-known/openid-configuration", Everybody },
        { "identity", "GET", ".well-known/jwks.json", Everybody },
        { "identity", "POST", "connect/token", Everybody },
        { "identity", "GET", "connect/authorize", Everybody },
        { "identity", "POST", "connect/authorize", Everybody },
        { "identity", "GET", "connect/logout", Everybody },
        { "identity", "POST", "connect/logout", Everybody },
        { "identity", "POST", "organisations", "operator" },
        { "identity", "GET", "organisations", "operator regulator" },
        { "identity", "GET", "organisations/acme", "member reader admin regulator operator" },
        { "identity", "POST", "users", "admin operator" },
        { "identity", "GET", "users", "admin operator" },
        { "identity", "PUT", "users/user-x/roles", "admin operator" },
        { "identity", "PUT", "users/user-x/password", "admin operator" },
        { "identity", "PUT", "users/me/password", "member reader admin regulator operator" },
        { "identity", "POST", "users/user-x/close", "admin operator" },
        { "identity", "POST", "users/user-x/erase", "admin operator" },
        { "identity", "POST", "clients", "admin operator" },
        { "identity", "GET", "clients", "admin operator" },
        { "identity", "POST", "clients/x/secret", "admin operator" },
        { "identity", "POST", "clients/x/close", "admin operator" },
        { "identity", "POST", "keys/rotate", "operator" },
    };

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Only_the_roles_named_get_in(string service, string method, string path, string allowed)
    {
        Uri address = service == "evidence" ? _services.Evidence.BaseAddress! : _services.Issuer;
        foreach (string? role in RunningServices.Roles.Cast<string?>().Append(null))
        {
            HttpClient client = await _services.AsAsync(role, "acme", address);
            using HttpRequestMessage request = new(new HttpMethod(method), path);
            if (method is "POST" or "PUT")
                request.Content = Json("{}");
            using HttpResponseMessage response = await client.SendAsync(request);
            HttpStatusCode status = response.StatusCode;
            string who = $"{role ?? "nobody"} {method} {path}: {(int)status}";
            if (role is null && allowed != Everybody)
            {
                status.ShouldBe(HttpStatusCode.Unauthorized, who);
            }
            else if (allowed == Everybody || allowed.Split(' ').Contains(role))
            {
                // The token endpoint answers 401 to a client that it does not know, whoever asks.
                if (path != "connect/token")
                    status.ShouldNotBe(HttpStatusCode.Unauthorized, who);
                status.ShouldNotBe(HttpStatusCode.Forbidden, who);
            }
            else
            {
                status.ShouldBe(HttpStatusCode.Forbidden, who);
            }
        }
    }

    [Fact]
    public void No_endpoint_is_missing_from_the_matrix()
    {
        HashSet<string> rows = [.. Endpoints.Select(e => (object[])e).Select(e => Shape($"{e[0]} {e[1]} /{e[2]}"))];
        string[] common = ["GET /metrics", "/health/live", "/health/ready"];
        foreach ((string name, WebApplication app) in new[]
                 {
                     ("evidence", _services.EvidenceApp), ("identity", _services.IdentityApp),
                 })
        {
            foreach (RouteEndpoint endpoint in app.Services.GetServices<EndpointDataSource>()
                         .SelectMany(s => s.Endpoints).OfType<RouteEndpoint>())
            {
                string pattern = "/" + endpoint.RoutePattern.RawText!.Trim('/');
                IReadOnlyList<string> methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [""];
                if (pattern.Contains("{*path", StringComparison.Ordinal)
                    || methods.Any(m => common.Contains($"{m} {pattern}".Trim())))
                    continue;
                foreach (string method in methods)
                    rows.ShouldContain(Shape($"{name} {method} {pattern}"));
                (endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null
                    || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null).ShouldBeTrue(pattern);
            }
        }
    }

    [Fact]
    public async Task Another_organisations_deposits_and_accounts_are_not_there()
    {
        HttpClient acme = await _services.AsAsync("member");
        using HttpResponseMessage created =
            await acme.SendAsync(Post("deposits", $$"""{"sha256":"{{Digest("isolated")}}"}"""));
        string id = (string)(await JsonAsync(created))["id"]!;
        foreach (string role in new[] { "member", "reader", "admin" })
        {
            HttpClient other = await _services.AsAsync(role, "other");
            foreach (string path in new[] { "", "/proof", "/status", "/file" })
                (await other.GetAsync($"deposits/{id}{path}")).StatusCode.ShouldBe(HttpStatusCode.NotFound, $"{role} {path}");
        }
        HttpClient foreign = await _services.AsAsync("admin", "other");
        foreach ((string path, string body) in new[]
                 {
                     ("custody", """{"kind":"accessed","purpose":"x"}"""), ("shares", """{"days":1}"""),
                     ("file/erase", """{"reason":"x"}"""),
                 })
            (await foreign.SendAsync(Post($"deposits/{id}/{path}", body))).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        HttpClient admin = await _services.AsAsync("admin", "other", _services.Issuer);
        (await admin.SendAsync(Post("clients/acme-member/close", """{"reason":"x"}"""))).StatusCode
            .ShouldBe(HttpStatusCode.NotFound);
        (await admin.SendAsync(Post("clients/acme-member/secret", "{}"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await admin.GetAsync("organisations/acme")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await admin.GetAsync("users?tenant=acme")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.GetAsync("clients?tenant=acme")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.SendAsync(Post("clients", """{"name":"x","roles":["member"],"tenant":"acme"}"""))).StatusCode
            .ShouldBe(HttpStatusCode.Forbidden);
        foreach (string role in new[] { "operator", "service", "regulator" })
        {
            (await admin.SendAsync(Post("clients", $$"""{"name":"x","roles":["{{role}}"]}"""))).StatusCode
                .ShouldBe(HttpStatusCode.Forbidden);
        }
    }

    /// <summary>Parameters and their values look alike.</summary>
    private static string Shape(string row) => string.Join('/', row.Split('/').Select(s =>
        s.StartsWith('{') || s is Id or Event or "x" or "user-x" or "acme" ? "*" : s)).TrimEnd('/');
}
