using Prepaid.Refunds;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>Refunds by 法释〔2025〕4号; figures in yuan for the reader.</summary>
public sealed class RefundTests
{
    private static readonly DateOnly Paid = new(2026, 1, 10);
    private static readonly DateOnly Later = new(2026, 3, 2);

    private static long Yuan(decimal yuan) => (long)(yuan * 100);

    private static LotFacts Lot(decimal paid, decimal gift, decimal? list, decimal price) =>
        new("1", Paid, Yuan(paid), Yuan(gift), list is { } l ? Yuan(l) : null, Yuan(price));

    private static RefundAnswer Answer(
        RefundCause cause, LotFacts lot, DateOnly? asked = null, string place = "310000",
        UsedInSevenDays reading = UsedInSevenDays.AskCounsel) =>
        RefundEngine.Answer(new RefundRequest(asked ?? Later, cause, [lot], place, reading, [])).ShouldNotBeNull();

    [Fact]
    public void Gift_credit_counts_at_the_share_of_what_was_paid()
    {
        // Art. 18(2): 3594 × 3000 ÷ 4000 = 2695.50 used.
        RefundAnswer answer = Answer(RefundCause.Merchant, Lot(3000, 1000, 3594, 3594));
        (answer.LowFen, answer.HighFen).ShouldBe((Yuan(304.50m), Yuan(304.50m)));
        answer.Lots[0].Rule.ShouldBe("法释〔2025〕4号 art. 18");
    }

    [Theory]
    [InlineData(RefundCause.Merchant, 9, 550, "art. 18")]
    [InlineData(RefundCause.Nobody, 9, 550, "art. 18")]
    [InlineData(RefundCause.Consumer, 9, 280, "art. 19")]
    [InlineData(RefundCause.Merchant, 15, 250, "art. 18")]
    [InlineData(RefundCause.Consumer, 15, 0, "art. 20")]
    // 12 × 80 = 960 is below what was paid, 13 × 80 = 1040 above.
    [InlineData(RefundCause.Consumer, 12, 40, "art. 19")]
    [InlineData(RefundCause.Consumer, 13, 0, "art. 20")]
    public void A_card_for_twenty_times_at_50_of_80(RefundCause cause, int used, decimal refund, string article)
    {
        RefundAnswer answer = Answer(cause, Lot(1000, 0, used * 80, used * 50));
        (answer.LowFen, answer.HighFen).ShouldBe((Yuan(refund), Yuan(refund)));
        answer.Lots[0].Rule.ShouldEndWith(article);
        answer.Lots[0].Person.ShouldBeNull();
    }

    [Fact]
    public void A_year_card_is_counted_by_its_days()
    {
        LotFacts card = Lot(3650, 0, 0, 0) with { Term = new TermFacts(365, 200) };
        Answer(RefundCause.Merchant, card).HighFen.ShouldBe(Yuan(2000));
        Answer(RefundCause.Consumer, card).Lots[0].Rule.ShouldBe("法释〔2025〕4号 art. 22");
    }

    [Fact]
    public void Within_seven_days_of_payment_the_principal_goes_back()
    {
        LotFacts unused = Lot(1000, 200, 0, 0);
        Answer(RefundCause.Consumer, unused, Paid.AddDays(7)).Lots[0].ShouldSatisfyAllConditions(
            l => l.LowFen.ShouldBe(Yuan(1000)), l => l.Rule.ShouldBe("法释〔2025〕4号 art. 14"));
        Answer(RefundCause.Consumer, unused, Paid.AddDays(8)).Lots[0].Rule.ShouldBe("法释〔2025〕4号 art. 19");
        // Not for who had got the same before.
        Answer(RefundCause.Consumer, unused with { HadSameBefore = true }, Paid.AddDays(3)).Lots[0].Rule
            .ShouldBe("法释〔2025〕4号 art. 19");
    }

    [Theory]
    [InlineData(UsedInSevenDays.Deduct, 950, 950, null)]
    [InlineData(UsedInSevenDays.GiveAllBack, 1000, 1000, null)]
    [InlineData(UsedInSevenDays.AskCounsel, 950, 1000, "used-within-seven-days")]
    public void Use_within_the_seven_days_is_read_as_counsel_says(
        UsedInSevenDays reading, decimal low, decimal high, string? person)
    {
        RefundAnswer answer = Answer(
            RefundCause.Consumer, Lot(1000, 0, 80, 50), Paid.AddDays(2), reading: reading);
        (answer.LowFen, answer.HighFen).ShouldBe((Yuan(low), Yuan(high)));
        answer.Lots[0].Person.ShouldBe(person);
    }

    [Fact]
    public void Three_top_ups_with_different_gifts_one_inside_the_seven_days()
    {
        RefundAnswer answer = RefundEngine.Answer(new RefundRequest(Later, RefundCause.Consumer,
        [
            Lot(3000, 1000, 3594, 3594) with { Lot = "old" },
            Lot(500, 0, 0, 0) with { Lot = "plain" },
            Lot(2000, 800, 0, 0) with { Lot = "new", PaidOn = Later.AddDays(-7) },
        ], "310000", UsedInSevenDays.AskCounsel, [])).ShouldNotBeNull();
        // The oldest is used beyond what was paid for it (art. 20), nothing of the second, the third is art. 14.
        answer.Lots.Select(l => (l.Lot, l.HighFen, l.Rule[^7..])).ShouldBe(
            [("old", 0L, "art. 20"), ("plain", Yuan(500), "art. 19"), ("new", Yuan(2000), "art. 14")]);
        answer.LowFen.ShouldBe(Yuan(2500));
    }

    [Fact]
    public void Where_the_law_leaves_it_open_a_person_decides_between_two_amounts()
    {
        // Art. 19(2): no deal at list price on record and no market price known.
        RefundAnswer unknown = Answer(RefundCause.Consumer, Lot(1000, 0, null, 450));
        (unknown.LowFen, unknown.HighFen, unknown.Lots[0].Person).ShouldBe((0, Yuan(550), "market-price-unknown"));
        // With the market's price it is counted.
        Answer(RefundCause.Consumer, Lot(1000, 0, null, 450) with { MarketFen = Yuan(600) }).HighFen
            .ShouldBe(Yuan(400));
        RefundAnswer disputed = Answer(
            RefundCause.Consumer, Lot(1000, 0, 720, 450) with { ListPriceDisputed = true });
        (disputed.LowFen, disputed.HighFen).ShouldBe((Yuan(280), Yuan(550)));
        RefundAnswer gifts = Answer(RefundCause.Merchant, Lot(1000, 0, 720, 450) with { GiftGoods = true });
        (gifts.LowFen, gifts.HighFen, gifts.Lots[0].Person).ShouldBe((0, Yuan(550), "gift-goods"));
    }

    [Fact]
    public void Terms_that_are_better_for_the_consumer_win()
    {
        LotFacts lot = Lot(1000, 0, 720, 450);
        Answer(RefundCause.Consumer, lot with { ContractFen = Yuan(300) }).Lots[0].ShouldSatisfyAllConditions(
            l => l.LowFen.ShouldBe(Yuan(300)), l => l.Rule.ShouldBe("contract"),
            l => l.Also[0].ShouldBe("法释〔2025〕4号 art. 19"));
        Answer(RefundCause.Consumer, lot with { ContractFen = Yuan(279) }).LowFen.ShouldBe(Yuan(280));
    }

    [Fact]
    public void Beijing_is_computed_beside_and_named_where_it_is_better()
    {
        // Who had got the same before has no right of art. 14, but has Beijing's if nothing was used.
        LotFacts unused = Lot(1000, 200, 0, 0) with { HadSameBefore = true, ContractFen = null };
        LotFacts gifted = unused with { GiftGoods = true };
        RefundAnswer answer = Answer(RefundCause.Consumer, gifted, Paid.AddDays(7), LocalPlace);
        (answer.LowFen, answer.Lots[0].Rule).ShouldBe((Yuan(1000), "北京市单用途预付卡管理条例 art. 16"));
        answer.PayBy.ShouldBe(Paid.AddDays(12));
        Answer(RefundCause.Consumer, Lot(1000, 0, 80, 50), place: LocalPlace).ShouldSatisfyAllConditions(
            a => a.PayBy.ShouldBe(Later.AddDays(15)), a => a.PayByRule.ShouldBe("北京市单用途预付卡管理条例 art. 17"));
        Answer(RefundCause.Consumer, Lot(1000, 0, 80, 50)).PayBy.ShouldBeNull();
    }

    [Fact]
    public void Before_the_interpretation_was_in_force_it_answers_nothing() =>
        RefundEngine.Answer(new RefundRequest(
            new DateOnly(2025, 4, 30), RefundCause.Merchant, [Lot(1000, 0, 0, 0)], "310000",
            UsedInSevenDays.AskCounsel, [])).ShouldBeNull();

    [Fact]
    public void Interest_runs_at_the_rate_of_whose_cause_it_was()
    {
        // 600 in custody at 0.2 %, 400 at the LPR of 3 % or the deposit rate of 1.5 %, for 73 days.
        RefundInterest.Fen(RefundInterest.Parts(
            Yuan(1000), Yuan(600), 2_000, RefundCause.Merchant, 30_000, 15_000, null), 73).ShouldBe(24 + 240);
        RefundInterest.Fen(RefundInterest.Parts(
            Yuan(1000), Yuan(600), 2_000, RefundCause.Consumer, 30_000, 15_000, null), 73).ShouldBe(24 + 120);
        // A better agreed rate wins, a worse one does not.
        RefundInterest.Parts(Yuan(1000), 0, 0, RefundCause.Consumer, 30_000, 15_000, 20_000)[0]
            .RatePpm.ShouldBe(20_000);
        RefundInterest.Parts(Yuan(1000), 0, 0, RefundCause.Merchant, 30_000, 15_000, 20_000)[0]
            .RatePpm.ShouldBe(30_000);
    }

    private const string LocalPlace = "110000";
}
