using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Evidence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Services.Integration.Identity;
using TestKit;

namespace Services.Integration.Evidence;

/// <summary>Identity and evidence on real Kestrel over real PostgreSQL, and an anchor that answers as told.</summary>
public sealed class RunningServices : IAsyncDisposable
{
    public static readonly string[] Roles = ["member", "reader", "admin", "regulator", "operator", "service"];

    private RunningIdentity? _identity;
    private WebApplication? _evidence;

    public FakeAnchor Anchor { get; } = new();

    public HttpClient Identity => _identity!.Http;

    public HttpClient Evidence { get; private set; } = null!;

    public Uri Issuer => Identity.BaseAddress!;

    public WebApplication EvidenceApp => _evidence!;

    public WebApplication IdentityApp => _identity!.App;

    public static async Task<RunningServices> StartAsync(PostgresServer? server = null, params string[] evidenceSettings)
    {
        server ??= await PostgresServer.SharedAsync();
        RunningServices running = new();
        await running.Anchor.StartAsync();
        running._identity = await RunningIdentity.StartAsync(server,
        [
            .. new[] { "acme", "other" }.SelectMany(tenant => Roles.Select(role => SeededClient.Of(tenant, role))),
            new SeededClient("evidence", null, "service"),
            new SeededClient("portal", null, null, "http://127.0.0.1:9/sign-in/callback"),
        ]);
        string database = await server.CreateDatabaseAsync();
        running._evidence = EvidenceService.Build(
            [.. running._identity.Settings("evidence", database, new Uri(running.Anchor.Address)), .. evidenceSettings]);
        await running._evidence.StartAsync();
        running.Evidence = RunningIdentity.Client(new Uri(Address(running._evidence)));
        await RunningIdentity.ReadyAsync(running.Evidence);
        return running;
    }

    /// <summary>A client signed in with one role in one organisation, or none at all.</summary>
    public async Task<HttpClient> AsAsync(string? role, string tenant = "acme", Uri? service = null)
    {
        Uri address = service ?? Evidence.BaseAddress!;
        return role is null ? RunningIdentity.Client(address) : await _identity!.AsAsync(address, $"{tenant}-{role}");
    }

    public Task<string> TokenAsync(string clientId) => _identity!.TokenAsync(clientId);

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
        if (_evidence is not null)
            await _evidence.DisposeAsync();
        if (_identity is not null)
            await _identity.DisposeAsync();
        await Anchor.DisposeAsync();
    }

    internal static string Address(WebApplication app) => app.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.First();
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
