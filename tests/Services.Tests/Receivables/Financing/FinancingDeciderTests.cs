using Receivables.Financing;
using Receivables.Rules;
using Receivables.Vouchers;
using ServiceDefaults;
using Shouldly;
using Xunit;
using Offer = Receivables.Financing.Offer;

namespace Services.Tests.Receivables.Financing;

public sealed class FinancingDeciderTests
{
    private static readonly string Digest = new('a', 64);
    private static readonly DateOnly Today = new(2026, 3, 2);
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.FromHours(8));

    private static FinancingEvent.Applied Asked(DateOnly due) =>
        new("V-1", "seats", 0, 100_000_000, new DateOnly(2026, 3, 1), due, ["bank-a", "bank-b"]);

    private static FinancingEvent.Offered Offered(string financier, int ppm) => new(
        new Offer($"o-{financier}", financier, 100_000_000, Today, new Price(ppm, DayCount.Act360, 0, []), false),
        Today.AddDays(3));

    private static FinancingState Given(params FinancingEvent[] events) =>
        events.Aggregate(FinancingState.Initial, (s, e) => FinancingState.Evolve(s, e, Noon));

    private static FinancingState Chosen(DateOnly? due = null)
    {
        FinancingState open = Given(Asked(due ?? Today.AddDays(90)), Offered("bank-a", 38_500));
        FinancingEvent chosen = FinancingDecider.Choose(open, "seats", "o-bank-a", Today)
            .ShouldBeOfType<Decision<FinancingEvent>.Accepted>().Events[0];
        return FinancingState.Evolve(open, chosen, Noon);
    }

    private static FinancingState Then(FinancingState state, params FinancingEvent[] events) =>
        events.Aggregate(state, (s, e) => FinancingState.Evolve(s, e, Noon.AddMinutes(2)));

    private static readonly FinancingEvent[] Papers =
    [
        new FinancingEvent.Searched(Noon.AddMinutes(1), Digest),
        new FinancingEvent.Registered(new RegisterReceipt("R1", Noon.AddMinutes(2), Digest)),
        new FinancingEvent.Bought("S-1", []),
    ];

    private static string Refused(Decision<FinancingEvent> decision) =>
        decision.ShouldBeOfType<Decision<FinancingEvent>.Refused>().Rule;

    private static (Decision<FinancingEvent> Decision, Judgement? Judgement) Pay(
        FinancingState state, long fen, int later = 0) =>
        FinancingDecider.Disburse(state, "bank-a", "B1", fen, Noon.AddDays(later).AddMinutes(5), Digest);

    [Fact]
    public void Every_figure_is_recorded_with_the_choice()
    {
        TrueCost shown = Chosen().Chosen.ShouldNotBeNull().Shown;
        shown.Interest.ShouldBe(962_500);
        shown.Proceeds.ShouldBe(99_037_500);
    }

    [Fact]
    public void Only_who_was_invited_offers_and_only_the_seller_chooses()
    {
        FinancingState open = Given(Asked(Today.AddDays(90)));
        Refused(FinancingDecider.Offer(open, "bank-c", Offered("bank-c", 1))).ShouldBe(FinancingDecider.Missing);
        Refused(FinancingDecider.Offer(open, "bank-b", Offered("bank-a", 1))).ShouldBe(FinancingDecider.Missing);
        FinancingState offered = Then(open, Offered("bank-a", 38_500));
        Refused(FinancingDecider.Choose(offered, "bank-a", "o-bank-a", Today)).ShouldBe(FinancingDecider.Missing);
        Refused(FinancingDecider.Choose(offered, "seats", "o-bank-a", Today.AddDays(4)))
            .ShouldBe(FinancingDecider.NoOffer);
        Refused(FinancingDecider.Offer(Chosen(), "bank-b", Offered("bank-b", 1))).ShouldBe(FinancingDecider.Late);
    }

    [Fact]
    public void Paying_out_wants_a_search_since_the_choice_and_exactly_the_proceeds_shown()
    {
        FinancingState ready = Then(Chosen(), Papers);
        Pay(ready, 99_037_500).Decision.ShouldBeOfType<Decision<FinancingEvent>.Accepted>();
        Refused(Pay(ready, 99_037_499).Decision).ShouldBe(FinancingDecider.Differs);
        FinancingState stale = Then(ready, new FinancingEvent.Searched(Noon.AddMinutes(-1), Digest));
        Refused(Pay(stale, 99_037_500).Decision).ShouldBe(FinancingDecider.NoSearch);
    }

    [Fact]
    public void Paid_out_on_another_day_the_seller_bears_the_interest_of_that_day_and_never_more_than_it_signed()
    {
        // Two days later: 88 days of 3.85 % on a million are 9 411.11, not the 9 625.00 of 90.
        FinancingState ready = Then(Chosen(), Papers);
        Refused(Pay(ready, 99_037_500, 2).Decision).ShouldBe(FinancingDecider.Differs);
        TrueCost late = Paid(Pay(ready, 99_058_889, 2));
        (late.Days, late.Interest).ShouldBe((88, 941_111));
        // A day earlier the seller still gets what it signed, over 91 days.
        Refused(Pay(ready, 99_026_806, -1).Decision).ShouldBe(FinancingDecider.Differs);
        FinancingState early = Then(Chosen(),
            new FinancingEvent.Searched(Noon.AddDays(-1).AddMinutes(4), Digest),
            new FinancingEvent.Registered(new RegisterReceipt("R1", Noon.AddDays(-2), Digest)),
            new FinancingEvent.Bought("S-1", []))
            with
        { ChosenAt = Noon.AddDays(-2) };
        TrueCost before = Paid(Pay(early, 99_037_500, -1));
        (before.Days, before.Proceeds).ShouldBe((91, 99_037_500));
        before.EffectivePpm.ShouldBeLessThan(early.Chosen!.Shown.EffectivePpm);
        // Neither the agreed day nor the offer's last: it has lapsed, whatever is paid.
        Refused(Pay(ready, 99_037_500, 4).Decision).ShouldBe(FinancingDecider.Lapsed);
        Refused(Pay(ready, 99_037_500, 90).Decision).ShouldBe(FinancingDecider.Lapsed);
    }

    private static TrueCost Paid((Decision<FinancingEvent> Decision, Judgement?) paid) => paid.Decision
        .ShouldBeOfType<Decision<FinancingEvent>.Accepted>().Events[0]
        .ShouldBeOfType<FinancingEvent.Disbursed>().Cost.ShouldNotBeNull();

    [Fact]
    public void Nothing_is_paid_out_before_the_sale_is_confirmed_and_that_wants_search_and_registration()
    {
        Refused(Pay(Then(Chosen(), Papers[..2]), 99_037_500).Decision).ShouldBe(FinancingDecider.NotBought);
        Refused(FinancingDecider.Buy(Chosen(), "S-1", Noon.AddMinutes(3)).Decision).ShouldBe(FinancingDecider.NoSearch);
        Refused(FinancingDecider.Buy(Then(Chosen(), Papers[0]), "S-1", Noon.AddMinutes(3)).Decision)
            .ShouldBe(FinancingDecider.NoRegistration);
        FinancingDecider.Buy(Then(Chosen(), Papers[..2]), "S-1", Noon.AddMinutes(3)).Decision
            .ShouldBeOfType<Decision<FinancingEvent>.Accepted>().Events[0].ShouldBeOfType<FinancingEvent.Bought>()
            .Rules.ShouldContain("77-13-registration=Allow");
        Refused(FinancingDecider.Buy(Then(Chosen(), Papers), "S-2", Noon.AddMinutes(3)).Decision)
            .ShouldBe(FinancingDecider.Late);
        FinancingState taken = Then(Chosen(), new FinancingEvent.Withdrawn());
        Refused(FinancingDecider.Buy(taken, "S-1", Noon.AddMinutes(3)).Decision).ShouldBe(FinancingDecider.Late);
        Refused(FinancingDecider.Withdraw(Then(Chosen(), Papers), "seats")).ShouldBe(FinancingDecider.Late);
    }

    [Fact]
    public void A_sale_is_of_the_very_fen_to_the_very_buyer_that_was_chosen()
    {
        VoucherEvent.SaleOffered right = new(
            "S-1", "seats", "bank-a", [new Interval(0, 100_000_000)], false, Digest, Noon.AddDays(3));
        FinancingDecider.AgainstSale(Chosen(), "V-1", right).ShouldBeNull();
        FinancingDecider.AgainstSale(
            Chosen(), "V-1", right with { Intervals = [new Interval(0, 5), new Interval(5, 100_000_000)] }).ShouldBeNull();
        foreach (VoucherEvent.SaleOffered wrong in new[]
        {
            right with { Buyer = "bank-b" }, right with { WithRecourse = true },
            right with { Intervals = [new Interval(0, 99_999_999)] },
            right with { Intervals = [new Interval(1, 100_000_001)] },
        })
            FinancingDecider.AgainstSale(Chosen(), "V-1", wrong).ShouldBe(FinancingDecider.SaleDiffers);
        FinancingDecider.AgainstSale(Chosen(), "V-2", right).ShouldBe(FinancingDecider.SaleDiffers);
        FinancingDecider.AgainstSale(Chosen(), "V-1", right with { Seller = "x" }).ShouldBe(FinancingDecider.Missing);
        FinancingDecider.AgainstSale(Then(Chosen(), Papers), "V-1", right).ShouldBe(FinancingDecider.Late);
    }

    [Fact]
    public void No_fen_of_a_holder_is_in_two_open_applications()
    {
        Guid id = Guid.NewGuid();
        OpenFinancings open = OpenFinancings.Evolve(OpenFinancings.Initial, new FinancingOpened(id, "seats", 100, 50));
        open.Overlaps("seats", 149, 10).ShouldBeTrue();
        open.Overlaps("seats", 90, 11).ShouldBeTrue();
        open.Overlaps("seats", 150, 10).ShouldBeFalse();
        open.Overlaps("seats", 90, 10).ShouldBeFalse();
        open.Overlaps("fabric", 100, 50).ShouldBeFalse();
        OpenFinancings.Evolve(open, new FinancingClosed(id)).Overlaps("seats", 100, 50).ShouldBeFalse();
    }

    [Fact]
    public void Notice_77_article_13_refuses_to_pay_out_before_registration()
    {
        (Decision<FinancingEvent> decision, Judgement? judgement) = Pay(Then(Chosen(), Papers[0]), 99_037_500);
        Refused(decision).ShouldBe(FinancingDecider.Ruled);
        judgement!.Refusals.ShouldHaveSingleItem().Article.ShouldBe("第十三条");
    }

    [Fact]
    public void Notice_77_article_11_refuses_a_long_term_that_nobody_examined()
    {
        FinancingState ready = Then(Chosen(new DateOnly(2026, 9, 2)), Papers);
        long proceeds = ready.Chosen!.Shown.Proceeds;
        Pay(ready, proceeds).Judgement!.Refusals.ShouldHaveSingleItem().Article.ShouldBe("第十一条");
        FinancingState examined = Then(ready, new FinancingEvent.Examined(
            "77-11-examined", new Grounds("custom of the industry", "desk", Digest)));
        FinancingEvent.Disbursed paid = Pay(examined, proceeds).Decision
            .ShouldBeOfType<Decision<FinancingEvent>.Accepted>().Events[0].ShouldBeOfType<FinancingEvent.Disbursed>();
        paid.Rules.ShouldContain("77-11-examined=AllowWithGrounds");
    }
}
