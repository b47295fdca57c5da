using Prepaid.Cards;
using Prepaid.Custody;
using Prepaid.Days;
using Prepaid.Merchants;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>How a merchant closes in good order, and how a dispute about a card taken over ends.</summary>
public sealed class ClosingTests
{
    private static readonly DateOnly Day = new(2026, 3, 2);

    private static Merchant Filed => Merchant.Evolve(Merchant.Initial, new MerchantEvent.Filed(new Filing(
        "gym", "330000", "fitness", IssuerClass.Other, new DateOnly(2015, 1, 1), null, null, default)));

    [Fact]
    public void A_closing_is_announced_thirty_days_ahead_sells_nothing_and_ends_only_when_nothing_is_owed()
    {
        Merchant.Decide(Filed, Close(29)).ShouldBeRefused(Merchant.ClosingTooSoon);
        Merchant closing = Apply(Filed, Close(30));
        Lot lot = new("1", LotKind.Value, Day, 100, 0, 100, null, null, null, default, "c");
        SaleChecks.Against(closing, Card.Initial, true, lot, Day)!.Code.ShouldBe("sale-closing");
        Merchant.Decide(closing, new MerchantCommand.FinishClosing(0, Day.AddDays(30))).ShouldBeRefused(Merchant.ClosingOpen);
        Merchant.Decide(closing, new MerchantCommand.FinishClosing(1, Day.AddDays(31))).ShouldBeRefused(Merchant.ClosingOwes);
        Apply(closing, new MerchantCommand.FinishClosing(0, Day.AddDays(31))).Closed.ShouldBeTrue();
        Merchant stays = Apply(closing, new MerchantCommand.CancelClosing("a buyer was found"));
        SaleChecks.Against(stays, Card.Initial, true, lot, Day).ShouldBeNull();
    }

    [Fact]
    public void By_a_contract_that_a_regulator_refused_nothing_is_sold()
    {
        Lot lot = new("1", LotKind.Value, Day, 100, 0, 100, null, null, null, default, "c");
        Merchant filed = Apply(Filed, new MerchantCommand.FileContract("c", "year card", ["9(1)"]));
        SaleChecks.Against(filed, Card.Initial, true, lot, Day).ShouldBeNull("a person decides, not a word list");
        Merchant refused = Apply(filed, new MerchantCommand.ReviewContract("c", false, "art. 9(1)"));
        SaleChecks.Against(refused, Card.Initial, true, lot, Day)!.Code.ShouldBe("contract-refused");
        SaleChecks.Against(refused, Card.Initial, true, lot with { Contract = "d" }, Day).ShouldBeNull();
        Merchant.Decide(filed, new MerchantCommand.ReviewContract("x", true, "r")).ShouldBeRefused(Merchant.ContractMissing);
    }

    [Theory]
    [InlineData(LotKind.Value)]
    [InlineData(LotKind.Counted)]
    [InlineData(LotKind.Timed)]
    public void A_merchant_that_agrees_owes_what_the_holder_says_and_the_card_is_good(LotKind kind)
    {
        Card card = Disputed(kind, 500, 50, new Owed(800, 0));
        CardEvent.DisputeEnded ended = End(card, null);
        (ended.Change, Movement.Of(ended).Receipt).ShouldBe((new Owed(300, -50), 2L));
        Card after = Card.Evolve(card, ended);
        (Owed.For(after, Day), after.StatedByMerchant, after.Receipts).ShouldBe((new Owed(800, 0), false, 2L));
        CardDecider.Decide(after, new CardCommand.EndDispute(null, "merchant", "again", Day)).ShouldBeRefused(Disputes.None);
    }

    [Fact]
    public void A_regulator_decides_between_what_both_say()
    {
        Card card = Disputed(LotKind.Value, 500, 50, new Owed(800, 0));
        Owed.For(Card.Evolve(card, End(card, new Owed(650, 20))), Day).ShouldBe(new Owed(650, 20));
        foreach (Owed beyond in (Owed[])[new(801, 0), new(499, 0), new(600, 51)])
        {
            CardDecider.Decide(card, new CardCommand.EndDispute(beyond, "regulator", "r", Day))
                .ShouldBeRefused(Disputes.OutOfRange);
        }
        Card silent = card with { Claimed = null };
        CardDecider.Decide(silent, new CardCommand.EndDispute(null, "merchant", "r", Day)).ShouldBeRefused(Disputes.None);
    }

    private static MerchantCommand.Close Close(int days) => new(Day.AddDays(days), "counter 1", "the lease ends", Day);

    private static Merchant Apply(Merchant merchant, MerchantCommand command) => Merchant.Decide(merchant, command)
        .ShouldBeOfType<Decision<MerchantEvent>.Accepted>().Events.Aggregate(merchant, Merchant.Evolve);

    private static CardEvent.DisputeEnded End(Card card, Owed? agreed) => CardDecider
        .Decide(card, new CardCommand.EndDispute(agreed, "x", "r", Day)).ShouldBeOfType<Decision<CardEvent>.Accepted>()
        .Events.ShouldHaveSingleItem().ShouldBeOfType<CardEvent.DisputeEnded>();

    private static Card Disputed(LotKind kind, long principal, long gift, Owed claimed) => new CardEvent[]
    {
        new CardEvent.Opened("gym", "north", null, true, "a", true),
        new CardEvent.Sold(1, new Lot("taken-over", kind, Day, principal, gift, kind switch
        {
            LotKind.Value => principal + gift,
            LotKind.Counted => 10,
            _ => 100,
        }, null, kind == LotKind.Timed ? Day : null, kind == LotKind.Timed ? Day.AddDays(100) : null, default, "c"), "north"),
        new CardEvent.Disputed(claimed, "my receipt says so"),
    }.Aggregate(Card.Initial, Card.Evolve);
}
