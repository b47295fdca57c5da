using System.Net;
using System.Text.Json.Nodes;
using Chain.Core;
using EventStore;
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
using Services.Integration.Identity;
using Services.Tests.Proofs;
using Shouldly;
using TestKit;
using Offer = Receivables.Financing.Offer;

namespace Services.Integration.Receivables;

/// <summary>Identity and receivables on real Kestrel over real PostgreSQL, and an anchor that answers as told.</summary>
public sealed class RunningReceivables : IAsyncDisposable
{
    public static readonly string[] Tenants = ["carmaker", "seats", "fabric", "bank", "stranger", "weaver"];

    private RunningIdentity? _identity;
    private WebApplication? _anchor;
    private string[] _settings = [];

    public WebApplication App { get; private set; } = null!;

    public HttpClient Identity => _identity!.Http;

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
        running._identity = await RunningIdentity.StartAsync(server, Clients());
        running.Database = await server.CreateDatabaseAsync();
        Uri anchor = new(RunningServices.Address(running._anchor));
        running._settings =
            [.. running._identity.Settings("receivables", running.Database, anchor), "--Pledges:Required=false"];
        await running.StartServiceAsync(settings);
        return running;
    }

    /// <summary>Starts the service again over the same database and folder.</summary>
    public async Task RestartAsync(params string[] settings)
    {
        await App.DisposeAsync();
        await StartServiceAsync(settings);
    }

    /// <summary>A client signed in with one role in one organisation.</summary>
    public Task<HttpClient> AsAsync(string tenant, string role = "member") =>
        _identity!.AsAsync(Address, $"{tenant}-{role}");

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
        foreach (IAsyncDisposable? part in new IAsyncDisposable?[] { App, _identity, _anchor })
        {
            if (part is not null)
                await part.DisposeAsync();
        }
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
        await RunningIdentity.ReadyAsync(RunningIdentity.Client(Address));
    }

    private static IEnumerable<SeededClient> Clients() =>
    [
        .. Tenants.SelectMany(t => new[] { "member", "reader", "admin" }.Select(r => SeededClient.Of(t, r))),
        SeededClient.Of("authority", "regulator"), SeededClient.Of("suite", "operator"),
        SeededClient.Of("court", "admin"), SeededClient.Of("court", "regulator"), SeededClient.Of("court", "member"),
        .. Tenants.Append("court").SelectMany(t => new[] { "wu", "mei", "chen", "su" }.Select(
            p => new SeededClient($"{t}-{p}", t, p == "wu" ? "admin" : "member"))),
        new SeededClient("receivables", null, "service"),
    ];
}
