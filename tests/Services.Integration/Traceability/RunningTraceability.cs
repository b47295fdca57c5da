using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Traceability;

namespace Services.Integration.Traceability;

/// <summary>Identity and traceability on real Kestrel over real PostgreSQL, and an anchor that answers as told.</summary>
public sealed class RunningTraceability : IAsyncDisposable
{
    public static readonly string[] Tenants = ["farm", "maker", "dealer", "stranger"];

    private readonly string _data = Directory.CreateTempSubdirectory("apps-trace-").FullName;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private WebApplication? _identity;
    private WebApplication? _anchor;
    private string[] _settings = [];

    /// <summary>State of every event at the anchor.</summary>
    public string AnchorState { get; set; } = "accepted";

    public WebApplication App { get; private set; } = null!;

    public HttpClient Identity { get; private set; } = null!;

    /// <summary>A client that nobody has signed in with; it follows no redirect and asks for English.</summary>
    public HttpClient Open { get; private set; } = null!;

    public string Database { get; private set; } = "";

    public Uri Address => new(RunningServices.Address(App));

    public static async Task<RunningTraceability> StartAsync(PostgresServer? server = null, params string[] settings)
    {
        server ??= await PostgresServer.SharedAsync();
        RunningTraceability running = new();
        await running.StartAnchorAsync();
        string issuer = $"http://127.0.0.1:{Ports.Free()}";
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
        await running._identity.StartAsync();
        running.Identity = Client(new Uri(issuer));
        running.Database = await server.CreateDatabaseAsync();
        running._settings =
        [
            .. auth, "--Service:Name=trace", "--Service:Group=trace", $"--Service:Data={running._data}/trace",
            "--Urls=http://127.0.0.1:0", $"--ConnectionStrings:Store={running.Database}",
            $"--Services:anchor={RunningServices.Address(running._anchor!)}", "--Client:Id=trace",
            $"--Client:Secret={RunningServices.Secret}", $"--Client:TokenUrl={issuer}/connect/token",
            "--OpenRate:Burst=100000", "--Webhooks:AllowLoopback=true",
        ];
        await running.StartServiceAsync(settings);
        return running;
    }

    /// <summary>The service's settings, for a process of its own over the same database and folder.</summary>
    public IReadOnlyList<string> Settings => _settings;

    /// <summary>Stops the service; identity, anchor and database go on.</summary>
    public async Task StopServiceAsync()
    {
        await App.DisposeAsync();
        _clients.Clear();
    }

    /// <summary>Starts the service again over the same database and folder, with other settings.</summary>
    public async Task RestartAsync(params string[] settings)
    {
        await App.DisposeAsync();
        _clients.Clear();
        await StartServiceAsync(settings);
    }

    /// <summary>A client signed in with one role in one organisation.</summary>
    public Task<HttpClient> AsAsync(string tenant, string role = "member") => AsAsync(Address, tenant, role);

    /// <summary>The same, of a service at another address.</summary>
    public async Task<HttpClient> AsAsync(Uri service, string tenant, string role = "member")
    {
        string name = $"{service} {tenant}-{role}";
        if (_clients.TryGetValue(name, out HttpClient? known))
            return known;
        HttpClient client = Client(service);
        using HttpResponseMessage response = await Identity.PostAsync("connect/token", new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = $"{tenant}-{role}",
                ["client_secret"] = RunningServices.Secret,
            }));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        client.DefaultRequestHeaders.Authorization =
            new("Bearer", (string)(await RunningServices.JsonAsync(response))["access_token"]!);
        return _clients[name] = client;
    }

    /// <summary>Captures events as one document and waits until the job is done.</summary>
    public static async Task<JsonObject> CaptureAsync(
        HttpClient client, IEnumerable<JsonObject> events, string? behaviour = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "epcis/v2/capture")
        {
            Content = RunningServices.Json(Events.Document(events)),
        };
        if (behaviour is not null)
            request.Headers.Add("GS1-Capture-Error-Behaviour", behaviour);
        using HttpResponseMessage accepted = await client.SendAsync(request);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await accepted.Content.ReadAsStringAsync());
        return await DoneAsync(client, accepted.Headers.Location!);
    }

    /// <summary>Waits until a capture job is done.</summary>
    public static async Task<JsonObject> DoneAsync(HttpClient client, Uri job)
    {
        JsonObject state = [];
        await Eventually.TrueAsync(async () =>
        {
            state = await RunningServices.JsonAsync(await client.GetAsync(job));
            return state["running"]?.GetValue<bool>() == false;
        }, "the capture is done");
        return state;
    }

    /// <summary>Events that a query returns.</summary>
    public static async Task<IReadOnlyList<JsonObject>> QueryAsync(HttpClient client, string query)
    {
        using HttpResponseMessage response = await client.GetAsync($"epcis/v2/{query}");
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return Events.Of(await RunningServices.JsonAsync(response));
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<object?> ScalarAsync(string sql)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(Database);
        await using NpgsqlCommand command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (WebApplication? app in new[] { App, _identity, _anchor })
        {
            if (app is not null)
                await app.DisposeAsync();
        }
        Directory.Delete(_data, recursive: true);
    }

    private async Task StartServiceAsync(string[] settings)
    {
        App = TraceabilityService.Build([.. _settings, .. settings]);
        await App.StartAsync();
        Open = Client(Address);
        await Eventually.TrueAsync(
            async () => (await Open.GetAsync("health/ready")).StatusCode == HttpStatusCode.OK, "the service is ready");
    }

    private async Task StartAnchorAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--Urls=http://127.0.0.1:0"]);
        _anchor = builder.Build();
        _anchor.MapGet("/groups/trace/entries/trace/{id}", () =>
            TypedResults.Text($$"""{"state":"{{AnchorState}}","index":7}""", "application/json"));
        _anchor.MapGet("/groups/trace/proofs/trace/{id}", () => AnchorState == "anchored"
            ? TypedResults.Text(FakeAnchor.Part, "application/json")
            : Results.Json(new { state = AnchorState }, statusCode: 202));
        await _anchor.StartAsync();
    }

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
        (string Id, string? Tenant, string Role)[] clients =
        [
            .. Tenants.SelectMany(t => new[] { "member", "reader", "admin" }.Select(r => ($"{t}-{r}", (string?)t, r))),
            ("authority-regulator", "authority", "regulator"), ("suite-operator", "suite", "operator"),
            ("trace", null, "service"),
        ];
        for (int i = 0; i < clients.Length; i++)
        {
            yield return $"--Seed:Clients:{i}:Id={clients[i].Id}";
            yield return $"--Seed:Clients:{i}:Secret={RunningServices.Secret}";
            if (clients[i].Tenant is { } tenant)
                yield return $"--Seed:Clients:{i}:Tenant={tenant}";
            yield return $"--Seed:Clients:{i}:Roles:0={clients[i].Role}";
        }
        yield return "--Seed:Operator:User=operator";
        yield return $"--Seed:Operator:Password={RunningServices.Password}";
    }
}

/// <summary>One service for a class of tests.</summary>
public sealed class TraceabilityFixture : Xunit.IAsyncLifetime
{
    public RunningTraceability Services { get; private set; } = null!;

    public async Task InitializeAsync() => Services = await RunningTraceability.StartAsync();

    public async Task DisposeAsync() => await Services.DisposeAsync();
}
