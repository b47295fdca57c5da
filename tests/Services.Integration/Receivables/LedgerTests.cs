using EventStore;
using Receivables.Ledger;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.LedgerHost;

namespace Services.Integration.Receivables;

public class LedgerTests
{
    [Fact]
    public async Task Issue_accept_split_and_transfer_are_stored_and_read_back()
    {
        await using LedgerHost host = await StartAsync();
        string root = Root(1);
        await host.HeldAsync(root, "a");
        await host.MovedAsync("a", "b", new Part(root, "b", 30_000, 10_000));
        (FamilyState state, long version) = await host.Ledger.ReadAsync(root, CancellationToken.None);
        version.ShouldBe(4);
        state.Fragments.ToArray().ShouldBe((await host.FoldAsync(root)).Fragments.ToArray());
        (await host.BalanceAsync("a")).ShouldBe(70_000);
        (await host.BalanceAsync("b")).ShouldBe(30_000);
        (await host.Store.FetchStreamAsync(root))[0].Data.ShouldBeOfType<VoucherEvent.Issued>()
            .Approved!.Signatures[0].KeyId.ShouldBe("key-1");
    }

    [Fact]
    public async Task A_retried_command_gets_the_same_answer_and_another_under_its_id_is_refused()
    {
        await using LedgerHost host = await StartAsync();
        string root = Root(1);
        await host.HeldAsync(root, "a");
        VoucherCommand.Transfer command = new("t", "a", [new Part(root, "b", 10)]);
        LedgerAnswer first = await host.RunAsync(command);
        host.Clock.Advance(TimeSpan.FromDays(100));
        LedgerAnswer[] again = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.RunAsync(command)));
        again.ShouldAllBe(a => a.At == first.At && a.Families.SequenceEqual(first.Families));
        (await host.RefusedAsync(command with { Parts = [new Part(root, "b", 11)] })).ShouldBe(Refusal.Repeated);
        // Another root does not make it another command.
        await host.HeldAsync(Root(2), "a");
        (await host.RefusedAsync(command with { Parts = [new Part(Root(2), "b", 10)] })).ShouldBe(Refusal.Repeated);
        await using LedgerHost restarted = await StartAsync(host.Store.DataSource.ConnectionString);
        (await restarted.RunAsync(command)).Families.ShouldBe(first.Families);
        (await host.FoldAsync(root)).Fragments.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_stale_version_is_refused_and_nothing_is_changed()
    {
        await using LedgerHost host = await StartAsync();
        string root = Root(1);
        await host.HeldAsync(root, "a");
        (await host.RefusedAsync(new VoucherCommand.Transfer("t", "a", [new Part(root, "b", 1)]), expected: 1))
            .ShouldBe("version-stale");
        await host.RunAsync(new VoucherCommand.Transfer("t", "a", [new Part(root, "b", 1)]), expected: 2);
    }

    [Fact]
    public async Task A_refused_command_leaves_no_trace()
    {
        await using LedgerHost host = await StartAsync();
        await host.HeldAsync(Root(1), "a");
        await host.HeldAsync(Root(2), "b");
        long events = await host.Store.FeedHeadAsync(), commands = await host.CountAsync("voucher_commands");
        // One of two families refuses, so the other is left alone as well.
        VoucherCommand pay = new VoucherCommand.PayFromMany(
            "p", "a", "c", 20, [new Source(Root(1), 10), new Source(Root(2), 10)]);
        (await host.RefusedAsync(pay)).ShouldBe(Refusal.NotFound);
        (await host.RefusedAsync(new VoucherCommand.Transfer("t", "a", [new Part(Root(1), "b", 100_001)])))
            .ShouldBe(Refusal.AmountAboveHolding);
        (await host.Store.FeedHeadAsync()).ShouldBe(events);
        (await host.CountAsync("voucher_commands")).ShouldBe(commands);
        (await host.CountAsync("voucher_offers where state = 'open'")).ShouldBe(0);
    }

    [Fact]
    public async Task One_payment_from_many_roots_is_one_transaction()
    {
        await using LedgerHost host = await StartAsync();
        for (int i = 1; i <= 3; i++)
            await host.HeldAsync(Root(i), "a", 100);
        LedgerAnswer paid = await host.RunAsync(new VoucherCommand.PayFromMany(
            "p", "a", "b", 250, [new Source(Root(2), 100), new Source(Root(1), 100), new Source(Root(3), 50)]));
        paid.Families.Select(f => f.Root).ShouldBe([Root(1), Root(2), Root(3)]);
        await host.RunAsync(new VoucherCommand.Accept("q", "b", "p", [Root(3), Root(1), Root(2)]));
        (await host.BalanceAsync("b")).ShouldBe(250);
        (await host.BalanceAsync("a")).ShouldBe(50);
    }

    [Fact]
    public async Task A_stranger_is_told_that_there_is_no_such_voucher()
    {
        await using LedgerHost host = await StartAsync();
        await host.HeldAsync(Root(1), "a");
        (await host.RefusedAsync(new VoucherCommand.Transfer("t", "stranger", [new Part(Root(1), "b", 1)])))
            .ShouldBe(Refusal.NotFound);
    }

    [Fact]
    public async Task A_balance_can_be_asked_for_any_instant()
    {
        await using LedgerHost host = await StartAsync();
        string root = Root(1);
        DateTimeOffset opened = host.Clock.GetUtcNow();
        await host.HeldAsync(root, "a");
        host.Clock.Advance(TimeSpan.FromDays(1));
        await host.MovedAsync("a", "b", new Part(root, "b", 100));
        (await host.BalanceAsync("a", opened.AddTicks(-1))).ShouldBe(0);
        (await host.BalanceAsync("a", opened.AddHours(1))).ShouldBe(100_000);
        (await host.BalanceAsync("a", opened.AddDays(1))).ShouldBe(99_900);
        (await host.BalanceAsync("b", opened.AddHours(1))).ShouldBe(0);
    }

    [Fact]
    public async Task The_clock_lets_offers_lapse_takes_the_snapshot_and_marks_default()
    {
        await using LedgerHost host = await StartAsync();
        string root = Root(1);
        await host.HeldAsync(root, "a");
        await host.RunAsync(new VoucherCommand.Transfer("t", "a", [new Part(root, "b", 10)]));
        Fragment[] whole = [new(0, 100_000, new Claim("a", "c1", 0))];
        (await TickAsync(host)).ShouldBeEmpty();
        host.Clock.Advance(TimeSpan.FromDays(7));
        (await TickAsync(host)).ShouldBe([root]);
        (await host.FoldAsync(root)).Fragments.ToArray().ShouldBe(whole);
        host.Clock.Advance(FamilyState.CutOffOf(DueDate) - host.Clock.GetUtcNow());
        (await TickAsync(host)).ShouldBe([root]);
        (await host.FoldAsync(root)).Stage.ShouldBe(Stage.Presented);
        (await TickAsync(host)).ShouldBeEmpty();
        host.Clock.Advance(TimeSpan.FromDays(2));
        (await TickAsync(host)).ShouldBe([root]);
        (await host.FoldAsync(root)).Stage.ShouldBe(Stage.Overdue);
        (await TickAsync(host)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_companion_records_in_the_same_transaction_and_may_refuse_one_of_many()
    {
        await using LedgerHost host = await StartAsync(companions: new NoneTo("c"));
        await host.HeldAsync(Root(1), "a");
        VoucherCommand.Transfer[] commands = [.. Enumerable.Range(0, 20).Select(i =>
            new VoucherCommand.Transfer($"t{i}", "a", [new Part(Root(1), i == 7 ? "c" : "b", 1)]))];
        string?[] refused = await Task.WhenAll(commands.Select(async c =>
        {
            try
            {
                await host.RunAsync(c);
                return null;
            }
            catch (ProblemException e)
            {
                return $"{c.CommandId} {e.Problem.Code}";
            }
        }));
        refused.Where(r => r is not null).ShouldBe([$"t7 {Refusal.NotOffered}"]);
        (await host.FoldAsync(Root(1))).Offers.Count.ShouldBe(19);
    }

    [Fact]
    public async Task Approvals_on_a_chain_that_went_on_are_refused_and_the_others_are_not()
    {
        await using LedgerHost host = await StartAsync();
        await host.HeldAsync(Root(1), "a");
        EventContext context = new(host.Clock, "key-1", "a");
        AppendedWith Link(long version) => new("chain-1", version, context.Stamp(
            "receivables.fell-overdue.v1", new VoucherEvent.FellOverdue("stands for an approval")));
        Task<LedgerAnswer> Run(string id, params AppendedWith[] record) =>
            host.RunAsync(new VoucherCommand.Transfer(id, "a", [new Part(Root(1), "b", 1)]), record: record);
        await Run("t1", Link(0));
        Task<LedgerAnswer>[] three = [Run("t2", Link(0)), Run("t3"), Run("t4", Link(1))];
        await Should.ThrowAsync<ConcurrencyException>(three[0]);
        await Task.WhenAll(three[1..]);
        (await host.FoldAsync(Root(1))).Offers.Keys.Order().ShouldBe(["t1", "t3", "t4"]);
        // Asked again, an accepted command has its answer, though its approval is recorded long since.
        await Run("t1", Link(0));
    }

    [Fact]
    public async Task A_receipt_is_allocated_once_and_pays_the_voucher_off()
    {
        await using LedgerHost host = await StartAsync();
        await host.HeldAsync(Root(1), "a", 100);
        await host.MovedAsync("a", "b", new Part(Root(1), "b", 40));
        host.Clock.Advance(FamilyState.CutOffOf(DueDate) - host.Clock.GetUtcNow());
        await TickAsync(host);
        Task<LedgerAnswer> PayAsync(string receipt, params LeafPayment[] payments) =>
            host.Ledger.PayAsync(Root(1), receipt, payments, [], CancellationToken.None);
        await PayAsync("r1", new LeafPayment(0, 40, 39));
        (await Should.ThrowAsync<ProblemException>(() => PayAsync("r1", new LeafPayment(0, 40, 1))))
            .Problem.Code.ShouldBe(Refusal.ReceiptRepeated);
        (await host.BalanceAsync("b")).ShouldBe(1);
        await PayAsync("r2", new LeafPayment(0, 40, 1), new LeafPayment(40, 100, 60));
        (await host.BalanceAsync("a")).ShouldBe(0);
        (await host.CountAsync("vouchers where stage = 'paid'")).ShouldBe(1);
        (await host.BalanceAsync("a", FamilyState.CutOffOf(DueDate).AddTicks(-1))).ShouldBe(60);
    }

    [Fact]
    public async Task What_another_process_wrote_is_read_before_a_command_is_refused()
    {
        await using LedgerHost here = await StartAsync();
        await here.HeldAsync(Root(1), "a");
        await using LedgerHost there = await StartAsync(here.Store.DataSource.ConnectionString);
        await there.RunAsync(new VoucherCommand.Transfer("t1", "a", [new Part(Root(1), "b", 10)]));
        // The copy here knows of no offer.
        await here.RunAsync(new VoucherCommand.Accept("t2", "b", "t1", [Root(1)]));
        (await there.RefusedAsync(new VoucherCommand.Accept("t3", "b", "t1", [Root(1)])))
            .ShouldBe(Refusal.OfferNotFound);
        (await here.BalanceAsync("b")).ShouldBe(10);
    }

    [Fact]
    public async Task A_balance_as_of_any_instant_is_the_sum_of_all_movements_until_then()
    {
        await using LedgerHost host = await StartAsync();
        await host.HeldAsync(Root(1), "a");
        await host.HeldAsync(Root(2), "b");
        string[] parties = ["a", "b", "c"];
        for (int i = 0; i < 12; i++)
        {
            host.Clock.Advance(TimeSpan.FromMinutes(i % 3));
            (string from, string to) = (parties[i % 2], parties[(i % 2) + 1]);
            await host.MovedAsync(from, to, new Part(Root(i % 2 + 1), to, 1_000 + i));
        }
        foreach (string party in parties)
        {
            for (int minute = -1; minute < 14; minute++)
            {
                DateTimeOffset at = new DateTimeOffset(2026, 1, 5, 2, 0, 0, TimeSpan.Zero).AddMinutes(minute);
                long sum = await host.ScalarAsync(
                    """
                    select coalesce(sum(case when receiver = $1 then fen else -fen end), 0)::bigint
                    from voucher_movements where moves and at <= $2 and (receiver = $1 or sender = $1)
                    """, party, at.UtcDateTime);
                (await host.BalanceAsync(party, at)).ShouldBe(sum, $"{party} {minute}");
            }
        }
    }

    private sealed class NoneTo(string party) : ILedgerCompanion
    {
        public ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
            IReadOnlyList<FamilyChange> changes, HeldTurns turns, CancellationToken cancellation) =>
            changes.SelectMany(c => c.Events).OfType<VoucherEvent.TransferOffered>().Any(e => e.Parts.Any(p =>
                p.To == party))
                ? throw new ProblemException(Problem.Of(Refusal.NotOffered))
                : ValueTask.FromResult<IReadOnlyList<AppendedWith>>([]);
    }

    private static Task<IReadOnlyList<string>> TickAsync(LedgerHost host) =>
        LedgerWorker.TickAsync(host.Ledger, host.Store, host.Clock.GetUtcNow(), CancellationToken.None);
}
