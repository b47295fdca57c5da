using System.Net;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.DependencyInjection;
using Receivables.Vouchers;
using Services.Integration.Evidence;
using Services.Integration.Receivables.Signatures;
using Shouldly;
using TestKit;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;

namespace Services.Integration.Receivables.Export;

/// <summary>
/// A record with some of everything, made by signed commands over HTTP: issued, split, passed on, pledged, sold,
/// frozen, refused, returned, cleared with a part payment, overdue with interest, repurchased; and its export as the regulator
/// takes it.
/// </summary>
public sealed class ExportWorld : IAsyncLifetime
{
    public const string Bank = "102100099996";
    private const string Case = "(2026)沪01执1号";
    private readonly SigningWorld _world = new();
    private TestAnchor _anchor = null!;
    private int _documents;
    private string _line = "";

    internal ExportText Export { get; private set; } = null!;

    internal SigningWorld World => _world;

    public string Main { get; } = Root(1);

    public IReadOnlyDictionary<string, string> FirstKeys => _world.People.ToDictionary(p => p.Key, p =>
        p.Value.Admin.KeyId);

    public async Task InitializeAsync()
    {
        await _world.InitializeAsync();
        _anchor = await TestAnchor.StartAsync();
        await LineAsync();
        await VouchersAsync();
        await MatureAsync(Main);
        await MatureAsync(Root(3));
        // The writer of the family has not seen what the clock wrote.
        await _world.Services.RestartAsync($"--Services:anchor={_anchor.Address}");
        await ClearAsync();
        await PublishAsync();
        Export = ExportText.Read(await TextAsync("authority", "regulator"));
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _anchor.DisposeAsync();
    }

    public async Task<string> TextAsync(string tenant, string role, string query = "")
    {
        using HttpResponseMessage response = await (await _world.Services.AsAsync(tenant,
            role)).GetAsync($"export{query}");
        string text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return text;
    }

    /// <summary>Everything so far is in a sealed block.</summary>
    public async Task PublishAsync() => _anchor.Publish(await _world.Services.RowsAsync(
        "select id, digest from store.events order by position", r => (r.GetGuid(0), r.GetFieldValue<byte[]>(1))));

    public static string Root(int number) => $"V-{number:D26}";

    private async Task LineAsync() =>
        _line = await _world.Services.GrantLineAsync("carmaker", 5_000_000, 4_000_000);

    private async Task VouchersAsync()
    {
        string invoice = await DepositAsync("seats", 900_000);
        await DoAsync("carmaker", Issue(Main, "I-1", 1_000_003));
        await DoAsync("seats", Answer("accept", "seats", "offer", "I-1", Main));
        await DoAsync("seats", Give("transfer", "T-1", "seats", ("parts", new JsonArray(
            Part(Main, 300_001, "fabric"), Part(Main, 100_000, "weaver")))));
        await DoAsync("fabric", Answer("accept", "fabric", "offer", "T-1", Main));
        await DoAsync("weaver", Answer("reject", "weaver", "offer", "T-1", Main));
        Guid financing = await _world.Services.FinancedAsync(Main, "fabric", "bank", new Interval(0, 200_000), true);
        await DoAsync("fabric", Give("sell", "S-1", "fabric", ("buyer", "bank"),
            ("from", new JsonArray(Part(Main, 200_000))),
            ("withRecourse", true), ("financing", financing), ("agreementSha256", new string('b', 64))));
        await DoAsync("bank", Answer("confirm-sale", "bank", "sale", "S-1", Main));
        await DoAsync("seats", Give("offer-pledge", "P-1", "seats", ("pledgee", "bank"),
            ("from", new JsonArray(Part(Main, 150_000))), ("agreementSha256", new string('c', 64))));
        await DoAsync("bank", Answer("confirm-pledge", "bank", "pledge", "P-1", Main));
        await DoAsync("court", Give("freeze", "F-1", "court", ("root", Main), ("holder", "seats"), ("fen", 50_000),
            ("legalBasis", "民事诉讼法 253"), ("caseNumber", Case), ("account", "court-account-1")), "regulator");
        await DoAsync("seats", Give("transfer", "T-2", "seats",
            ("parts", new JsonArray(Part(Main, 70_000, "weaver")))));
        await DoAsync("seats", Answer("withdraw", "seats", "offer", "T-2", Main));
        await DoAsync("seats", Give("transfer", "T-3", "seats",
            ("parts", new JsonArray(Part(Main, 60_000, "weaver")))));
        await DoAsync("weaver", Answer("accept", "weaver", "offer", "T-3", Main));
        await DoAsync("carmaker", Issue(Root(2), "I-2", 400_000, invoice));
        await DoAsync("seats", Answer("reject", "seats", "offer", "I-2", Root(2)));
        await DoAsync("carmaker", Issue(Root(3), "I-3", 500_000, invoice));
        await DoAsync("seats", Answer("accept", "seats", "offer", "I-3", Root(3)));
        await DoAsync("seats", Give("pay-from-many", "M-1", "seats", ("to", "fabric"), ("fen", 120_000),
            ("from", new JsonArray(Part(Root(3), 100_000), Part(Root(3), 20_000)))));
        await DoAsync("fabric", Answer("accept", "fabric", "offer", "M-1", Root(3)));
        await DoAsync("carmaker", Issue(Root(4), "I-4", 10_000));
        await DoAsync("seats", Answer("accept", "seats", "offer", "I-4", Root(4)));
        await DoAsync("seats", Give("return", "R-4", "seats", ("root", Root(4))));
        await DoAsync("carmaker", Answer("accept", "carmaker", "offer", "R-4", Root(4)));
    }

    /// <summary>The clock's part: cut-off, then overdue, as the worker does it at that time.</summary>
    private async Task MatureAsync(string root)
    {
        HttpClient operation = await _world.Services.AsAsync("suite", "operator");
        int today = TimeProvider.System.GetUtcNow().Year;
        foreach (int year in new[] { today, today + 1 })
        {
            await PostAsync(operation, "rules/calendar", new JsonObject
            {
                ["year"] = year,
                ["notice"] = "test",
                ["csv"] = $"day,kind\n{year}-01-01,rest",
                ["sha256"] = new string('a', 64),
            }, 201);
        }
        await TickAsync(root, state => Family.Snapshot(state, state.CutOff));
        await Eventually.TrueAsync(
            async () => (await operation.GetAsync($"clearings/{root}")).StatusCode == HttpStatusCode.OK, "clearing is open");
        await TickAsync(root, state => Family.FallOverdue(state, state.CutOff.AddDays(60), state.DueDate));
    }

    private async Task TickAsync(string root, Func<FamilyState, IReadOnlyList<VoucherEvent>> tick)
    {
        Store store = _world.Services.App.Services.GetRequiredService<Store>();
        FamilyState state = await store.AggregateStreamAsync<FamilyState>(root);
        ManualTimeProvider clock = new(state.CutOff.AddDays(state.Stage == Stage.Active ? 0 : 60));
        await using Session session = store.OpenSession(new EventContext(clock, "receivables", "carmaker"));
        WritableStream<FamilyState> stream = await session.FetchForWriting<FamilyState>(root);
        stream.AppendMany([.. tick(stream.Aggregate)]);
        await session.SaveChangesAsync();
    }

    private async Task ClearAsync()
    {
        HttpClient operation = await _world.Services.AsAsync("suite", "operator");
        foreach ((string party, int number) in new[] { ("carmaker", 1), ("seats", 2), ("bank", 3), ("fabric", 4),
            ("weaver", 5) })
        {
            await DoAsync(party, Give("set-account", "AC-1", party, ("bank", Bank), ("number", $"62220{number}")));
            await PostAsync(operation, "accounts/confirmations", new JsonObject
            {
                ["party"] = party,
                ["bank"] = Bank,
                ["number"] = $"62220{number}",
                ["sha256"] = new string('a', 64),
            }, 201);
        }
        await PostAsync(operation, $"clearings/{Main}/instructions", new JsonObject(), 201);
        await ReceiveAsync(operation, "B-1", 333_333, 0);
        await ReceiveAsync(operation, "B-3", 400_000, 1, Root(3));
        // What is unpaid of a part-paid holding is frozen after the cut-off and goes to the court.
        await DoAsync("court", Give("freeze", "F-2", "court", ("root", Main), ("holder", "weaver"), ("fen", 10_000),
            ("legalBasis", "民事诉讼法 253"), ("caseNumber", Case), ("account", "court-account-2")), "regulator");
        await PostAsync(operation, $"clearings/{Main}/instructions", new JsonObject(), 201);
        await PostAsync(operation, $"clearings/{Main}/entries", new JsonObject
        {
            ["kind"] = "costs",
            ["start"] = 0,
            ["fen"] = 77,
            ["reference"] = "court fee",
            ["sha256"] = new string('d', 64),
        }, 201);
        await PostAsync(operation, $"clearings/{Main}/entries", new JsonObject
        {
            ["kind"] = "terms",
            ["agreedPpm"] = 90_000,
            ["contractDate"] = "2026-01-05",
            ["sha256"] = new string('d', 64),
        }, 201);
        await ReceiveAsync(operation, "B-2", 250_000, 12);
        await DoAsync("bank", Give("claim-recourse", "C-1", "bank", ("root", Main), ("sale", "S-1")));
        await DoAsync("fabric", Give("repurchase", "C-2", "fabric", ("root", Main), ("sale", "S-1")));
    }

    private async Task ReceiveAsync(
        HttpClient operation, string receipt, long fen, int late, string? root = null) =>
        await PostAsync(operation, $"clearings/{root ?? Main}/receipts", new JsonObject
        {
            ["bank"] = Bank,
            ["receipt"] = receipt,
            ["fen"] = fen,
            ["valueDate"] = Day(60 + late),
            ["sha256"] = new string('e', 64),
        }, 201);

    private async Task<string> DepositAsync(string seller, long fen)
    {
        string number = $"2431200007{++_documents:D10}", sha256 = RunningServices.Digest($"export {number}");
        await PostAsync(await _world.Services.AsAsync(seller), "trade/documents", new JsonObject
        {
            ["kind"] = "invoice",
            ["sha256"] = sha256,
            ["number"] = number,
            ["seller"] = seller,
            ["buyer"] = "carmaker",
            ["issuedOn"] = Day(0),
            ["grossFen"] = fen,
        }, 201);
        return sha256;
    }

    private async Task DoAsync(string party, JsonObject command, string role = "member")
    {
        HttpClient client = await _world.Services.AsAsync(party, role);
        var people = _world.People[party];
        await PostAsync(client, "commands", SigningWorld.Submit(command,
            await people.Maker.ApproveAsync(client, command, "maker"),
            await people.Checker.ApproveAsync(client, command, "checker", "en")));
    }

    private JsonObject Issue(string root, string id, long fen, string? invoice = null) =>
        Give("issue", id, "carmaker",
        ("root", root), ("debtor", "carmaker"), ("holder", "seats"), ("faceFen", fen), ("issueDate", Day(0)),
        ("dueDate", Day(60)), ("line", _line), ("trade", new JsonArray(new JsonObject
        {
            ["kind"] = "invoice",
            ["sha256"] = invoice ?? new string('a', 64),
        })),
        ("terms", new JsonObject { ["minPartFen"] = 1, ["maxDepth"] = 5, ["maxFragments"] = 100 }));

    private static JsonObject Answer(string kind, string party, string member, string offer, string root) =>
        Give(kind, $"{kind}-{offer}-{party}", party, (member, offer), ("in", new JsonArray(root)));

    private static JsonObject Part(string root, long fen, string? to = null)
    {
        JsonObject part = new() { ["root"] = root, ["fen"] = fen };
        if (to is not null)
            part["to"] = to;
        return part;
    }

    private static JsonObject Give(string kind, string id, string party, params (string Name, JsonNode Value)[] members)
    {
        JsonObject command = new() { ["kind"] = kind, ["commandId"] = id, ["party"] = party };
        foreach ((string name, JsonNode value) in members)
            command[name] = value;
        return command;
    }

    private static string Day(int later) =>
        TimeProvider.System.GetUtcNow().AddHours(8).AddDays(later).ToString("yyyy-MM-dd", null);
}
