using FsCheck;
using FsCheck.Fluent;
using Prepaid.Custody;
using Prepaid.Refunds;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>A refund from the request to the payment: who may do what when, and to the fen.</summary>
public sealed class RefundCaseTests
{
    private static readonly DateOnly Day = new(2026, 3, 2);

    // 3,000 paid with 1,000 given; 3,594 redeemed at list price: 304.50 by art. 18, nothing by art. 19.
    private static readonly RefundRequest Facts = new(
        Day, RefundCause.Merchant, [new LotFacts("1", new DateOnly(2025, 6, 1), 3000_00, 1000_00, 3594_00, 3594_00)],
        "310000", UsedInSevenDays.AskCounsel, []);

    private static RefundCase Asked => Apply(RefundCase.Initial, [new RefundEvent.Asked(
        Guid.Empty, "gym", Facts, 304_50, 304_50, "moved away", Day.AddDays(7), Day.AddDays(15))]);

    [Fact]
    public void An_offer_of_all_that_the_law_gives_stands_at_once_and_less_waits_for_the_holder()
    {
        RefundCase paid = Apply(Asked, RefundCase.Reply(Asked, Offer(304_50), "refund-1"));
        (paid.Stage, paid.Ordered).ShouldBe((RefundStage.Ordered, new RefundEvent.Ordered(304_50, "refund-1")));
        RefundCase less = Apply(Asked, RefundCase.Reply(Asked, Offer(100_00), null));
        less.Stage.ShouldBe(RefundStage.Answered);
        Apply(less, RefundCase.AcceptOffer(less, null)).Ordered!.Fen.ShouldBe(100_00);
        Apply(less, RefundCase.Escalate(less, Day)).Stage.ShouldBe(RefundStage.Escalated);
        RefundCase.AcceptOffer(Asked, null).ShouldBeRefused(RefundCase.WrongStage);
        RefundCase.Reply(Asked, Offer(3000_01), null).ShouldBeRefused(RefundCase.OutOfRange);
    }

    [Fact]
    public void Terms_hold_to_the_day()
    {
        RefundCase.Escalate(Asked, Day.AddDays(7)).ShouldBeRefused(RefundCase.TooEarly);
        Escalation(RefundCase.Escalate(Asked, Day.AddDays(8))).ShouldBe("answer-overdue");
        RefundCase ordered = Apply(Asked, RefundCase.Reply(Asked, Offer(304_50), null));
        RefundCase.Escalate(ordered, Day.AddDays(15)).ShouldBeRefused(RefundCase.TooEarly);
        Escalation(RefundCase.Escalate(ordered, Day.AddDays(16))).ShouldBe("not-paid");
        RefundCase late = Apply(ordered, RefundCase.Escalate(ordered, Day.AddDays(16)));
        Apply(late, RefundCase.Settle(late, "holder")).Stage.ShouldBe(RefundStage.Paid);
        RefundCase.Settle(Asked, "holder").ShouldBeRefused(RefundCase.WrongStage);
        RefundCase.Withdraw(ordered).ShouldBeRefused(RefundCase.WrongStage);
        RefundCase.Withdraw(late).ShouldBeRefused(RefundCase.WrongStage);
    }

    [Fact]
    public void A_person_decides_only_what_is_escalated_and_only_within_the_numbers_of_both_sides()
    {
        RefundCase.Decide(Asked, new(1, "r", "p"), null).ShouldBeRefused(RefundCase.WrongStage);
        RefundCase answered = Apply(Asked, RefundCase.Reply(Asked, Offer(0), null));
        RefundCase open = Apply(answered, RefundCase.Escalate(answered, Day));
        RefundCase.Decide(open, new(304_51, "r", "p"), null).ShouldBeRefused(RefundCase.OutOfRange);
        Apply(open, RefundCase.Decide(open, new(200_00, "r", "p"), "refund-1")).Ordered!.Fen.ShouldBe(200_00);
    }

    [Fact]
    public void The_parts_of_lots_add_up_and_no_lot_gets_more_than_was_paid() => Prop.ForAll(
        Gen.ArrayOf(Gen.Choose(1, 1000).Zip(Gen.Choose(0, 1000)), 4).Zip(Gen.Choose(0, 4000)).ToArbitrary(), drawn =>
        {
            LotFacts[] lots = [.. drawn.Item1.Select((l, i) => new LotFacts($"{i}", Day, l.Item1, 0, 0, 0))];
            LotRefund[] refunds = [.. drawn.Item1.Select((l, i) => new LotRefund(
                $"{i}", Math.Min(l.Item1, l.Item2) / 2, Math.Min(l.Item1, l.Item2), "r", [], null))];
            long fen = Math.Min(drawn.Item2, lots.Sum(l => l.PaidFen));
            IReadOnlyList<(string Lot, long Fen)> parts = RefundCase.Split(Facts with { Lots = lots }, refunds, fen);
            parts.Sum(p => p.Fen).ShouldBe(fen);
            parts.Zip(lots).ShouldAllBe(p => p.First.Fen >= 0 && p.First.Fen <= p.Second.PaidFen);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void A_refund_leaves_custody_without_asking_what_is_required_but_never_below_nothing_or_while_it_is_frozen()
    {
        CustodyAccount account = new CustodyEvent[]
        {
            new CustodyEvent.AccountOpened("1", "bank", []),
            new CustodyEvent.StatementImported(
                new BankStatement("s", "1", Day, 0, 100, [new BankEntry("r", 100, null)]), new string('a', 64)),
        }.Aggregate(CustodyAccount.Initial, CustodyAccount.Evolve);
        CustodyEvent.Ordered refund = new("refund-1", OrderKind.Refund, 100, "refund");
        Decision<CustodyEvent> ordered = CustodyAccount.Order(account, refund, null, Day);
        CustodyAccount after = ordered.ShouldBeOfType<Decision<CustodyEvent>.Accepted>().Events
            .Aggregate(account, CustodyAccount.Evolve);
        CustodyAccount.Order(after, refund with { Id = "refund-2", Fen = 1 }, null, Day)
            .ShouldBeRefused(CustodyAccount.TooLittle);
        CustodyFreeze freeze = new("law", "case 1", Day.AddDays(10));
        CustodyAccount frozen = CustodyAccount.Freezing(account, true, freeze)
            .ShouldBeOfType<Decision<CustodyEvent>.Accepted>().Events.Aggregate(account, CustodyAccount.Evolve);
        CustodyAccount.Order(frozen, refund, null, Day.AddDays(10)).ShouldBeRefused(CustodyAccount.IsFrozen);
        CustodyAccount.Order(frozen, refund, null, Day.AddDays(11)).ShouldBeOfType<Decision<CustodyEvent>.Accepted>();
        CustodyAccount.Freezing(frozen, false, freeze with { CaseNumber = "case 2" })
            .ShouldBeRefused(CustodyAccount.OtherCase);
    }

    private static string Escalation(Decision<RefundEvent> decision) => decision
        .ShouldBeOfType<Decision<RefundEvent>.Accepted>().Events.ShouldHaveSingleItem()
        .ShouldBeOfType<RefundEvent.Escalated>().Reason;

    private static RefundEvent.Answered Offer(long fen) =>
        new(Facts with { Cause = RefundCause.Consumer }, 0, 0, fen, "the consumer's cause");

    private static RefundCase Apply(RefundCase c, Decision<RefundEvent> decision) =>
        Apply(c, decision.ShouldBeOfType<Decision<RefundEvent>.Accepted>().Events);

    private static RefundCase Apply(RefundCase c, IReadOnlyList<RefundEvent> events) =>
        events.Aggregate(c, RefundCase.Evolve);
}
