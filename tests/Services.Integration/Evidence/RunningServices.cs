using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Evidence;
using Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using TestKit;

namespace Services.Integration.Evidence;

/// <summary>Identity and evidence on real Kestrel over real PostgreSQL, and an anchor that answers as told.</summary>
public sealed class RunningServices : IAsyncDisposable
{
    public const string Secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    public const string Password = "correct horse battery";
    public static readonly string[] Roles = ["member", "reader", "admin", "regulator", "operator", "service"];

    private readonly string _data = Directory.CreateTempSubdirectory("apps-services-").FullName;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private WebApplication? _identity;
    private WebApplication? _evidence;

    public FakeAnchor Anchor { get; } = new();

    public HttpClient Identity { get; private set; } = null!;

    public HttpClient Evidence { get; private set; } = null!;

    public Uri Issuer => Identity.BaseAddress!;

    public WebApplication EvidenceApp => _evidence!;

    public WebApplication IdentityApp => _identity!;

    public static async Task<RunningServices> StartAsync(PostgresServer? server = null, params string[] evidenceSettings)
    {
        server ??= await PostgresServer.SharedAsync();
        RunningServices running = new();
        await running.Anchor.StartAsync();
        int port = Ports.Free();
        string issuer = $"http://127.0.0.1:{port}";
        string[] auth =
        [
            $"--Auth:Issuer={issuer}", $"--Auth:Metadata={issuer}/.well-known/openid-configuration",
            "--Auth:Audience=apps",
        ];
        running._identity = IdentityService.Build(
        [
            .. auth, .. Seed(), "--Service:Name=identity", $"--Service:Data={running._data}/identity",
            $"--Urls={issuer}", $"--ConnectionStrings:Store={await server.CreateDatabaseAsync()}",
            "--OpenRate:Burst=100000",
        ]);
        running._evidence = EvidenceService.Build(
        [
            .. auth, "--Service:Name=evidence", "--Service:Group=evidence", $"--Service:Data={running._data}/evidence",
            "--Urls=http://127.0.0.1:0", $"--ConnectionStrings:Store={await server.CreateDatabaseAsync()}",
            $"--Services:anchor={running.Anchor.Address}", "--Client:Id=evidence", $"--Client:Secret={Secret}",
            $"--Client:TokenUrl={issuer}/connect/token", "--OpenRate:Burst=100000", .. evidenceSettings,
        ]);
        await Task.WhenAll(running._identity.StartAsync(), running._evidence.StartAsync());
        running.Identity = Client(Address(running._identity));
        running.Evidence = Client(Address(running._evidence));
        foreach (HttpClient http in new[] { running.Identity, running.Evidence })
        {
            await Eventually.TrueAsync(
                async () => (await http.GetAsync("health/ready")).StatusCode == HttpStatusCode.OK, "the service is ready");
        }
        return running;
    }

    /// <summary>A client signed in with one role in one organisation, or none at all.</summary>
    public async Task<HttpClient> AsAsync(string? role, string tenant = "acme", Uri? service = null)
    {
        Uri address = service ?? Evidence.BaseAddress!;
        string name = $"{role}@{tenant} {address}";
        if (_clients.TryGetValue(name, out HttpClient? known))
            return known;
        HttpClient client = Client(address);
        if (role is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", await TokenAsync($"{tenant}-{role}"));
        return _clients[name] = client;
    }

    public async Task<string> TokenAsync(string clientId)
    {
        using HttpResponseMessage response = await Identity.PostAsync("connect/token", new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = clientId,
                ["client_secret"] = Secret,
            }));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return (string)(await JsonAsync(response))["access_token"]!;
    }

    public static async Task<JsonObject> JsonAsync(HttpResponseMessage response) =>
        (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static HttpRequestMessage Post(string path, string json, string? key = null, string? ifMatch = null)
    {
        HttpRequestMessage request = new(HttpMethod.Post, path) { Content = Json(json) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return request;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (WebApplication? app in new[] { _evidence, _identity })
        {
            if (app is not null)
                await app.DisposeAsync();
        }
        await Anchor.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    internal static string Address(WebApplication app) => app.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private static HttpClient Client(string address) => Client(new Uri(address));

    private static HttpClient Client(Uri address)
    {
        HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = address,
        };
        client.DefaultRequestHeaders.AcceptLanguage.Add(new StringWithQualityHeaderValue("en"));
        return client;
    }

    private static IEnumerable<string> Seed()
    {
        int i = 0;
        foreach (string tenant in new[] { "acme", "other" })
        {
            foreach (string role in Roles)
            {
                yield return $"--Seed:Clients:{i}:Id={tenant}-{role}";
                yield return $"--Seed:Clients:{i}:Secret={Secret}";
                yield return $"--Seed:Clients:{i}:Tenant={tenant}";
                yield return $"--Seed:Clients:{i}:Roles:0={role}";
                i++;
            }
        }
        yield return $"--Seed:Clients:{i}:Id=evidence";
        yield return $"--Seed:Clients:{i}:Secret={Secret}";
        yield return $"--Seed:Clients:{i}:Roles:0=service";
        i++;
        yield return $"--Seed:Clients:{i}:Id=portal";
        yield return $"--Seed:Clients:{i}:Secret={Secret}";
        yield return $"--Seed:Clients:{i}:RedirectUris:0=http://127.0.0.1:9/sign-in/callback";
        yield return "--Seed:Operator:User=operator";
        yield return $"--Seed:Operator:Password={Password}";
    }
}

/// <summary>Stands where the anchor is and answers as a test says.</summary>
public sealed class FakeAnchor : IAsyncDisposable
{
    public const string Part = """{"log":{"path":[],"index":7,"checkpoint":"origin\n8\nroot\n"},"chain":{"transactionIndex":0,"header":"AA==","receiptProof":[],"transactionProof":[]}}""";

    private WebApplication? _app;

    public string Address => RunningServices.Address(_app!);

    public string State { get; set; } = "accepted";

    public string Proof { get; set; } = Part;

    public bool Down { get; set; }

    public string? LastAuthorization { get; private set; }

    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--Urls=http://127.0.0.1:0"]);
        _app = builder.Build();
        _app.MapGet("/groups/{group}/entries/{service}/{id}", (HttpContext http) => Answer(http, () =>
            TypedResults.Text($$"""{"state":"{{State}}","index":7}""", "application/json")));
        _app.MapGet("/groups/{group}/proofs/{service}/{id}", (HttpContext http) => Answer(http, () =>
            State == "anchored"
                ? TypedResults.Text(Proof, "application/json")
                : Results.Json(new { state = State }, statusCode: 202)));
        await _app.StartAsync();
    }

    public ValueTask DisposeAsync() => _app!.DisposeAsync();

    private IResult Answer(HttpContext http, Func<IResult> answer)
    {
        LastAuthorization = http.Request.Headers.Authorization;
        return Down ? Results.StatusCode(500) : answer();
    }
}

/// <summary>One set of services for a class of tests.</summary>
public sealed class ServicesFixture : Xunit.IAsyncLifetime
{
    public RunningServices Services { get; private set; } = null!;

    public async Task InitializeAsync() => Services = await RunningServices.StartAsync();

    public async Task DisposeAsync() => await Services.DisposeAsync();
}

/// <summary>Shared by the classes that do not disturb each other.</summary>
[Xunit.CollectionDefinition(Name)]
public sealed class ServicesGroup : Xunit.ICollectionFixture<ServicesFixture>
{
    public const string Name = "identity and evidence";
}
