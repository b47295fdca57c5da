using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Identity;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using TestKit;

namespace Services.Integration.Identity;

/// <summary>A client that identity knows from its start; all have one secret.</summary>
public sealed record SeededClient(string Id, string? Tenant, string? Role, string? RedirectUri = null)
{
    /// <summary>A client of an organisation with one role, named after both.</summary>
    public static SeededClient Of(string tenant, string role) => new($"{tenant}-{role}", tenant, role);
}

/// <summary>Identity on real Kestrel over real PostgreSQL, and the clients that sign in with it.</summary>
public sealed class RunningIdentity : IAsyncDisposable
{
    public const string Secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    public const string Password = "correct horse battery";

    private readonly string _data = Directory.CreateTempSubdirectory("apps-services-").FullName;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private readonly string _issuer = $"http://127.0.0.1:{Ports.Free()}";

    public WebApplication App { get; private set; } = null!;

    /// <summary>A client of identity that nobody has signed in with.</summary>
    public HttpClient Http { get; private set; } = null!;

    public static async Task<RunningIdentity> StartAsync(PostgresServer server, IEnumerable<SeededClient> clients)
    {
        RunningIdentity running = new();
        running.App = IdentityService.Build(
        [
            .. running.Trust(), .. Seed(clients), "--Service:Name=identity", $"--Service:Data={running._data}/identity",
            $"--Urls={running._issuer}", $"--ConnectionStrings:Store={await server.CreateDatabaseAsync()}",
        ]);
        await running.App.StartAsync();
        running.Http = Client(new Uri(running._issuer));
        await ReadyAsync(running.Http);
        return running;
    }

    /// <summary>The folder that a service keeps its data in, of which the name is also its group's.</summary>
    public string Data(string service) => $"{_data}/{service}";

    /// <summary>What a service needs to run behind this identity, over a database and an anchor.</summary>
    public string[] Settings(string service, string database, Uri anchor) =>
    [
        .. Trust(), $"--Service:Name={service}", $"--Service:Group={service}", $"--Service:Data={Data(service)}",
        "--Urls=http://127.0.0.1:0", $"--ConnectionStrings:Store={database}", $"--Services:anchor={anchor}",
        $"--Client:Id={service}", $"--Client:Secret={Secret}", $"--Client:TokenUrl={_issuer}/connect/token",
    ];

    /// <summary>A client of a service, signed in; the same one however often it is asked for.</summary>
    public async Task<HttpClient> AsAsync(Uri service, string clientId)
    {
        string name = $"{service} {clientId}";
        if (_clients.TryGetValue(name, out HttpClient? known))
            return known;
        HttpClient client = Client(service);
        client.DefaultRequestHeaders.Authorization = new("Bearer", await TokenAsync(clientId));
        return _clients[name] = client;
    }

    /// <summary>An access token of a client.</summary>
    public async Task<string> TokenAsync(string clientId)
    {
        using HttpResponseMessage response = await Http.PostAsync("connect/token", new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = clientId,
                ["client_secret"] = Secret,
            }));
        string text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return (string)JsonNode.Parse(text)!["access_token"]!;
    }

    /// <summary>A client that nobody has signed in with; it follows no redirect and asks for English.</summary>
    public static HttpClient Client(Uri address)
    {
        HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = address,
        };
        client.DefaultRequestHeaders.AcceptLanguage.Add(new StringWithQualityHeaderValue("en"));
        return client;
    }

    /// <summary>Waits until a service says that it is ready.</summary>
    public static Task ReadyAsync(HttpClient client) => Eventually.TrueAsync(
        async () => (await client.GetAsync("health/ready")).StatusCode == HttpStatusCode.OK, "the service is ready");

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    private string[] Trust() =>
    [
        $"--Auth:Issuer={_issuer}", $"--Auth:Metadata={_issuer}/.well-known/openid-configuration",
        "--Auth:Audience=apps", "--OpenRate:Burst=100000",
    ];

    private static IEnumerable<string> Seed(IEnumerable<SeededClient> clients)
    {
        foreach ((int i, SeededClient client) in clients.Index())
        {
            yield return $"--Seed:Clients:{i}:Id={client.Id}";
            yield return $"--Seed:Clients:{i}:Secret={Secret}";
            if (client.Tenant is { } tenant)
                yield return $"--Seed:Clients:{i}:Tenant={tenant}";
            if (client.Role is { } role)
                yield return $"--Seed:Clients:{i}:Roles:0={role}";
            if (client.RedirectUri is { } redirect)
                yield return $"--Seed:Clients:{i}:RedirectUris:0={redirect}";
        }
        yield return "--Seed:Operator:User=operator";
        yield return $"--Seed:Operator:Password={Password}";
    }
}
