using EventStore;
using Receivables.Vouchers;
using ServiceDefaults.Problems;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.LedgerHost;

namespace Services.Integration.Receivables;

public class LedgerConcurrencyTests
{
    private const int Clients = 64;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Sixty_four_clients_on_one_family_lose_and_double_nothing(int processes)
    {
        await using LedgerHost first = await StartAsync();
        await using LedgerHost second = await StartAsync(first.Store.DataSource.ConnectionString);
        LedgerHost[] hosts = processes == 1 ? [first] : [first, second];
        string hot = Root(1), other = Root(2);
        await first.HeldAsync(hot, "p0", 6_400_000);
        await first.HeldAsync(other, "p0", 6_400_000);
        for (int i = 1; i < Clients; i++)
            await first.MovedAsync("p0", $"p{i}", new Part(hot, "", 100_000), new Part(other, "", 100_000));
        int[] refused = await Task.WhenAll(Enumerable.Range(0, Clients)
            .Select(i => ClientAsync(hosts[i % hosts.Length], i, hot, other))).WaitAsync(Deadline);
        refused.Sum().ShouldBeLessThan(Clients * 10);
        long total = 0;
        for (int i = 0; i < Clients; i++)
            total += await first.BalanceAsync($"p{i}");
        (total + await first.BalanceAsync("bank")).ShouldBe(12_800_000);
        foreach (string root in new[] { hot, other })
        {
            FamilyState state = await first.FoldAsync(root);
            Invariants.Check(state).ShouldBeNull();
            (await second.Ledger.ReadAsync(root, CancellationToken.None)).State.Fragments.ToArray()
                .ShouldBe(state.Fragments.ToArray());
            foreach (IGrouping<string, Fragment> held in state.Fragments.GroupBy(f => f.Claim.Holder))
            {
                (await first.Lookup.BalancesAsync(held.Key, CancellationToken.None))
                    .Single(b => b.Root == root).Fen.ShouldBe(held.Sum(f => f.Fen));
            }
        }
    }

    /// <summary>Splits, transfers to its neighbours, pays from both families in either order, sells to the
    /// bank.</summary>
    private static async Task<int> ClientAsync(LedgerHost host, int number, string hot, string other)
    {
        string me = $"p{number}", next = $"p{(number + 1) % Clients}";
        int refused = 0;
        async Task<bool> TryAsync(VoucherCommand command)
        {
            while (true)
            {
                try
                {
                    await host.RunAsync(command);
                    return true;
                }
                catch (ProblemException)
                {
                    refused++;
                    return false;
                }
                catch (ConcurrencyException)
                {
                    // The other process was faster too often; a client tries the same command again.
                }
            }
        }
        for (int round = 0; round < 5; round++)
        {
            string id = $"{me}-{round}";
            if (await TryAsync(new VoucherCommand.Transfer($"{id}-t", me, [new Part(hot, next, 100 + round)])))
                await TryAsync(new VoucherCommand.Accept($"{id}-ta", next, $"{id}-t", [hot]));
            Source[] both = number % 2 == 0 ? [new(hot, 10), new(other, 20)] : [new(other, 20), new(hot, 10)];
            if (await TryAsync(new VoucherCommand.PayFromMany($"{id}-p", me, next, 30, both)))
                await TryAsync(new VoucherCommand.Accept($"{id}-pa", next, $"{id}-p", [other, hot]));
            if (await TryAsync(new VoucherCommand.Sell($"{id}-s", me, "bank", [new Source(hot, 7)], true, Digest)))
                await TryAsync(new VoucherCommand.ConfirmSale($"{id}-sa", "bank", $"{id}-s", [hot]));
        }
        return refused;
    }
}
