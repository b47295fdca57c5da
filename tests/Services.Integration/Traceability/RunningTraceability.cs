using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Services.Integration.Evidence;
using Services.Integration.Identity;
using Shouldly;
using TestKit;
using Traceability;

namespace Services.Integration.Traceability;

/// <summary>Identity and traceability on real Kestrel over real PostgreSQL, and an anchor that answers as told.</summary>
public sealed class RunningTraceability : IAsyncDisposable
{
    public static readonly string[] Tenants = ["farm", "maker", "dealer", "stranger"];

    private RunningIdentity? _identity;
    private WebApplication? _anchor;
    private string[] _settings = [];

    /// <summary>State of every event at the anchor.</summary>
    public string AnchorState { get; set; } = "accepted";

    public WebApplication App { get; private set; } = null!;

    public HttpClient Identity => _identity!.Http;

    /// <summary>A client that nobody has signed in with; it follows no redirect and asks for English.</summary>
    public HttpClient Open { get; private set; } = null!;

    public string Database { get; private set; } = "";

    public Uri Address => new(RunningServices.Address(App));

    public static async Task<RunningTraceability> StartAsync(PostgresServer? server = null, params string[] settings)
    {
        server ??= await PostgresServer.SharedAsync();
        RunningTraceability running = new();
        await running.StartAnchorAsync();
        running._identity = await RunningIdentity.StartAsync(server,
        [
            .. Tenants.SelectMany(t => new[] { "member", "reader", "admin" }.Select(r => SeededClient.Of(t, r))),
            SeededClient.Of("authority", "regulator"), SeededClient.Of("suite", "operator"),
            new SeededClient("trace", null, "service"),
        ]);
        running.Database = await server.CreateDatabaseAsync();
        Uri anchor = new(RunningServices.Address(running._anchor!));
        running._settings =
            [.. running._identity.Settings("trace", running.Database, anchor), "--Webhooks:AllowLoopback=true"];
        await running.StartServiceAsync(settings);
        return running;
    }

    /// <summary>The service's settings, for a process of its own over the same database and folder.</summary>
    public IReadOnlyList<string> Settings => _settings;

    /// <summary>Stops the service; identity, anchor and database go on.</summary>
    public ValueTask StopServiceAsync() => App.DisposeAsync();

    /// <summary>Starts the service again over the same database and folder, with other settings.</summary>
    public async Task RestartAsync(params string[] settings)
    {
        await App.DisposeAsync();
        await StartServiceAsync(settings);
    }

    /// <summary>A client signed in with one role in one organisation.</summary>
    public Task<HttpClient> AsAsync(string tenant, string role = "member") => AsAsync(Address, tenant, role);

    /// <summary>The same, of a service at another address.</summary>
    public Task<HttpClient> AsAsync(Uri service, string tenant, string role = "member") =>
        _identity!.AsAsync(service, $"{tenant}-{role}");

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
        foreach (IAsyncDisposable? part in new IAsyncDisposable?[] { App, _identity, _anchor })
        {
            if (part is not null)
                await part.DisposeAsync();
        }
    }

    private async Task StartServiceAsync(string[] settings)
    {
        App = TraceabilityService.Build([.. _settings, .. settings]);
        await App.StartAsync();
        Open = RunningIdentity.Client(Address);
        await RunningIdentity.ReadyAsync(Open);
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
}

/// <summary>One service for a class of tests.</summary>
public sealed class TraceabilityFixture : Xunit.IAsyncLifetime
{
    public RunningTraceability Services { get; private set; } = null!;

    public async Task InitializeAsync() => Services = await RunningTraceability.StartAsync();

    public async Task DisposeAsync() => await Services.DisposeAsync();
}
