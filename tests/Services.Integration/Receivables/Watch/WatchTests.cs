using System.Net;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.DependencyInjection;
using Receivables.Vouchers;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;

namespace Services.Integration.Receivables.Watch;

/// <summary>What the regulator reads, and that nobody else does.</summary>
public sealed class WatchTests
{
    private static readonly string Digest = new('a', 64);

    [Fact]
    public async Task Shares_ladder_lists_and_losses_add_up_to_what_is_open()
    {
        await using RunningReceivables running = await StartAsync();
        DateOnly today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        await TellAsync(running, 1, "carmaker", 600_000, today.AddDays(20), paid: 0);
        await TellAsync(running, 2, "carmaker", 300_000, today.AddDays(-3), paid: 100_000);
        await TellAsync(running, 3, "weaver", 100_000, today.AddDays(200), paid: 0);
        HttpClient regulator = await running.AsAsync("authority", "regulator");

        JsonObject all = await GetAsync(regulator, "watch");
        ((long)all["fen"]!).ShouldBe(900_000);
        ((long)all["overdueFen"]!).ShouldBe(200_000);
        Rows(all, "debtors", "party", "fen", "sharePpm").ShouldBe(["carmaker 800000 888889", "weaver 100000 111111"]);
        Rows(all, "holders", "party", "fen", "overdueFen").ShouldBe(["seats 540000 120000", "bank 360000 80000"]);
        Rows(all, "ladder", "step", "vouchers", "fen").ShouldBe(
            ["overdue 1 200000", "30 1 600000", "90 0 0", "180 0 0", "365 1 100000", "later 0 0"]);

        JsonObject late = await GetAsync(
            regulator, $"watch/vouchers?debtor=carmaker&through={today.AddDays(-1):yyyy-MM-dd}");
        ((long)late["fen"]!).ShouldBe(200_000);
        Rows(late, "items", "root", "openFen", "holders").ShouldBe([$"{Root(2)} 200000 2"]);
        JsonObject page = await GetAsync(regulator, "watch/vouchers?holder=bank&limit=2");
        ((long)page["fen"]!, (long)page["count"]!, (string)page["cursor"]!).ShouldBe((360_000, 3, "2"));
        page = await GetAsync(regulator, "watch/vouchers?holder=bank&limit=2&cursor=2");
        ((JsonArray)page["items"]!).Count.ShouldBe(1);

        // The bank bought with recourse: all that the car maker doesn't pay ends with seats.
        JsonObject stress = await GetAsync(regulator, "watch/stress/carmaker");
        ((long)stress["fen"]!).ShouldBe(800_000);
        Rows(stress, "losses", "party", "heldFen", "passedFen", "takenFen", "lossFen")
            .ShouldBe(["seats 480000 0 320000 800000", "bank 320000 320000 0 0"]);
        Rows(stress, "flows", "from", "to", "fen").ShouldBe(["bank seats 320000"]);
    }

    [Theory]
    [InlineData("carmaker", "member")]
    [InlineData("seats", "admin")]
    [InlineData("suite", "operator")]
    public async Task Only_the_regulator_watches(string tenant, string role)
    {
        await using RunningReceivables running = await StartAsync();
        HttpClient other = await running.AsAsync(tenant, role);
        foreach (string path in new[] { "watch", "watch/vouchers", "watch/stress/carmaker" })
            (await other.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
    }

    private static string Root(int number) => $"V-{number:D26}";

    private static IEnumerable<string> Rows(JsonObject answer, string list, params string[] members) =>
        ((JsonArray)answer[list]!).Select(row => string.Join(' ', members.Select(m => row![m]!.ToString())));

    /// <summary>A voucher to seats, of which the bank bought 40 % with recourse, each paid in proportion.</summary>
    private static async Task TellAsync(
        RunningReceivables running, int number, string debtor, long fen, DateOnly due, long paid)
    {
        Store store = running.App.Services.GetRequiredService<Store>();
        DateTimeOffset far = DateTimeOffset.UtcNow.AddDays(1);
        long cut = fen * 6 / 10;
        Interval[] sold = [new Interval(cut, fen)];
        await using Session session = store.OpenSession(new EventContext(TimeProvider.System, "test", debtor));
        List<VoucherEvent> events =
        [
            new VoucherEvent.Issued("c1", Root(number), debtor, debtor, "seats", fen, due.AddDays(-90), due,
                [new TradeReference("invoice", Digest)], new Terms(), far, due),
            new VoucherEvent.Accepted("c2", "c1", "seats"),
            new VoucherEvent.SaleOffered("c3", "seats", "bank", sold, true, Digest, far),
            new VoucherEvent.Sold("c4", "c3", "seats", "bank", sold, true),
        ];
        if (paid > 0)
        {
            events.Add(new VoucherEvent.SnapshotTaken("snapshot", 2, Digest));
            events.Add(new VoucherEvent.PaymentRecorded("r1", "R1",
            [
                new LeafPaid(0, cut, "seats", "seats", paid * 6 / 10),
                new LeafPaid(cut, fen, "bank", "bank", paid * 4 / 10),
            ]));
        }
        session.StartStream(Root(number), [.. events]);
        await session.SaveChangesAsync();
    }
}
