using System.Net;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.DependencyInjection;
using Receivables.Ledger;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;
using Shouldly;
using Xunit;

namespace Services.Integration.Receivables.Maturity;

/// <summary>From the application to the bank's payment, over HTTP.</summary>
public sealed class FinancingRunTests
{
    private const string Root = "V-00000000000000000000000002";
    private static readonly string Digest = new('a', 64);
    private static readonly DateOnly Today = DateOnly.FromDateTime(DateTime.UtcNow);

    [Fact]
    public async Task The_seller_sees_offers_by_true_cost_and_money_is_paid_after_registration()
    {
        await using RunningReceivables running = await RunningReceivables.StartAsync();
        await IssueAsync(running);
        HttpClient operation = await running.AsAsync("suite", "operator");
        for (int year = Today.Year; year < Today.Year + 3; year++)
        {
            await RunningReceivables.PostAsync(operation, "rules/calendar", new JsonObject
            {
                ["year"] = year,
                ["notice"] = "test",
                ["csv"] = $"day,kind\n{year}-01-01,rest",
                ["sha256"] = Digest,
            }, 201);
        }
        HttpClient seats = await running.AsAsync("seats"), bank = await running.AsAsync("bank");
        HttpClient fabric = await running.AsAsync("fabric");
        JsonObject ask = new()
        {
            ["root"] = Root,
            ["start"] = 0,
            ["fen"] = 1_000_000,
            ["invited"] = new JsonArray("bank", "fabric"),
        };
        await RunningReceivables.PostAsync(fabric, "financings", ask, 422); // holds nothing
        string path = $"financings/{(string)(await RunningReceivables.PostAsync(seats, "financings", ask, 201))["id"]!}";

        JsonObject twice = (JsonObject)ask.DeepClone();
        (twice["start"], twice["fen"]) = (999_999, 1);
        ((string)(await RunningReceivables.PostAsync(seats, "financings", twice, 409))["code"]!)
            .ShouldBe("financing-overlaps");
        string dear = await OfferAsync(fabric, path, 20_000, 9_000);
        string cheap = await OfferAsync(bank, path, 38_500, 0);
        await RunningReceivables.GetAsync(await running.AsAsync("stranger"), path, 404);
        JsonArray offers = (JsonArray)(await RunningReceivables.GetAsync(seats, path))["offers"]!;
        offers.Select(o => (string)o!["offer"]!["id"]!).ShouldBe([cheap, dear]);
        ((JsonArray)(await RunningReceivables.GetAsync(fabric, path))["offers"]!).Count.ShouldBe(1);

        await StepAsync(seats, path, 201, ("kind", "choose"), ("offer", cheap));
        long proceeds = (long)(await RunningReceivables.GetAsync(seats, path))["chosen"]!["shown"]!["proceeds"]!;
        using HttpResponseMessage draft = await bank.PostAsync($"{path}/registration-draft", null);
        draft.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await draft.Content.ReadAsStringAsync()).ShouldContain("10000.00元");

        DateTimeOffset now = DateTimeOffset.UtcNow;
        (string, JsonNode?)[] payment =
        [
            ("kind", "disbursement"), ("number", "B1"), ("at", At(now.AddMinutes(3))), ("fen", proceeds), ("sha256", Digest),
        ];
        await StepAsync(bank, path, 422, payment);
        await StepAsync(bank, path, 201, ("kind", "search"), ("at", At(now)), ("sha256", Digest));
        JsonObject refused = await StepAsync(bank, path, 422, payment);
        ((string)refused["detail"]!).ShouldContain("第十三条");
        await StepAsync(bank, path, 201, ("kind", "registration"), ("number", "Z1"), ("at", At(now)),
            ("sha256", Digest));
        ((string)(await StepAsync(bank, path, 422, payment))["code"]!).ShouldBe("financing-not-sold");
        await SellAsync(running, Guid.Parse(path["financings/".Length..]));
        await StepAsync(bank, path, 201, payment);
        await StepAsync(bank, path, 409, payment);
        await StepAsync(seats, path, 409, ("kind", "withdraw"));
    }

    [Fact]
    public async Task A_sale_closes_an_application_and_is_confirmed_only_after_search_and_registration()
    {
        await using RunningReceivables running = await RunningReceivables.StartAsync();
        await IssueAsync(running);
        ILedger ledger = running.App.Services.GetRequiredService<ILedger>();
        VoucherCommand.Sell bare = new("s0", "seats", "bank", [new Source(Root, 1_000)], false, Digest);
        await RefusedAsync(bare, "sale-without-financing");
        await RefusedAsync(bare with { Financing = Guid.NewGuid() }, "financing-not-found");
        Guid id = await running.FinancedAsync(Root, "seats", "bank", new Interval(0, 1_000), recourse: false);
        await RefusedAsync(bare with { Financing = id, WithRecourse = true }, "sale-differs-from-financing");
        await RefusedAsync(bare with { Financing = id, Buyer = "fabric" }, "sale-differs-from-financing");
        await ledger.ExecuteAsync(bare with { Financing = id }, Signed, null, default);
        await ledger.ExecuteAsync(new VoucherCommand.ConfirmSale("k", "bank", "s0", [Root]), Signed, null, default);
        await RefusedAsync(new VoucherCommand.Sell("s1", "bank", "bank", [new Source(Root, 1_000)], false, Digest)
        {
            Financing = id,
        }, "transfer-to-self");

        async Task RefusedAsync(VoucherCommand command, string code) => (await Should.ThrowAsync<ProblemException>(() =>
            ledger.ExecuteAsync(command, Signed, null, default))).Problem.Code.ShouldBe(code);
    }

    private static readonly Approved Signed =
        new(Digest, [new ApprovalSignature("maker", "key-1", Digest, null, "c2lnbmF0dXJl")]);

    private static async Task SellAsync(RunningReceivables running, Guid financing)
    {
        ILedger ledger = running.App.Services.GetRequiredService<ILedger>();
        await ledger.ExecuteAsync(new VoucherCommand.Sell("s", "seats", "bank", [new Source(Root, 1_000_000)], false, Digest)
        {
            Financing = financing,
        }, Signed, null, default);
        await ledger.ExecuteAsync(new VoucherCommand.ConfirmSale("k", "bank", "s", [Root]), Signed, null, default);
    }

    private static string At(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null);

    private static Task<JsonObject> StepAsync(
        HttpClient client, string path, int status, params (string Name, JsonNode? Value)[] members)
    {
        JsonObject step = [];
        foreach ((string name, JsonNode? value) in members)
            step[name] = value?.DeepClone();
        return RunningReceivables.PostAsync(client, $"{path}/steps", step, status);
    }

    private static async Task<string> OfferAsync(HttpClient client, string path, int ppm, long feeFen) =>
        (string)(await RunningReceivables.PostAsync(client, $"{path}/offers", new JsonObject
        {
            ["paysOut"] = Today.AddDays(1).ToString("yyyy-MM-dd", null),
            ["validUntil"] = "2099-01-01",
            ["price"] = new JsonObject
            {
                ["ratePpm"] = ppm,
                ["basis"] = "act360",
                ["debtorPpm"] = 0,
                ["fees"] = new JsonArray(new JsonObject
                {
                    ["payee"] = "platform",
                    ["name"] = "service",
                    ["fen"] = feeFen,
                }),
            },
        }, 201))["offer"]!;

    private static async Task IssueAsync(RunningReceivables running)
    {
        Store store = running.App.Services.GetRequiredService<Store>();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await using Session session = store.OpenSession(new EventContext(TimeProvider.System, "test", "carmaker"));
        session.StartStream(
            Root,
            new VoucherEvent.Issued("c1", Root, "carmaker", "carmaker", "seats", 1_000_000, Today,
                Today.AddDays(90), [new TradeReference("invoice", Digest)], new Terms(), now.AddDays(1)),
            new VoucherEvent.Accepted("c2", "c1", "seats"));
        await session.SaveChangesAsync();
    }
}
