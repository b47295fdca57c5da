using System.Net;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.DependencyInjection;
using Receivables.Maturity;
using Receivables.Vouchers;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Receivables.Maturity;

/// <summary>A voucher from its cut-off to the last fen, over HTTP.</summary>
public sealed class ClearingRunTests
{
    private const string Root = "V-00000000000000000000000001";
    private static readonly DateOnly Due = new(2026, 9, 25); // Mid-autumn: falls on Monday 28
    private static readonly string Digest = new('a', 64);

    [Fact]
    public async Task A_voucher_is_instructed_paid_in_part_overdue_and_paid_with_interest()
    {
        await using RunningReceivables running = await RunningReceivables.StartAsync();
        await MatureAsync(running);
        HttpClient operation = await running.AsAsync("suite", "operator");
        HttpClient bank = await running.AsAsync("bank");
        await Eventually.TrueAsync(
            async () => (await bank.GetAsync($"clearings/{Root}")).StatusCode == HttpStatusCode.OK, "clearing is open");

        JsonObject mine = await RunningReceivables.GetAsync(bank, $"clearings/{Root}");
        ((string)mine["payDay"]!).ShouldBe("2026-09-28");
        ((JsonArray)mine["leaves"]!).Count.ShouldBe(1);

        await RunningReceivables.PostAsync(operation, $"clearings/{Root}/instructions", new JsonObject(), 422);
        foreach ((string party, int number) in new[] { ("carmaker", 1), ("seats", 2), ("bank", 3) })
            await RegisterAsync(running, party, number, 201);
        await RegisterAsync(running, "fabric", 3, 422); // the bank's account
        JsonObject told = await RunningReceivables.PostAsync(
            operation, $"clearings/{Root}/instructions", new JsonObject(), 201);
        JsonArray instructions = (JsonArray)told["instructions"]!;
        instructions.Select(i => (string)i!["to"]!["party"]!).ShouldBe(["seats", "bank"]);
        instructions.Select(i => (long)i!["fen"]!).ShouldBe([600_000, 400_000]);
        instructions.ShouldAllBe(i => (string)i!["from"]!["party"]! == "carmaker");

        JsonObject part = await ReceiveAsync(operation, "R1", 500_000, "2026-09-28", 201);
        ((long)part["due"]!["principal"]!).ShouldBe(500_000);
        JsonObject again = await ReceiveAsync(operation, " r1", 500_000, "2026-09-28", 200);
        ((string)again["parts"]![0]!["root"]!).ShouldBe(Root);
        ((long)again["due"]!["principal"]!).ShouldBe(500_000);
        await ReceiveAsync(operation, "R1", 400_000, "2026-09-28", 409);

        // Nothing is late before the bank's file of the pay day is in and all of it is recorded.
        HttpClient regulator = await running.AsAsync("authority", "regulator");
        ClearingWorker worker = running.App.Services.GetRequiredService<ClearingWorker>();
        await worker.TickAsync(default);
        ((bool)(await RunningReceivables.GetAsync(operation, $"clearings/{Root}"))["overdue"]!).ShouldBeFalse();
        string file = $"bank,receipt,voucher,fen,valueDate\n102100099996,R1,{Root},500000,2026-09-28\n";
        await ReconcileAsync(operation, file + "102100099996,R9,,1,2026-09-28\n");
        await worker.TickAsync(default);
        ((bool)(await RunningReceivables.GetAsync(operation, $"clearings/{Root}"))["overdue"]!).ShouldBeFalse();
        await ReconcileAsync(operation, file);
        // Overdue stops the debtor (77号 art. 15) until a proof of payment is shown.
        await Eventually.TrueAsync(async () =>
            (bool)(await RunningReceivables.GetAsync(regulator, "credit/standing/carmaker"))["stopped"]!, "stopped");

        JsonObject rest = await ReceiveAsync(operation, "R2", 500_009, "2026-09-30", 201);
        ((long)rest["due"]!["principal"]!).ShouldBe(0);
        ((long)rest["suspense"]!["over:102100099996/R2"]!["fen"]!).ShouldBe(9);
        IReadOnlyList<string> stage = await running.RowsAsync(
            "select stage from vouchers", reader => reader.GetString(0));
        stage.ShouldBe(["paid"]);
    }

    [Fact]
    public async Task What_is_frozen_after_the_cut_off_is_instructed_to_the_court_though_nobody_told_the_clearing()
    {
        await using RunningReceivables running = await RunningReceivables.StartAsync();
        await MatureAsync(running);
        HttpClient operation = await running.AsAsync("suite", "operator");
        await Eventually.TrueAsync(
            async () => (await operation.GetAsync($"clearings/{Root}")).StatusCode == HttpStatusCode.OK, "open");
        foreach ((string party, int number) in new[] { ("carmaker", 1), ("seats", 2), ("bank", 3) })
            await RegisterAsync(running, party, number, 201);
        await RunningReceivables.PostAsync(operation, $"clearings/{Root}/instructions", new JsonObject(), 201);
        Store store = running.App.Services.GetRequiredService<Store>();
        await using (Session session = store.OpenSession(new EventContext(TimeProvider.System, "test", "court")))
        {
            WritableStream<FamilyState> family = await session.FetchForWriting<FamilyState>(Root);
            family.AppendMany([new VoucherEvent.Frozen(
                "F-1", "court", "seats", [new Interval(0, 150_000)], "basis", "case", "court-account")]);
            await session.SaveChangesAsync();
        }
        JsonObject told = await RunningReceivables.PostAsync(
            operation, $"clearings/{Root}/instructions", new JsonObject(), 201);
        ((JsonArray)told["instructions"]!)
            .Select(i => $"{i!["id"]} {i["to"]!["party"] ?? i["to"]!["account"]} {i["fen"]}").ShouldBe([
                $"{Root}:0:1 court-account 150000", $"{Root}:150000:1 seats 450000", $"{Root}:600000:1 bank 400000",
            ]);
        await RunningReceivables.PostAsync(operation, $"clearings/{Root}/instructions", new JsonObject(), 409);
    }

    private static async Task ReconcileAsync(HttpClient operation, string file)
    {
        using StringContent content = new(file);
        using HttpResponseMessage answer = await operation.PostAsync("reconciliations/2026-09-28", content);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private static Task<JsonObject> ReceiveAsync(HttpClient client, string id, long fen, string day, int status) =>
        RunningReceivables.PostAsync(client, $"clearings/{Root}/receipts", new JsonObject
        {
            ["bank"] = "102100099996",
            ["receipt"] = id,
            ["fen"] = fen,
            ["valueDate"] = day,
            ["sha256"] = Digest,
        }, status);

    private static Task RegisterAsync(RunningReceivables running, string party, int number, int status) =>
        running.ConfirmAccountAsync(party, $"62220{number}", status);

    /// <summary>A voucher of the car maker over 1 000 000 fen, 400 000 of them sold to the bank, past its cut-off.</summary>
    private static async Task MatureAsync(RunningReceivables running)
    {
        Store store = running.App.Services.GetRequiredService<Store>();
        TimeProvider time = running.App.Services.GetRequiredService<TimeProvider>();
        DateTimeOffset far = time.GetUtcNow().AddDays(1);
        await using Session session = store.OpenSession(new EventContext(time, "test", "carmaker"));
        session.StartStream(
            Root,
            new VoucherEvent.Issued("c1", Root, "carmaker", "carmaker", "seats", 1_000_000, new DateOnly(2026, 6, 1), Due,
                [new TradeReference("invoice", Digest)], new Terms(), far),
            new VoucherEvent.Accepted("c2", "c1", "seats"),
            new VoucherEvent.SaleOffered("c3", "seats", "bank", [new Interval(600_000, 1_000_000)], false, Digest, far),
            new VoucherEvent.Sold("c4", "c3", "seats", "bank", [new Interval(600_000, 1_000_000)], false),
            new VoucherEvent.SnapshotTaken("snapshot", 2, Digest));
        await session.SaveChangesAsync();
    }
}
