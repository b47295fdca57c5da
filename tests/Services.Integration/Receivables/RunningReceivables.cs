using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Chain.Core;
using EventStore;
using Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Proofs;
using Proofs.Notes;
using Receivables;
using Receivables.Financing;
using Receivables.Maturity;
using Receivables.Vouchers;
using Services.Integration.Evidence;
using Services.Tests.Proofs;
using Shouldly;
using TestKit;
using Offer = Receivables.Financing.Offer;

namespace Services.Integration.Receivables;

/// <summary>Identity and receivables on real Kestrel over real PostgreSQL, and an anchor that answers as told.</summary>
public sealed class RunningReceivables : IAsyncDisposable
{
    public static readonly string[] Tenants = ["carmaker", "seats", "fabric", "bank", "stranger", "weaver"];

    private readonly string _data = Directory.CreateTempSubdirectory("apps-receivables-").FullName;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private WebApplication? _identity;
    private WebApplication? _anchor;
    private string[] _settings = [];

    public WebApplication App { get; private set; } = null!;

    public HttpClient Identity { get; private set; } = null!;

    public string Database { get; private set; } = "";

    /// <summary>Whether the anchor has sealed every event, or none.</summary>
    public bool Anchored { get; set; }

    public Uri Address => new(RunningServices.Address(App));

    public static async Task<RunningReceivables> StartAsync(PostgresServer? server = null, params string[] settings)
    {
        server ??= await PostgresServer.SharedAsync();
        RunningReceivables running = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--Urls=http://127.0.0.1:0"]);
        running._anchor = builder.Build();
        running._anchor.MapGet("/groups/{group}/entries/{service}/{id}", () =>
            TypedResults.Text("""{"state":"accepted","index":7}""", "application/json"));
        running._anchor.MapGet("/groups/{group}/proofs/{service}/{id:guid}", running.ProveAsync);
        running._anchor.MapGet("/groups/{group}/trust", () =>
            TypedResults.Bytes(new TestNetwork(4).Trust().ToBytes(), "application/json"));
        await running._anchor.StartAsync();
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
        await ReadyAsync(running.Identity, "identity is ready");
        running.Database = await server.CreateDatabaseAsync();
        running._settings =
        [
            .. auth, "--Service:Name=receivables", "--Service:Group=receivables",
            $"--Service:Data={running._data}/receivables", "--Urls=http://127.0.0.1:0",
            $"--ConnectionStrings:Store={running.Database}",
            $"--Services:anchor={RunningServices.Address(running._anchor!)}", "--Client:Id=receivables",
            $"--Client:Secret={RunningServices.Secret}", $"--Client:TokenUrl={issuer}/connect/token",
            "--OpenRate:Burst=100000", "--Pledges:Required=false",
        ];
        await running.StartServiceAsync(settings);
        return running;
    }

    /// <summary>Starts the service again over the same database and folder.</summary>
    public async Task RestartAsync(params string[] settings)
    {
        await App.DisposeAsync();
        _clients.Clear();
        await StartServiceAsync(settings);
    }

    /// <summary>A client signed in with one role in one organisation.</summary>
    public async Task<HttpClient> AsAsync(string tenant, string role = "member")
    {
        string name = $"{tenant}-{role}";
        if (_clients.TryGetValue(name, out HttpClient? known))
            return known;
        HttpClient client = Client(Address);
        using HttpResponseMessage response = await Identity.PostAsync("connect/token", new FormUrlEncodedContent(
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

    /// <summary>An account that a party has signed for, as its command leaves it, and the bank's word.</summary>
    public async Task ConfirmAccountAsync(string party, string number, int status = 201)
    {
        Store store = App.Services.GetRequiredService<Store>();
        await using (Session session = store.OpenSession(new EventContext(TimeProvider.System, "test", party)))
        {
            WritableStream<PayoutState> stream =
                await session.FetchForWriting<PayoutState>(ClearingEvents.PayoutStream(party));
            stream.AppendOne(new AccountSet($"AC-{number}", party, "102100099996", number));
            await session.SaveChangesAsync();
        }
        await PostAsync(await AsAsync("suite", "operator"), "accounts/confirmations", new JsonObject
        {
            ["party"] = party,
            ["bank"] = "102100099996",
            ["number"] = number,
            ["sha256"] = new string('a', 64),
        }, status);
    }

    /// <summary>Enters an organisation into the register; one that is there stays.</summary>
    public async Task RegisterAsync(string id, string kind)
    {
        HttpClient registrar = await AsAsync("suite", "operator");
        JsonObject party = new() { ["id"] = id, ["kind"] = kind, ["name"] = id };
        using HttpResponseMessage answer =
            await registrar.PostAsync("parties", RunningServices.Json(party.ToJsonString()));
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.Created, HttpStatusCode.Conflict);
    }

    /// <summary>Records that an organisation may issue without a credit line.</summary>
    public async Task AllowUnlinedAsync(string id)
    {
        await RegisterAsync(id, "core-enterprise");
        await PostAsync(await AsAsync("suite", "operator"), $"parties/{id}/changes", new JsonObject
        {
            ["unlined"] = new JsonObject
            {
                ["from"] = "2020-01-01",
                ["until"] = "2099-12-31",
                ["basis"] = "test",
                ["evidenceSha256"] = new string('e', 64),
            },
        });
    }

    /// <summary>A bank's line, accepted by the head of the group, which keeps a part itself; gives its id.</summary>
    public async Task<string> GrantLineAsync(string head, long limitFen, long ownFen)
    {
        JsonObject granted = await PostAsync(await AsAsync("bank", "admin"), "credit/lines",
            new JsonObject { ["group"] = head, ["limitFen"] = limitFen }, 201);
        string line = (string)granted["line"]!;
        HttpClient group = await AsAsync(head, "admin");
        await PostAsync(group, $"credit/lines/{line}/changes", new JsonObject { ["kind"] = "accept" });
        await PostAsync(group, $"credit/lines/{line}/changes",
            new JsonObject { ["kind"] = "member", ["member"] = head, ["limitFen"] = ownFen });
        return line;
    }

    /// <summary>An application whose offer was chosen, searched and registered: a sale may close it.</summary>
    public async Task<Guid> FinancedAsync(string root, string seller, string buyer, Interval what, bool recourse)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime);
        Guid id = Guid.CreateVersion7();
        Offer offer = new("o", buyer, what.Fen, today, new Price(30_000, DayCount.Act360, 0, []), recourse);
        await using Session session =
            App.Services.GetRequiredService<Store>().OpenSession(new EventContext(TimeProvider.System, "test", seller));
        session.StartStream("financing-" + id,
            new FinancingEvent.Applied(root, seller, what.Start, what.Fen, today, today.AddDays(60), [buyer]),
            new FinancingEvent.Offered(offer, today.AddDays(3)),
            new FinancingEvent.Chosen("o", Discount.Cost(what.Fen, 60, offer.Price)!),
            new FinancingEvent.Searched(now.AddMinutes(1), new string('a', 64)),
            new FinancingEvent.Registered(new RegisterReceipt("Z", now, new string('a', 64))));
        await session.SaveChangesAsync();
        return id;
    }

    /// <summary>Posts JSON and expects a status.</summary>
    public static async Task<JsonObject> PostAsync(HttpClient client, string path, JsonNode body, int status = 200)
    {
        using HttpResponseMessage response = await client.PostAsync(path, RunningServices.Json(body.ToJsonString()));
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        return (JsonObject)JsonNode.Parse(text)!;
    }

    /// <summary>Gets JSON and expects a status.</summary>
    public static async Task<JsonObject> GetAsync(HttpClient client, string path, int status = 200)
    {
        using HttpResponseMessage response = await client.GetAsync(path);
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        return (JsonObject)JsonNode.Parse(text)!;
    }

    /// <summary>Runs a query and reads its rows.</summary>
    public async Task<IReadOnlyList<T>> RowsAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(Database);
        await using NpgsqlCommand command = source.CreateCommand(sql);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        List<T> rows = [];
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
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

    /// <summary>What the anchor says of an event: a true proof in a chain group made in memory.</summary>
    private async Task<IResult> ProveAsync(Guid id)
    {
        if (!Anchored || await App.Services.GetRequiredService<Store>().FindEventAsync(id) is not { } e)
            return TypedResults.Text("""{"state":"accepted"}""", "application/json", statusCode: 202);
        (LogPart log, Checkpoint checkpoint) = TestNetwork.LogOf(e.Digest.ToArray());
        Bundle bundle = Bundle.WithDigest(new Hash32(e.Digest.Span), log, new TestNetwork(4).Block(checkpoint));
        JsonObject whole = (JsonObject)JsonNode.Parse(bundle.ToBytes())!;
        JsonObject part = new() { ["chain"] = whole["chain"]!.DeepClone(), ["log"] = whole["log"]!.DeepClone() };
        return TypedResults.Text(part.ToJsonString(), "application/json");
    }

    private async Task StartServiceAsync(string[] settings)
    {
        App = ReceivablesService.Build([.. _settings, .. settings]);
        await App.StartAsync();
        await ReadyAsync(Client(Address), "the service is ready");
    }

    private static Task ReadyAsync(HttpClient client, string condition) => Eventually.TrueAsync(
        async () => (await client.GetAsync("health/ready")).StatusCode == HttpStatusCode.OK, condition);

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
            ("court-admin", "court", "admin"), ("court-regulator", "court", "regulator"),
            ("court-member", "court", "member"),
            .. Tenants.Append("court").SelectMany(t => new[] { "wu", "mei", "chen", "su" }.Select(
                p => ($"{t}-{p}", (string?)t, p == "wu" ? "admin" : "member"))),
            ("receivables", null, "service"),
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
