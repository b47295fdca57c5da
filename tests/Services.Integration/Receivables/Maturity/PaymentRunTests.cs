using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.DependencyInjection;
using Receivables.Maturity;
using Receivables.Rules;
using Receivables.Vouchers;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;

namespace Services.Integration.Receivables.Maturity;

/// <summary>Receipts that name no voucher, over HTTP: Civil Code art. 560, and lines in suspense.</summary>
public sealed class PaymentRunTests : IAsyncLifetime
{
    private const string Bank = "102100099996";
    private static readonly string Digest = new('a', 64);
    private RunningReceivables _running = null!;
    private HttpClient _operator = null!;

    public async Task InitializeAsync()
    {
        _running = await StartAsync();
        _operator = await _running.AsAsync("suite", "operator");
        await _running.ConfirmAccountAsync("carmaker", "62221");
        // Due first is 1; 2 and 3 fall due on one day; 4 is not due when the money comes.
        await TellAsync(1, "carmaker", 300_000, new DateOnly(2026, 3, 2));
        await TellAsync(2, "carmaker", 200_001, new DateOnly(2026, 4, 1));
        await TellAsync(3, "carmaker", 100_000, new DateOnly(2026, 4, 1));
        await TellAsync(4, "carmaker", 500_000, new DateOnly(2026, 12, 1));
        await TellAsync(5, "weaver", 400_000, new DateOnly(2026, 1, 5));
    }

    public async Task DisposeAsync() => await _running.DisposeAsync();

    [Fact]
    public async Task A_payment_without_a_name_goes_to_what_was_due_first_then_in_proportion()
    {
        JsonObject answer = await PayAsync("P1", 450_001, "2026-04-01", account: "62221");
        ((string)answer["payer"]!).ShouldBe("carmaker");
        ((string)answer["article"]!).ShouldBe("第五百六十条");
        // 30 days of 0.05 % on the oldest: 4 500. Then 145 501 over 200 001 and 100 000.
        Parts(answer).ShouldBe([$"{Root(1)} 304500", $"{Root(2)} 97001", $"{Root(3)} 48500"]);
        ((long)answer["suspenseFen"]!).ShouldBe(0);
        (await DueAsync(1)).ShouldBe((0, 0));
        (await DueAsync(2)).ShouldBe((0, 103_000));
        (await DueAsync(3)).ShouldBe((0, 51_500));
        (await DueAsync(4)).ShouldBe((0, 500_000));
        (await DueAsync(5)).ShouldBe((0, 400_000));

        JsonObject again = await PayAsync("P1", 450_001, "2026-04-01", account: "62221", status: 200);
        Parts(again).ShouldBe(Parts(answer));
        await PayAsync("P1", 450_002, "2026-04-01", account: "62221", status: 409);
        (await DueAsync(2)).ShouldBe((0, 103_000));
        // What no debt takes stays in a line of its own, and goes back against a receipt.
        JsonObject over = await PayAsync("P2", 700_000, "2026-04-01", account: "62221");
        ((long)over["suspenseFen"]!).ShouldBe(45_500);
        (await DueAsync(4)).ShouldBe((0, 0));
        (await LinesAsync()).ShouldBe([$"{Bank}/P2 carmaker 45500"]);
        await EnterAsync("P2", "sent-back", 422, ("fen", 45_501));
        await EnterAsync("P2", "sent-back", 201, ("fen", 45_500));
        (await LinesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Money_of_nobody_known_waits_until_it_is_matched_once()
    {
        JsonObject answer = await PayAsync("P3", 250_000, "2026-03-02", account: "999");
        answer["payer"].ShouldBeNull();
        (await LinesAsync()).ShouldBe([$"{Bank}/P3  250000"]);
        (await DueAsync(1)).ShouldBe((0, 300_000));
        await EnterAsync("P3", "match", 404, ("payer", "carmaker"), ("root", Root(5)));
        JsonObject matched = await EnterAsync("P3", "match", 201, ("payer", "carmaker"), ("root", Root(2)));
        // The payer named it: the others are not asked, and what it can't take is over.
        Parts(matched).ShouldBe([$"{Root(2)} 200001"]);
        matched["article"].ShouldBeNull();
        (await DueAsync(2)).ShouldBe((0, 0));
        (await DueAsync(1)).ShouldBe((0, 300_000));
        (await LinesAsync()).ShouldBe([$"{Bank}/P3 carmaker 49999"]);
        await EnterAsync("P3", "match", 409, ("payer", "weaver"));
        await EnterAsync("none", "sent-back", 404, ("fen", 1));
    }

    [Fact]
    public async Task An_account_that_somebody_only_says_is_his_makes_nobody_the_payer()
    {
        Store store = _running.App.Services.GetRequiredService<Store>();
        await using (Session session = store.OpenSession(new EventContext(TimeProvider.System, "test", "weaver")))
        {
            session.StartStream(
                ClearingEvents.PayoutStream("weaver"), new AccountSet("AC-1", "weaver", Bank, "62229"));
            await session.SaveChangesAsync();
        }
        (await PayAsync("P8", 400_000, "2026-04-01", account: "62229"))["payer"].ShouldBeNull();
        (await DueAsync(5)).ShouldBe((0, 400_000));
        // Who sets the car maker's account gets neither it nor what it pays.
        await _running.ConfirmAccountAsync("weaver", "62221", 422);
        ((string)(await PayAsync("P9", 1, "2026-04-01", account: "62221"))["payer"]!).ShouldBe("carmaker");
    }

    [Fact]
    public async Task A_part_that_was_recorded_before_a_crash_is_allocated_once_after_it()
    {
        Store store = _running.App.Services.GetRequiredService<Store>();
        await using (Session session = store.OpenSession(new EventContext(TimeProvider.System, "test", "suite")))
        {
            session.StartStream(
                PaymentEvents.Stream("P4"),
                new PaymentEvent.Received("P4", 100_000, new DateOnly(2026, 3, 2), Digest),
                new PaymentEvent.Appropriated("carmaker", [new PaymentPart(Root(1), 100_000)], 0, null, null));
            await session.SaveChangesAsync();
        }
        PaymentAllocation allocation = _running.App.Services.GetRequiredService<PaymentAllocation>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => allocation.RunAsync(default)));
        (await DueAsync(1)).ShouldBe((0, 200_000));
    }

    [Fact]
    public async Task One_receipt_is_credited_once_however_it_is_delivered()
    {
        await ReceiveAsync(1, "R-1", 100_000, 201);
        JsonObject again = await ReceiveAsync(1, "ｒ－１ ", 100_000, 200);
        Parts(again).ShouldBe([$"{Root(1)} 100000"]);
        JsonObject refused = await ReceiveAsync(2, "R-1", 100_000, 409);
        ((string)refused["code"]!).ShouldBe("receipt-elsewhere");
        ((string)refused["detail"]!).ShouldContain(Root(1));
        JsonObject unnamed = await PayAsync("R-1", 100_000, "2026-03-02", account: "62221", status: 200);
        Parts(unnamed).ShouldBe([$"{Root(1)} 100000"]);
        // And the other way round: what was set against debts names no voucher any more.
        await PayAsync("R-2", 250_000, "2026-03-02", account: "62221");
        await ReceiveAsync(1, "R-2", 250_000, 409);
        (await DueAsync(1)).ShouldBe((0, 0));
        (await DueAsync(2)).ShouldBe((0, 166_668));
        // Two vouchers at once: one of them gets it.
        long before = (await DueAsync(3)).Principal + (await DueAsync(4)).Principal;
        JsonObject[] race = await Task.WhenAll(new[] { 3, 4, 3, 4 }.Select(n => ReceiveAsync(n, "R-3", 60_000, null)));
        race.Count(a => a["parts"] is not null).ShouldBe(2);
        (before - (await DueAsync(3)).Principal - (await DueAsync(4)).Principal).ShouldBe(60_000);
    }

    [Fact]
    public async Task Debts_are_whole_with_costs_and_less_what_waits_to_be_allocated()
    {
        await ReceiveAsync(1, "R-1", 300_000, 201);
        await PostAsync(_operator, $"clearings/{Root(1)}/entries", new JsonObject
        {
            ["kind"] = "costs",
            ["start"] = 0,
            ["fen"] = 700,
            ["reference"] = "court fee",
            ["sha256"] = Digest,
        }, 201);
        ((long)(await GetAsync(_operator, "clearings?day=2026-03-02"))["items"]![0]!["dueFen"]!).ShouldBe(700);
        Store store = _running.App.Services.GetRequiredService<Store>();
        await using (Session session = store.OpenSession(new EventContext(TimeProvider.System, "test", "suite")))
        {
            session.StartStream(
                PaymentEvents.Stream($"{Bank}/P6"),
                new PaymentEvent.Received($"{Bank}/P6", 200_001, new DateOnly(2026, 4, 1), Digest),
                new PaymentEvent.Appropriated("carmaker", [new PaymentPart(Root(2), 200_001)], 0, null, null));
            await session.SaveChangesAsync();
        }
        JsonObject answer = await PayAsync("P7", 50_700, "2026-04-01", account: "62221");
        Parts(answer).ShouldBe([$"{Root(1)} 700", $"{Root(3)} 50000"]);
    }

    [Fact]
    public async Task Only_the_operator_imports_and_only_it_and_the_regulator_see_suspense()
    {
        foreach (string role in new[] { "member", "admin" })
        {
            HttpClient other = await _running.AsAsync("carmaker", role);
            await PostAsync(other, "payments", Payment("P5", 1, "2026-04-01", null), 403);
            await GetAsync(other, "payments", 403);
        }
        await GetAsync(await _running.AsAsync("authority", "regulator"), "payments");
    }

    [Fact]
    public async Task Rank_follows_receipts_of_the_register_then_notices_then_proportion()
    {
        HttpClient seats = await _running.AsAsync("seats");
        await PostAsync(seats, $"claims/{Root(1)}", Claim(50_000), 201); // neither: last
        await ClaimAsync("bank", Claim(100_000, registered: "2026-02-03T02:00:00.000Z", number: "Z2"));
        await ClaimAsync("fabric", Claim(200_000, registered: "2026-02-02T02:00:00.000Z", number: "Z1"));
        await ClaimAsync("weaver", Claim(70_000, noticed: "2026-01-02T02:00:00.000Z")); // first, but not registered
        JsonObject answer = await GetAsync(seats, $"claims/{Root(1)}");
        ((string)answer["article"]!).ShouldBe("第七百六十八条");
        ((JsonArray)answer["lines"]!).Select(l => $"{l!["rank"]} {l["basis"]} {l["financier"]} {l["registration"]}")
            .ShouldBe(
                ["1 registered fabric Z1", "2 registered bank Z2", "3 notified weaver ", "4 proportional seats "]);

        // A later receipt of the same financier takes the place of the earlier one.
        await ClaimAsync("fabric", Claim(200_000, registered: "2026-02-04T02:00:00.000Z", number: "Z3"));
        JsonObject later = await GetAsync(seats, $"claims/{Root(1)}");
        ((string)later["lines"]![0]!["financier"]!).ShouldBe("bank");
        // A time without its receipt proves nothing; a stranger sees nothing and adds nothing.
        JsonObject bare = Claim(1);
        bare["registeredAt"] = "2026-02-01T02:00:00.000Z";
        await PostAsync(seats, $"claims/{Root(1)}", bare, 400);
        HttpClient stranger = await _running.AsAsync("stranger");
        await PostAsync(stranger, $"claims/{Root(1)}", Claim(1), 404);
        await GetAsync(stranger, $"claims/{Root(1)}", 404);
    }

    private Task<JsonObject> ClaimAsync(string financier, JsonObject claim)
    {
        claim["financier"] = financier;
        return PostAsync(_operator, $"claims/{Root(1)}", claim, 201);
    }

    private static JsonObject Claim(long fen, string? registered = null, string? number = null, string? noticed = null)
    {
        JsonObject claim = new() { ["fen"] = fen };
        if (registered is not null)
        {
            claim["registeredAt"] = registered;
            claim["number"] = number;
            claim["receiptSha256"] = Digest;
        }
        if (noticed is not null)
        {
            claim["noticeArrived"] = noticed;
            claim["noticeSha256"] = Digest;
        }
        return claim;
    }

    private static JsonObject Payment(string receipt, long fen, string day, string? account)
    {
        JsonObject payment = new()
        {
            ["bank"] = Bank,
            ["receipt"] = receipt,
            ["fen"] = fen,
            ["valueDate"] = day,
            ["sha256"] = Digest,
        };
        if (account is not null)
            payment["account"] = account;
        return payment;
    }

    private Task<JsonObject> PayAsync(string receipt, long fen, string day, string? account, int status = 201) =>
        PostAsync(_operator, "payments", Payment(receipt, fen, day, account), status);

    private async Task<JsonObject> ReceiveAsync(int number, string receipt, long fen, int? status)
    {
        JsonObject body = Payment(receipt, fen, "2026-03-02", null);
        if (status is { } expected)
            return await PostAsync(_operator, $"clearings/{Root(number)}/receipts", body, expected);
        using HttpResponseMessage response = await _operator.PostAsync(
            $"clearings/{Root(number)}/receipts", Evidence.RunningServices.Json(body.ToJsonString()));
        return (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private Task<JsonObject> EnterAsync(
        string receipt, string kind, int status, params (string Name, JsonNode Value)[] members)
    {
        JsonObject entry = new() { ["receipt"] = $"{Bank}/{receipt}", ["kind"] = kind, ["sha256"] = Digest };
        foreach ((string name, JsonNode value) in members)
            entry[name] = value;
        return PostAsync(_operator, "payments/entries", entry, status);
    }

    private async Task<(long Interest, long Principal)> DueAsync(int number)
    {
        JsonNode due = (await GetAsync(_operator, $"clearings/{Root(number)}"))["due"]!;
        return ((long)due["interest"]!, (long)due["principal"]!);
    }

    private async Task<IEnumerable<string>> LinesAsync() =>
        ((JsonArray)(await GetAsync(_operator, "payments"))["items"]!)
            .Select(l => $"{l!["receipt"]} {l["payer"]} {l["suspenseFen"]}");

    private static IEnumerable<string> Parts(JsonObject answer) =>
        ((JsonArray)answer["parts"]!).Select(p => $"{p!["root"]} {p["fen"]}");

    private static string Root(int number) => $"V-{number:D26}";

    /// <summary>A voucher to seats, a small enterprise, whose payees are fixed.</summary>
    private async Task TellAsync(int number, string debtor, long fen, DateOnly due)
    {
        Store store = _running.App.Services.GetRequiredService<Store>();
        DateTimeOffset far = DateTimeOffset.UtcNow.AddDays(1);
        await using Session session = store.OpenSession(new EventContext(TimeProvider.System, "test", debtor));
        session.StartStream(
            Root(number),
            new VoucherEvent.Issued("c1", Root(number), debtor, debtor, "seats", fen, due.AddDays(-60), due,
                [new TradeReference("invoice", Digest)], new Terms(), far, due),
            new VoucherEvent.Accepted("c2", "c1", "seats"),
            new VoucherEvent.SnapshotTaken("snapshot", 1, Digest));
        session.StartStream(
            ClearingEvents.Stream(Root(number)),
            new ClearingEvent.Opened(Root(number), debtor, due, due, [],
                new LateTerms(PartyClass.LargeEnterprise, PartyClass.Sme, null, null),
                [new PayeeLeaf(0, fen, "seats", false)], Digest));
        await session.SaveChangesAsync();
    }
}
