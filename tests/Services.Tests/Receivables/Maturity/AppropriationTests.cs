using FsCheck;
using FsCheck.Fluent;
using Receivables.Maturity;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Maturity;

public sealed class AppropriationTests
{
    private static readonly DateOnly Today = new(2026, 3, 2);

    private static Debt Of(string root, long fen = 100, int due = -1, long security = 0, int burden = 0) =>
        new(root, Today.AddDays(due), security, burden, fen);

    [Fact]
    public void Civil_code_560_pays_what_is_due_first()
    {
        Appropriated paid = Appropriation.Of(150, [Of("later", due: 1), Of("due")], Today);
        paid.Parts.ShouldBe([("due", 100), ("later", 50)]);
    }

    [Fact]
    public void Of_due_debts_the_least_secured_then_the_heaviest_then_the_oldest_come_first() =>
        Appropriation.Of(
            450,
            [Of("secured", security: 50), Of("old", due: -9), Of("heavy", burden: 500), Of("new"), Of("new-too")],
            Today)
            .Parts.ShouldBe([("heavy", 100), ("old", 100), ("new", 100), ("new-too", 100), ("secured", 50)]);

    [Fact]
    public void Debts_equal_in_all_that_share_in_proportion_and_the_rest_is_over()
    {
        Appropriation.Of(10, [Of("b", 200), Of("a", 100)], Today).Parts.ShouldBe([("a", 3), ("b", 7)]);
        Appropriation.Of(301, [Of("b", 200), Of("a", 100)], Today).Over.ShouldBe(1);
    }

    [Fact]
    public void Nothing_is_lost_or_paid_twice() =>
        Prop.ForAll(
            Arb.From(Gen.Choose(0, 100_000).SelectMany(fen => Gen.Choose(1, 9_000).ListOf(8).Select(d => (fen, d)))),
            c =>
            {
                Debt[] debts = [.. c.d.Select((fen, i) =>
                    Of($"r{i}", fen, due: (fen % 3) - 1, security: fen % 2, burden: fen % 5))];
                Appropriated paid = Appropriation.Of(c.fen, debts, Today);
                return paid.Parts.Sum(p => p.Fen) + paid.Over == c.fen
                    && paid.Parts.All(p => p.Fen <= debts.Single(d => d.Root == p.Root).Fen)
                    && paid.Parts.Select(p => p.Root).Distinct().Count() == paid.Parts.Count;
            }).QuickCheckThrowOnFailure();
}
