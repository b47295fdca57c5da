using FsCheck;
using FsCheck.Fluent;
using Receivables.Financing;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Financing;

public sealed class DiscountTests
{
    private const long Million = 100_000_000; // 1 000 000.00 yuan

    private static Price At(int ppm, DayCount basis = DayCount.Act360, params Fee[] fees) => new(ppm, basis, 0, fees);

    [Fact]
    public void A_million_at_3_85_percent_for_181_days_costs_19356_94()
    {
        TrueCost cost = Discount.Cost(Million, 181, At(38_500)).ShouldNotBeNull();
        cost.Interest.ShouldBe(1_935_694);
        cost.Proceeds.ShouldBe(98_064_306);
        cost.EffectivePpm.ShouldBe(40_205); // 4.0205 %
        Discount.Interest(Million, 38_500, 181, DayCount.Act365).ShouldBe(1_909_178);
        Discount.Interest(Million, 38_500, 90, DayCount.Act360).ShouldBe(962_500);
    }

    [Fact]
    public void Half_a_fen_is_rounded_up_once_at_the_end()
    {
        // 1 fen · 50 % · 360 days / 360 = 0.5 fen
        Discount.Interest(1, 500_000, 360, DayCount.Act360).ShouldBe(1);
        Discount.Interest(1, 499_999, 360, DayCount.Act360).ShouldBe(0);
    }

    [Fact]
    public void Every_fee_is_shown_by_payee_and_counts_in_the_true_cost()
    {
        Price price = At(38_500, fees:
        [
            new("bank", "handling", 10_000), new("platform", "service", 5_000), new("bank", "courier", 100),
        ]);
        TrueCost cost = Discount.Cost(Million, 181, price).ShouldNotBeNull();
        cost.Fees.ShouldBe(new Dictionary<string, long> { ["bank"] = 10_100, ["platform"] = 5_000 });
        cost.Proceeds.ShouldBe(Million - 1_935_694 - 15_100);
        cost.SimplePpm.ShouldBeGreaterThan(Discount.Cost(Million, 181, At(38_500))!.SimplePpm);
    }

    [Fact]
    public void Interest_that_the_debtor_bears_is_no_cost_of_the_seller()
    {
        TrueCost cost = Discount.Cost(Million, 181, At(38_500) with { DebtorPpm = 1_000_000 }).ShouldNotBeNull();
        cost.Proceeds.ShouldBe(Million);
        cost.DebtorInterest.ShouldBe(1_935_694);
        cost.EffectivePpm.ShouldBe(0);
        TrueCost half = Discount.Cost(Million, 90, At(38_500) with { DebtorPpm = 333_333 }).ShouldNotBeNull();
        (half.SellerInterest + half.DebtorInterest).ShouldBe(half.Interest);
    }

    [Fact]
    public void Nothing_left_for_the_seller_is_no_offer()
    {
        Discount.Cost(100, 181, At(0, fees: new Fee("bank", "handling", 100))).ShouldBeNull();
        Discount.Cost(Million, 0, At(38_500)).ShouldBeNull();
    }

    [Fact]
    public void Offers_stand_in_the_order_of_their_true_cost_alone()
    {
        DateOnly due = new(2026, 7, 1);
        Offer Of(string id, string bank, int ppm, DateOnly pays, params Fee[] fees) =>
            new(id, bank, Million, pays, At(ppm, fees: fees), false);
        DateOnly today = new(2026, 1, 1);
        Offer cheap = Of("o3", "z-bank", 38_500, today);
        Offer lowRateHighFee = Of("o1", "a-bank", 30_000, today, new Fee("platform", "service", 900_000));
        Offer dear = Of("o2", "m-bank", 60_000, today);
        foreach (Offer[] order in new[] { new[] { dear, lowRateHighFee, cheap }, [cheap, dear, lowRateHighFee] })
        {
            Offers.ByTrueCost(order, due).Select(p => p.Offer.Id).ShouldBe(["o3", "o1", "o2"]);
        }
        Offers.ByTrueCost([cheap with { PaysOut = due }], due).ShouldBeEmpty();
    }

    [Fact]
    public void The_effective_cost_agrees_with_floating_point() =>
        Prop.ForAll(
            Gen.Choose(1, 1_000_000).SelectMany(ppm => Gen.Choose(1, 365).Select(days => (ppm, days))).ToArbitrary(),
            p => Discount.Cost(Million, p.days, At(p.ppm)) is not { } cost
                || Math.Abs(
                    (Math.Pow((double)cost.Amount / cost.Proceeds, 365.0 / p.days) - 1) * 1e6 - cost.EffectivePpm)
                    < 1 + cost.EffectivePpm * 1e-9)
            .QuickCheckThrowOnFailure();
}
