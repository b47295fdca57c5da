using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Receivables.Maturity;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Maturity;

public sealed class AllocationTests
{
    private static Leaf Of(long start, long principal, long interest = 0, long costs = 0) =>
        new(start, start + principal, $"payee-{start}", new Owed(costs, interest, principal));

    [Fact]
    public void A_part_payment_of_700000_over_three_leaves_is_exact_to_the_fen()
    {
        Leaf[] leaves = [Of(0, 33_333_333), Of(33_333_333, 33_333_333), Of(66_666_666, 33_333_334)];
        Allocation.Of(70_000_000, leaves).Payments.Select(p => p.Paid.Total)
            .ShouldBe([23_333_333, 23_333_333, 23_333_334]);
    }

    [Fact]
    public void Equal_remainders_fall_to_the_lowest_interval()
    {
        Allocation one = Allocation.Of(1, [Of(200, 100), Of(0, 100), Of(100, 100)]);
        one.Payments.ShouldHaveSingleItem().Start.ShouldBe(0);
        Allocation.Of(2, [Of(200, 100), Of(0, 100), Of(100, 100)]).Payments.Select(p => p.Start).ShouldBe([0, 100]);
    }

    [Fact]
    public void Within_a_leaf_costs_come_first_then_interest_then_principal()
    {
        Leaf leaf = Of(0, 100, interest: 20, costs: 5);
        Allocation.Of(3, [leaf]).Payments[0].Paid.ShouldBe(new Owed(3, 0, 0));
        Allocation.Of(15, [leaf]).Payments[0].Paid.ShouldBe(new Owed(5, 10, 0));
        Allocation.Of(60, [leaf]).Payments[0].Paid.ShouldBe(new Owed(5, 20, 35));
    }

    [Fact]
    public void No_leaf_gets_more_than_is_due_and_what_exceeds_all_is_named()
    {
        // By principal the halves would be 60 each; the first leaf can take 50 only.
        Allocation spread = Allocation.Of(120, [Of(0, 50), Of(50, 50, interest: 30)]);
        spread.Payments.Select(p => p.Paid.Total).ShouldBe([50, 70]);
        spread.Over.ShouldBe(0);
        Allocation.Of(140, [Of(0, 50), Of(50, 50, interest: 30)]).Over.ShouldBe(10);
    }

    [Fact]
    public void A_leaf_on_which_only_interest_is_left_waits_for_the_principal_of_the_others()
    {
        Leaf interestOnly = new(50, 100, "b", new Owed(0, 30, 0));
        Allocation.Of(50, [Of(0, 50), interestOnly]).Payments.ShouldHaveSingleItem().Start.ShouldBe(0);
        Allocation.Of(60, [Of(0, 50), interestOnly]).Payments.Select(p => p.Paid.Total).ShouldBe([50, 10]);
    }

    private static Gen<(Leaf[] Leaves, long[] Receipts)> Cases() =>
        Gen.Choose(1, 40).SelectMany(n =>
            Gen.Choose(1, 1_000_000).ListOf(n).SelectMany(principals =>
            Gen.Choose(0, 5_000).ListOf(n).SelectMany(interests =>
            Gen.Choose(0, 3_000_000).ListOf(6).Select(receipts => (
                Leaves(principals, interests),
                receipts.Select(r => (long)r).ToArray())))));

    private static Leaf[] Leaves(IEnumerable<int> principals, IEnumerable<int> interests)
    {
        long start = 0;
        return [.. principals.Zip(interests, (principal, interest) =>
        {
            Leaf leaf = Of(start, principal, interest, interest % 7);
            start += principal;
            return leaf;
        })];
    }

    [Fact]
    public void Over_any_receipts_sums_are_exact_paid_totals_never_fall_and_nothing_is_paid_beyond_its_due() =>
        Prop.ForAll(Arb.From(Cases()), c =>
        {
            Leaf[] leaves = c.Leaves;
            Dictionary<long, long> paid = leaves.ToDictionary(l => l.Start, _ => 0L);
            foreach (long receipt in c.Receipts)
            {
                Allocation allocation = Allocation.Of(receipt, leaves);
                if (allocation.Payments.Sum(p => p.Paid.Total) + allocation.Over != receipt)
                    return false;
                if (allocation.Over > 0 && leaves.Sum(l => l.Due.Total) + allocation.Over != receipt)
                    return false;
                Dictionary<long, Owed> by = allocation.Payments.ToDictionary(p => p.Start, p => p.Paid);
                leaves = [.. leaves.Select(l => by.TryGetValue(l.Start, out Owed p) ? l with { Due = l.Due - p } : l)];
                if (by.Values.Any(p => p.Costs < 0 || p.Interest < 0 || p.Principal < 0 || p.Total == 0))
                    return false;
                if (leaves.Any(l => l.Due.Costs < 0 || l.Due.Interest < 0 || l.Due.Principal < 0))
                    return false;
                foreach ((long start, Owed p) in by)
                    paid[start] += p.Total;
            }
            return leaves.All(l => paid[l.Start] + l.Due.Total == c.Leaves.First(o => o.Start == l.Start).Due.Total);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_order_in_which_leaves_are_listed_changes_nothing() =>
        Prop.ForAll(Arb.From(Cases()), c =>
        {
            Leaf[] turned = [.. c.Leaves.OrderBy(l => l.Start * 7919 % 1009)];
            return c.Receipts.All(r =>
                Allocation.Of(r, c.Leaves).Payments.SequenceEqual(Allocation.Of(r, turned).Payments));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Without_interest_each_share_is_within_one_fen_of_its_proportion() =>
        Prop.ForAll(Arb.From(Cases()), c =>
        {
            Leaf[] leaves = [.. c.Leaves.Select(l => l with { Due = new Owed(0, 0, l.Due.Principal) })];
            long total = leaves.Sum(l => l.Due.Total);
            long fen = Math.Min(total, c.Receipts[0]);
            Dictionary<long, long> by = Allocation.Of(fen, leaves).Payments
                .ToDictionary(p => p.Start, p => p.Paid.Total);
            return leaves.All(l =>
                Int128.Abs((Int128)by.GetValueOrDefault(l.Start) * total - (Int128)fen * l.Due.Principal) < total);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ten_thousand_leaves_are_paid_in_well_under_a_second()
    {
        Leaf[] leaves = Leaves(
            Enumerable.Range(0, 10_000).Select(i => 1 + i * 37 % 999_983),
            Enumerable.Range(0, 10_000).Select(i => i * 31 % 5_000));
        Allocation.Of(1, leaves);
        Stopwatch watch = Stopwatch.StartNew();
        Allocation.Of(leaves.Sum(l => l.Due.Total) / 3, leaves);
        Allocation.Of(leaves.Sum(l => l.Due.Total) - 1, leaves);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }
}
