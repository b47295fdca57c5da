using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventStore;
using Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Prepaid;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;

namespace Services.Integration.Prepaid;

/// <summary>Identity and prepaid cards on real Kestrel over real PostgreSQL.</summary>
public sealed class RunningPrepaid : IAsyncDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("apps-prepaid-").FullName;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private WebApplication? _identity;
    private WebApplication? _app;

    public HttpClient Open { get; private set; } = null!;

    /// <summary>The service's store, for events of days before.</summary>
    public Store Store => _app!.Services.GetRequiredService<Store>();

    /// <summary>Account that publishes roots.</summary>
    public byte[] Publisher { get; } = SHA256.HashData("publisher"u8);

    internal static async Task<RunningPrepaid> StartAsync(PrepaidChain? chain = null)
    {
        PostgresServer server = await PostgresServer.SharedAsync();
        RunningPrepaid running = new();
        string issuer = $"http://127.0.0.1:{Ports.Free()}";
        string[] auth =
        [
            $"--Auth:Issuer={issuer}", $"--Auth:Metadata={issuer}/.well-known/openid-configuration",
            "--Auth:Audience=apps", "--OpenRate:Burst=100000",
        ];
        running._identity = IdentityService.Build(
        [
            .. auth, .. Seed(), "--Service:Name=identity", $"--Service:Data={running._data}/identity",
            $"--Urls={issuer}", $"--ConnectionStrings:Store={await server.CreateDatabaseAsync()}",
        ]);
        await running._identity.StartAsync();
        await ReadyAsync(Client(new Uri(issuer)));
        Directory.CreateDirectory($"{running._data}/prepaid");
        File.WriteAllBytes($"{running._data}/prepaid/liability.key", running.Publisher);
        string[] liabilities = chain is null ? []
            : [$"--Liabilities:Rpc:0={chain.Rpc}", $"--Liabilities:ChainId={PrepaidChain.ChainId}"];
        running._app = PrepaidService.Build(
        [
            .. liabilities,
            .. auth, "--Service:Name=prepaid", "--Service:Group=prepaid", $"--Service:Data={running._data}/prepaid",
            "--Urls=http://127.0.0.1:0", $"--ConnectionStrings:Store={await server.CreateDatabaseAsync()}",
            $"--Services:anchor={chain?.Anchor ?? new Uri("http://127.0.0.1:9")}", "--Client:Id=prepaid-service",
            $"--Client:Secret={RunningServices.Secret}", $"--Client:TokenUrl={issuer}/connect/token",
        ]);
        await running._app.StartAsync();
        running.Open = Client(new Uri(RunningServices.Address(running._app)));
        await ReadyAsync(running.Open);
        return running;
    }

    /// <summary>A client signed in with one role in one organisation.</summary>
    public async Task<HttpClient> AsAsync(string tenant, string role = "member")
    {
        string name = $"{tenant}-{role}";
        if (_clients.TryGetValue(name, out HttpClient? known))
            return known;
        HttpClient client = Client(Open.BaseAddress!);
        using HttpClient identity = Client(new Uri(RunningServices.Address(_identity!)));
        using HttpResponseMessage response = await identity.PostAsync("connect/token", new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = name,
                ["client_secret"] = RunningServices.Secret,
            }));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        client.DefaultRequestHeaders.Authorization =
            new("Bearer", (string)(await RunningServices.JsonAsync(response))["access_token"]!);
        return _clients[name] = client;
    }

    /// <summary>Sends JSON and expects a status.</summary>
    public static async Task<JsonObject> SendAsync(
        HttpClient client, HttpMethod method, string path, string? json, int status = 200, string? secret = null)
    {
        using HttpRequestMessage request = new(method, path)
        {
            Content = json is null ? null : RunningServices.Json(json),
        };
        if (secret is not null)
            request.Headers.Add("Card-Secret", secret);
        using HttpResponseMessage response = await client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        return text.StartsWith('{') ? (JsonObject)JsonNode.Parse(text)! : new JsonObject { ["text"] = text };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (WebApplication? app in new[] { _app, _identity })
        {
            if (app is not null)
                await app.DisposeAsync();
        }
        Directory.Delete(_data, recursive: true);
    }

    private static Task ReadyAsync(HttpClient client) => Eventually.TrueAsync(
        async () => (await client.GetAsync("health/ready")).StatusCode == HttpStatusCode.OK, "it is ready");

    private static HttpClient Client(Uri address)
    {
        HttpClient client = new() { BaseAddress = address };
        client.DefaultRequestHeaders.AcceptLanguage.Add(new StringWithQualityHeaderValue("en"));
        return client;
    }

    private static IEnumerable<string> Seed()
    {
        (string Tenant, string Role)[] clients =
        [
            ("gym", "member"), ("gym", "admin"), ("barber", "member"), ("barber", "admin"), ("authority", "regulator"),
            ("house", "operator"), ("prepaid", "service"),
        ];
        for (int i = 0; i < clients.Length; i++)
        {
            yield return $"--Seed:Clients:{i}:Id={clients[i].Tenant}-{clients[i].Role}";
            yield return $"--Seed:Clients:{i}:Secret={RunningServices.Secret}";
            yield return $"--Seed:Clients:{i}:Tenant={clients[i].Tenant}";
            yield return $"--Seed:Clients:{i}:Roles:0={clients[i].Role}";
        }
        yield return "--Seed:Operator:User=operator";
        yield return $"--Seed:Operator:Password={RunningServices.Password}";
    }
}
