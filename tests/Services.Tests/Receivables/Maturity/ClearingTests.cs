using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using Receivables.Maturity;
using Receivables.Rules;
using Receivables.Vouchers;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Maturity;

public sealed class ClearingTests
{
    private const string Digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static readonly DateOnly Due = new(2026, 3, 2);
    private static readonly LateTerms Sme = new(PartyClass.LargeEnterprise, PartyClass.Sme, null, null);

    private static ClearingState Open(LateTerms? terms = null, params PayeeLeaf[] leaves) =>
        ClearingState.Evolve(ClearingState.Initial, new ClearingEvent.Opened(
            "V-1", "debtor", Due, Due, [], terms ?? Sme, leaves, Digest));

    private static ClearingState Million(LateTerms? terms = null) =>
        Open(terms, new PayeeLeaf(0, 60_000_000, "a", false), new PayeeLeaf(60_000_000, 100_000_000, "b", false));

    private static ClearingState Then(ClearingState state, Decision<ClearingEvent> decision) =>
        decision.ShouldBeOfType<Decision<ClearingEvent>.Accepted>().Events.Aggregate(state, ClearingState.Evolve);

    private static ClearingState Receive(ClearingState state, string id, long fen, int late) =>
        Then(state, Clearing.Receive(state, id, fen, Due.AddDays(late), Digest));

    private static string Refused(Decision<ClearingEvent> decision) =>
        decision.ShouldBeOfType<Decision<ClearingEvent>.Refused>().Rule;

    [Fact]
    public void A_receipt_is_allocated_once()
    {
        ClearingState paid = Receive(Million(), "R1", 10_000_000, 0);
        Refused(Clearing.Receive(paid, "R1", 10_000_000, Due, Digest)).ShouldBe(Clearing.Repeated);
        paid.Leaves.Values.Select(l => l.Paid.Principal).ShouldBe([6_000_000, 4_000_000]);
    }

    [Fact]
    public void Payment_30_days_late_pays_the_interest_of_article_17_before_the_principal()
    {
        ClearingState late = Receive(Million(), "R1", 1_500_000, 30);
        late.Leaves.Values.Sum(l => l.Charged.Interest).ShouldBe(1_500_000);
        late.Leaves.Values.Select(l => l.Paid).ShouldBe([new Owed(0, 900_000, 0), new Owed(0, 600_000, 0)]);
        late.Due.ShouldBe(new Owed(0, 0, 100_000_000));
    }

    [Fact]
    public void What_exceeds_all_that_is_due_waits_in_a_named_line()
    {
        ClearingState over = Receive(Million(), "R1", 100_000_007, 0);
        over.Suspense["over:R1"].ShouldBe(new SuspenseLine("over", 7));
        Refused(Clearing.Settle(over, "over:R1", 8, "sent-back", Digest)).ShouldBe(Clearing.TooMuch);
        Then(over, Clearing.Settle(over, "over:R1", 7, "sent-back", Digest)).Suspense["over:R1"].Fen.ShouldBe(0);
    }

    [Fact]
    public void Money_that_a_payees_bank_returns_lowers_no_paid_total()
    {
        ClearingState paid = Receive(Million(), "R1", 100_000_000, 0);
        ClearingState returned = Then(paid, Clearing.Return(paid, "X1", 0, 60_000_000, Digest));
        returned.Leaves[0].Paid.ShouldBe(paid.Leaves[0].Paid);
        returned.Suspense["returned:X1"].ShouldBe(new SuspenseLine("returned", 60_000_000));
        Refused(Clearing.Return(returned, "X1", 0, 1, Digest)).ShouldBe(Clearing.Repeated);
        Refused(Clearing.Return(paid, "X2", 0, 60_000_001, Digest)).ShouldBe(Clearing.TooMuch);
    }

    [Fact]
    public void A_receipt_that_comes_late_for_an_earlier_day_lowers_later_charges()
    {
        // All but 1 fen was paid on day 10, but the file of it comes after one of day 20.
        ClearingState state = Receive(Million(), "R2", 1, 20);
        long before = state.Leaves.Values.Sum(l => l.Charged.Interest);
        state = Receive(state, "R1", 50_000_000, 10);
        ClearingState straight = Receive(Receive(Million(), "R1", 50_000_000, 10), "R2", 1, 20);
        before.ShouldBe(1_000_000);
        state = Receive(state, "R3", 1, 200);
        state.Leaves.Values.Sum(l => l.Charged.Interest).ShouldBeGreaterThanOrEqualTo(before);
        // The two orders differ only by what was paid of interest rather than of principal meanwhile.
        long difference = state.Leaves.Values.Sum(l => l.Charged.Interest)
            - Receive(straight, "R3", 1, 200).Leaves.Values.Sum(l => l.Charged.Interest);
        Math.Abs(difference).ShouldBeLessThan(100_000);
    }

    [Fact]
    public void Interest_waits_while_its_rate_is_unsettled_and_is_charged_whole_afterwards()
    {
        LateTerms unsettled = Sme with { AgreedPpm = 36_500 };
        ClearingState state = Receive(Million(unsettled), "R1", 1, 10);
        state.Due.Interest.ShouldBe(0);
        ClearingState paid = Receive(state, "R2", 99_999_999, 10);
        paid.Due.Total.ShouldBe(0);
        Then(paid, Clearing.SettleTerms(paid, unsettled with { LprPpm = 30_000 }, Digest)).Due
            .ShouldBe(new Owed(0, 100_000, 0));
        state = Then(state, Clearing.SettleTerms(state, unsettled with { LprPpm = 30_000 }, Digest));
        Receive(state, "R2", 1, 20).Leaves.Values.Sum(l => l.Charged.Interest).ShouldBe(200_000);
    }

    [Fact]
    public void What_is_unpaid_after_the_day_is_overdue_once()
    {
        Clearing.FallOverdue(Million(), Due).ShouldBeEmpty();
        ClearingEvent e = Clearing.FallOverdue(Million(), Due.AddDays(1)).ShouldHaveSingleItem();
        e.ShouldBe(new ClearingEvent.FellOverdue(Due.AddDays(1), 100_000_000));
        Clearing.FallOverdue(ClearingState.Evolve(Million(), e), Due.AddDays(2)).ShouldBeEmpty();
        Clearing.FallOverdue(Receive(Million(), "R1", 100_000_000, 0), Due.AddDays(1)).ShouldBeEmpty();
    }

    [Fact]
    public void Money_with_a_value_date_of_the_day_was_on_time_whenever_the_banks_word_comes()
    {
        ClearingState overdue = ClearingState.Evolve(
            Million(), Clearing.FallOverdue(Million(), Due.AddDays(1)).ShouldHaveSingleItem());
        ClearingState half = Receive(overdue, "R1", 50_000_000, 0);
        half.WasOnTime.ShouldBeFalse();
        half.Due.Interest.ShouldBe(0);
        Receive(half, "R2", 50_000_000, 0).WasOnTime.ShouldBeTrue();
        ClearingState late = Receive(half, "R2", 51_000_000, 1);
        (late.Due.Principal, late.WasOnTime).ShouldBe((0, false));
        late.Leaves.Values.Sum(l => l.Charged.Interest).ShouldBe(25_000);
    }

    [Fact]
    public void Instructions_go_from_the_debtors_own_account_to_each_payees_own_or_the_courts()
    {
        ClearingState state = Open(null, new PayeeLeaf(0, 60, "a", false), new PayeeLeaf(60, 100, "court 1", true));
        Dictionary<string, OwnAccount> accounts = new()
        {
            ["debtor"] = new("debtor", "102", "1"),
            ["a"] = new("a", "104", "2"),
        };
        ClearingEvent.Instructed instructed = Clearing.Instruct(state, accounts)
            .ShouldBeOfType<Decision<ClearingEvent>.Accepted>().Events[0].ShouldBeOfType<ClearingEvent.Instructed>();
        instructed.Instructions.ShouldBe(
        [
            new Instruction("V-1:0", 0, accounts["debtor"], accounts["a"], 60),
            new Instruction("V-1:60", 60, accounts["debtor"], new CourtAccount("court 1"), 40),
        ]);
        Refused(Clearing.Instruct(ClearingState.Evolve(state, instructed), accounts)).ShouldBe(Clearing.Given);
        accounts["a"] = accounts["a"] with { Party = "platform" };
        Refused(Clearing.Instruct(state, accounts)).ShouldBe(Clearing.NoAccount);
        accounts.Remove("a");
        Refused(Clearing.Instruct(state, accounts)).ShouldBe(Clearing.NoAccount);
    }

    [Fact]
    public void What_a_court_freezes_after_the_cut_off_is_instructed_anew_to_its_account()
    {
        Dictionary<string, OwnAccount> accounts = new()
        {
            ["debtor"] = new("debtor", "102", "1"),
            ["a"] = new("a", "104", "2"),
        };
        ClearingState state = Open(null, new PayeeLeaf(0, 60, "a", false), new PayeeLeaf(60, 100, "a", false));
        state = Then(state, Clearing.Instruct(state, accounts));
        state = Receive(state, "R1", 50, 0);
        state.Leaves.Values.Select(l => l.Paid.Principal).ShouldBe([30, 20]);
        // Of the 30 that are unpaid in the first leaf the court takes 25.
        Claim mine = new("a", "t", 0);
        Fragment[] now = [new(0, 30, mine with { PaidFen = 30 }), Frozen(30, 55), new(55, 60, mine)];
        state = Changed(state, now);
        state.Leaves.Values.Select(l => $"{l.Leaf.Start}-{l.Leaf.End} {l.Leaf.Payee} {l.Paid.Principal}")
            .ShouldBe(["0-30 a 30", "30-55 court 1 0", "55-60 a 0", "60-100 a 20"]);
        state.Due.Principal.ShouldBe(50);
        ClearingEvent.Instructed told = Clearing.Instruct(state, accounts)
            .ShouldBeOfType<Decision<ClearingEvent>.Accepted>().Events[0].ShouldBeOfType<ClearingEvent.Instructed>();
        told.Instructions.ShouldBe(
        [
            new Instruction("V-1:30:1", 30, accounts["debtor"], new CourtAccount("court 1"), 25),
            new Instruction("V-1:55:1", 55, accounts["debtor"], accounts["a"], 5),
            new Instruction("V-1:60:1", 60, accounts["debtor"], accounts["a"], 20),
        ]);
        // The same fragments again are no news.
        Clearing.Redirect(state, "F-1", now, Due).ShouldBeEmpty();
    }

    [Fact]
    public void What_had_accrued_before_a_freeze_stays_with_the_payee_that_stays()
    {
        ClearingState late = Receive(Million(), "R1", 1, 30);
        Owed before = late.Due;
        ClearingState frozen = Changed(late, Frozen(0, 20_000_000));
        frozen.Due.ShouldBe(before);
        frozen.Leaves[0].Due.ShouldBe(new Owed(0, 0, 20_000_000));
        frozen.Leaves[20_000_000].Due.Interest.ShouldBe(late.Leaves[0].Due.Interest);
        // Ten days more on 20, 40 and 40 million at 0.05 % a day.
        frozen = Receive(frozen, "R2", 1, 40);
        frozen.Leaves.Values.Sum(l => l.Charged.Interest).ShouldBe(2_000_000);
        frozen.Leaves[0].Charged.Interest.ShouldBe(100_000);
    }

    [Fact]
    public void What_is_disputed_is_paid_to_nobody_and_bears_no_interest_until_it_is_decided()
    {
        Fragment disputed = new(60, 100, new Claim("b", "t", 0) { Disputed = true });
        ClearingState state = Open(null, Clearing.Of(new Fragment(0, 60, new Claim("a", "t", 0))), Clearing.Of(disputed));
        Dictionary<string, OwnAccount> accounts = new[] { "debtor", "a", "b" }.ToDictionary(p => p, p => new OwnAccount(p, "102", p));
        Instructions(state).ShouldBe(["0 60"]);
        // The whole face comes: nobody gets what is disputed.
        ClearingState over = Receive(state, "R0", 100, 0);
        over.Leaves.Values.Select(l => l.Paid.Principal).ShouldBe([60, 0]);
        over.Suspense["over:R0"].Fen.ShouldBe(40);
        Clearing.FallOverdue(over, Due.AddDays(30)).ShouldBeEmpty();
        Clearing.FallOverdue(state, Due.AddDays(1)).ShouldBe([new ClearingEvent.FellOverdue(Due.AddDays(1), 60)]);

        // Decided ten days later: due the day after, and interest runs from then.
        ClearingEvent decided = Clearing.Redirect(
            over, "A-1", [disputed with { Claim = new Claim("b", "t", 0) }], Due.AddDays(10)).ShouldHaveSingleItem();
        ClearingState open = ClearingState.Evolve(over, decided);
        Instructions(open).ShouldBe(["60 40"]);
        Clearing.FallOverdue(open, Due.AddDays(11)).ShouldBeEmpty();
        Clearing.FallOverdue(open, Due.AddDays(12)).ShouldHaveSingleItem();
        ClearingState late = Receive(open, "R1", 1, 31);
        late.Leaves[60].LateFenDays.ShouldBe(40 * 20);
        // Or a court says who gets it.
        Clearing.Redirect(over, "F-1", [Frozen(60, 100)], Due.AddDays(1)).ShouldHaveSingleItem()
            .ShouldBeOfType<ClearingEvent.PayeesChanged>().Leaves.ShouldHaveSingleItem().Payee.ShouldBe("court 1");

        IEnumerable<string> Instructions(ClearingState of) => Clearing.Instruct(of, accounts)
            .ShouldBeOfType<Decision<ClearingEvent>.Accepted>().Events[0].ShouldBeOfType<ClearingEvent.Instructed>()
            .Instructions.Select(i => $"{i.Start} {i.Fen}");
    }

    private static Fragment Frozen(long start, long end) =>
        new(start, end, new Claim("a", "t", 0, Freeze: new FreezeOrder("F-1", "court 1", null)));

    private static ClearingState Changed(ClearingState state, params Fragment[] now) =>
        Clearing.Redirect(state, "F-1", now, Due).ShouldHaveSingleItem() is var e
            ? ClearingState.Evolve(state, e) : state;

    [Fact]
    public void Notice_77_articles_4_and_14_leave_no_form_of_instruction_for_a_platform_or_pooled_account()
    {
        Type[] kinds = [.. typeof(PayeeAccount).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(PayeeAccount)))];
        kinds.ShouldBe([typeof(OwnAccount), typeof(CourtAccount)], ignoreOrder: true);
        typeof(PayeeAccount).GetConstructors(BindingFlags.Instance | BindingFlags.Public).ShouldBeEmpty();
        typeof(Instruction).GetProperty(nameof(Instruction.From))!.PropertyType.ShouldBe(typeof(OwnAccount));

        AccountRegistered first = new("a", "102", "1", Digest);
        AccountState taken = AccountState.Evolve(AccountState.Initial, first);
        AccountState.Decide(taken, first with { Party = "b" }, byPlatform: false)
            .ShouldBe(new Decision<AccountRegistered>.Refused(AccountState.Pooled));
        AccountState.Decide(AccountState.Initial, first, byPlatform: true)
            .ShouldBe(new Decision<AccountRegistered>.Refused(AccountState.Platforms));
        AccountState.Decide(taken, first, byPlatform: false)
            .ShouldBeOfType<Decision<AccountRegistered>.Accepted>().Events.ShouldBeEmpty();
    }

    [Fact]
    public void Over_any_receipts_and_returns_no_fen_is_lost_and_no_paid_total_falls() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue).ListOf(60)), seeds =>
        {
            ClearingState state = Million();
            int day = 0;
            foreach (int seed in seeds)
            {
                day += seed % 3 - (seed % 11 == 0 ? 4 : 0);
                long fen = seed / 33 % 9_000_000 + 1;
                Decision<ClearingEvent> decision = seed % 5 == 0
                    ? Clearing.Return(state, $"X{seed}", seed % 2 * 60_000_000, fen, Digest)
                    : Clearing.Receive(state, $"R{seed}", fen, Due.AddDays(day), Digest);
                if (decision is not Decision<ClearingEvent>.Accepted accepted)
                    continue;
                ClearingState next = accepted.Events.Aggregate(state, ClearingState.Evolve);
                if (next.Leaves.Any(l => l.Value.Paid.Total < state.Leaves[l.Key].Paid.Total
                    || l.Value.Due.Costs < 0 || l.Value.Due.Interest < 0 || l.Value.Due.Principal < 0
                    || l.Value.LateFenDays < 0))
                    return false;
                state = next;
                long over = state.Suspense.Where(s => s.Value.Kind == "over").Sum(s => s.Value.Fen);
                if (state.Leaves.Values.Sum(l => l.Paid.Total) + over != state.ReceivedFen)
                    return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();
}
