using System.Diagnostics;
using Receivables.Ledger;
using Receivables.Vouchers;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Services.Integration.Receivables.LedgerHost;

namespace Services.Integration.Receivables;

public class LargeFamilyTests(ITestOutputHelper output)
{
    private const int Holders = 1_000;
    private const int PerHolder = 10;

    [Fact]
    public async Task A_voucher_of_ten_thousand_fragments_stays_quick()
    {
        await using LedgerHost host = await StartAsync();
        string root = Root(1);
        await host.HeldAsync(root, "a", 1_000_000_000, new Terms(1, 20, 30_000));
        Stopwatch watch = Stopwatch.StartNew();
        for (int block = 0; block < PerHolder; block++)
        {
            // Every second thousand stays with the sender, so that no two of one holder lie side by side.
            string offer = host.Id();
            await host.RunAsync(new VoucherCommand.Transfer(offer, "a",
                [.. Enumerable.Range(0, Holders).Select(i => new Part(root, $"p{i}", 500,
                    ((block * Holders) + i) * 1_000L))]));
            await Task.WhenAll(Enumerable.Range(0, Holders).Select(i =>
                host.RunAsync(new VoucherCommand.Accept(host.Id(), $"p{i}", offer, [root]))));
        }
        (FamilyState state, long version) = await host.Ledger.ReadAsync(root, CancellationToken.None);
        state.Fragments.Count.ShouldBeGreaterThanOrEqualTo(2 * Holders * PerHolder);
        Report("20,000 fragments by 10,000 accepts", watch);
        Stopwatch command = Stopwatch.StartNew();
        for (int i = 0; i < 50; i++)
            await host.RunAsync(new VoucherCommand.Transfer(host.Id(), $"p{i}", [new Part(root, "z", 7)]));
        Report("50 transfers by amount, one after the other", command);
        await using LedgerHost cold = await StartAsync(host.Store.DataSource.ConnectionString);
        Stopwatch load = Stopwatch.StartNew();
        (await cold.Ledger.ReadAsync(root, CancellationToken.None)).Version.ShouldBe(version + 50);
        Report($"cold load of {version + 50} events", load);
        Stopwatch tree = Stopwatch.StartNew();
        List<Movement> movements = await cold.Lookup.MovementsAsync(
            root, null, state.Whole, (0, 0), 100_000, CancellationToken.None);
        FamilyTree.Draw(movements, state.Whole, "a").Count.ShouldBeInRange(2, FamilyTree.ShapesMax);
        Report("first screen of the tree", tree);
        host.Clock.Advance(FamilyState.CutOffOf(DueDate) - host.Clock.GetUtcNow());
        Stopwatch cut = Stopwatch.StartNew();
        await LedgerWorker.TickAsync(host.Ledger, host.Store, host.Clock.GetUtcNow(), CancellationToken.None);
        Report("snapshot", cut);
        (await host.FoldAsync(root)).Stage.ShouldBe(Stage.Presented);
    }

    private void Report(string what,
        Stopwatch watch) => output.WriteLine($"{what}: {watch.Elapsed.TotalMilliseconds:F0} ms");
}
