using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.DependencyInjection;
using Receivables.Credit;
using Receivables.Ledger;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;
using Shouldly;
using Xunit;

namespace Services.Integration.Receivables.Credit;

public sealed class CreditTests
{
    private const int Clients = 64;

    [Fact]
    public async Task Sixty_four_reservations_at_once_never_take_more_than_the_limit()
    {
        await using RunningReceivables running = await RunningReceivables.StartAsync();
        await RegisterAsync(running);
        Guid line = Guid.Parse(await running.GrantLineAsync("carmaker", 1_000, 1_000));
        HttpClient group = await running.AsAsync("carmaker", "admin");
        await RunningReceivables.PostAsync(group, $"credit/lines/{line}/changes",
            new JsonObject { ["kind"] = "limit", ["limitFen"] = 9_000 }, 404);

        bool[] taken = await Task.WhenAll(Enumerable.Range(0, Clients).Select(i =>
            Task.Run(() => TakesAsync(running, line, $"V{i}"))));

        taken.Count(t => t).ShouldBe(10);
        JsonObject meter = await RunningReceivables.GetAsync(group, $"credit/lines/{line}");
        ((long)meter["reservedFen"]!).ShouldBe(1_000);
        ((long)meter["members"]![0]!["freeFen"]!).ShouldBe(0);
        await RunningReceivables.GetAsync(await running.AsAsync("stranger"), $"credit/lines/{line}", 404);
    }

    [Fact]
    public async Task Issuing_reserves_credit_acceptance_uses_it_and_more_than_is_free_is_refused()
    {
        await using RunningReceivables running = await RunningReceivables.StartAsync();
        await RegisterAsync(running);
        _line = Guid.Parse(await running.GrantLineAsync("carmaker", 1_000, 1_000));
        string line = $"credit/lines/{_line}";
        HttpClient group = await running.AsAsync("carmaker", "admin");
        ILedger ledger = running.App.Services.GetRequiredService<ILedger>();

        await ledger.ExecuteAsync(Issue("c1", 1, 600), Signed, null, default);
        ((long)(await RunningReceivables.GetAsync(group, line))["reservedFen"]!).ShouldBe(600);
        (await Should.ThrowAsync<ProblemException>(() => ledger.ExecuteAsync(Issue("c2", 2, 401), Signed, null, default)))
            .Problem.Code.ShouldBe(CreditDecider.NotFree);
        await ledger.ExecuteAsync(new VoucherCommand.Accept("c3", "seats", "c1", [Root(1)]), Signed, null, default);
        JsonObject meter = await RunningReceivables.GetAsync(group, line);
        ((long)meter["reservedFen"]!).ShouldBe(0);
        ((long)meter["usedFen"]!).ShouldBe(600);
    }

    [Fact]
    public async Task Sixty_four_issues_of_one_line_at_once_all_come_through()
    {
        await using RunningReceivables running = await RunningReceivables.StartAsync();
        await RegisterAsync(running);
        _line = Guid.Parse(await running.GrantLineAsync("carmaker", 6_400, 6_400));
        ILedger ledger = running.App.Services.GetRequiredService<ILedger>();

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => Task.Run(async () =>
        {
            await ledger.ExecuteAsync(Issue($"i{i}", i, 100), Signed, null, default);
            await ledger.ExecuteAsync(
                new VoucherCommand.Accept($"a{i}", "seats", $"i{i}", [Root(i)]), Signed, null, default);
        })));

        JsonObject meter = await RunningReceivables.GetAsync(
            await running.AsAsync("carmaker", "admin"), $"credit/lines/{_line}");
        ((long)meter["usedFen"]!).ShouldBe(6_400);
    }

    [Fact]
    public async Task Only_a_bank_or_factor_grants_and_an_issue_names_its_line()
    {
        await using RunningReceivables running = await RunningReceivables.StartAsync();
        await RegisterAsync(running);
        JsonObject wanted = new() { ["group"] = "carmaker", ["limitFen"] = 1_000 };
        JsonObject refused = await RunningReceivables.PostAsync(
            await running.AsAsync("stranger", "admin"), "credit/lines", wanted, 403);
        ((string)refused["code"]!).ShouldBe(CreditDecider.NotGrantor);
        ILedger ledger = running.App.Services.GetRequiredService<ILedger>();
        await RefusedAsync(null, 1, CreditDecider.NotNamed);
        await RefusedAsync(Guid.NewGuid(), 1, CreditDecider.Missing);
        // Neither another's line nor its freeze concerns this issuer.
        string foreign = await running.GrantLineAsync("seats", 1_000, 1_000);
        await RunningReceivables.PostAsync(await running.AsAsync("bank", "admin"), $"credit/lines/{foreign}/changes",
            new JsonObject { ["kind"] = "freeze", ["legalBasis"] = "none" });
        await RefusedAsync(Guid.Parse(foreign), 1, CreditDecider.Missing);
        _line = Guid.Parse(await running.GrantLineAsync("carmaker", 1_000, 600));
        await RefusedAsync(_line, 601, CreditDecider.NotFree);
        await ledger.ExecuteAsync(Issue("c9", 9, 600), Signed, null, default);
        await running.AllowUnlinedAsync("carmaker");
        await ledger.ExecuteAsync(Issue("c10", 10, 600) with { Line = null }, Signed, null, default);

        async Task RefusedAsync(Guid? line, long fen, string code) => (await Should.ThrowAsync<ProblemException>(() =>
            ledger.ExecuteAsync(Issue("c1", 1, fen) with { Line = line }, Signed, null, default))).Problem.Code.ShouldBe(code);
    }

    private static async Task RegisterAsync(RunningReceivables running)
    {
        foreach ((string id, string kind) in new[]
            { ("carmaker", "core-enterprise"), ("seats", "supplier"), ("bank", "bank"), ("stranger", "supplier") })
            await running.RegisterAsync(id, kind);
    }

    private Guid? _line;

    private static readonly string Digest = new('a', 64);

    private static readonly Approved Signed =
        new(Digest, [new ApprovalSignature("maker", "key-1", Digest, null, "c2lnbmF0dXJl")]);

    private static string Root(int number) => $"V-{number:D26}";

    private VoucherCommand.Issue Issue(string id, int number, long fen)
    {
        DateOnly today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        return new VoucherCommand.Issue(id, "carmaker", Root(number), "carmaker", "seats", fen, today,
            today.AddDays(60), [new TradeReference("invoice", Digest)], new Terms())
        {
            Line = _line,
        };
    }

    /// <summary>Reserves 100 fen, trying again after each lost race.</summary>
    private static async Task<bool> TakesAsync(RunningReceivables running, Guid line, string voucher)
    {
        Store store = running.App.Services.GetRequiredService<Store>();
        CreditLines credit = running.App.Services.GetRequiredService<CreditLines>();
        for (; ; )
        {
            EventContext context = new(TimeProvider.System, "test", "carmaker");
            await using Session session = store.OpenSession(context);
            try
            {
                foreach (AppendedWith e in await credit.ReserveAsync(line, "carmaker", "carmaker", voucher, 100, context))
                    session.Append(e.Stream, e.ExpectedVersion, e.Event);
                await session.SaveChangesAsync();
                return true;
            }
            catch (ConcurrencyException)
            {
                continue;
            }
            catch (ProblemException e) when (e.Problem.Code == CreditDecider.NotFree)
            {
                return false;
            }
        }
    }
}
