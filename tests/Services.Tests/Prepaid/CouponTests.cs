using FsCheck;
using FsCheck.Fluent;
using Prepaid.Coupons;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>Consumption coupons of a city: a budget that can't be overspent, and each coupon once.</summary>
public sealed class CouponTests
{
    private static readonly DateOnly Today = new(2026, 11, 1);
    private static readonly CampaignTerms Terms =
        new("双十一消费券", 20_00, 100_00, 3, 2, ["fitness"], Today, Today.AddDays(9));
    private static readonly Campaign Open =
        Fold(Campaign.Initial, new CampaignCommand.Open("commerce", Terms)).ShouldNotBeNull();

    [Fact]
    public void No_more_are_given_than_the_budget_pays_for()
    {
        Campaign full = Fold(Open, Give("a", "a", "b"))!;
        full.Given.ShouldBe(3);
        Rule(full, Give("c")).ShouldBe(Campaign.Spent);
        Rule(Open, Give("a", "b", "c", "d")).ShouldBe(Campaign.Spent, "all of them, or none");
    }

    [Fact]
    public void Nobody_gets_more_than_a_person_may_even_in_one_request()
    {
        Rule(Open, Give("a", "a", "a")).ShouldBe(Campaign.HolderFull);
        Rule(Fold(Open, Give("a", "a"))!, Give("a")).ShouldBe(Campaign.HolderFull);
    }

    [Fact]
    public void Only_the_authority_gives_and_not_after_the_end()
    {
        Rule(Open, Give("a") with { Authority = "somebody" }).ShouldBe(Campaign.Missing);
        Rule(Open, Give("a") with { Today = Terms.Until }).ShouldBeNull();
        Rule(Open, Give("a") with { Today = Terms.Until.AddDays(1) }).ShouldBe(Campaign.Over);
    }

    [Fact]
    public void Terms_can_not_change_and_a_coupon_never_pays_out()
    {
        Rule(Open, new CampaignCommand.Open("commerce", Terms with { Industries = ["fitness"] })).ShouldBeNull();
        Rule(Open, new CampaignCommand.Open("commerce", Terms with { Count = 4 })).ShouldBe(Campaign.Exists);
        Rule(Campaign.Initial, new CampaignCommand.Open("commerce", Terms with { LeastFen = 19_99 }))
            .ShouldBe(Campaign.TermsShape);
    }

    [Theory]
    [InlineData(99_99, "fitness", 0, Coupon.TooSmall)]
    [InlineData(100_00, "fitness", 0, null)]
    [InlineData(100_00, "retail", 0, Coupon.ElsewhereOnly)]
    [InlineData(100_00, "fitness", -1, Coupon.OutOfTerm)]
    [InlineData(100_00, "fitness", 9, null)]
    [InlineData(100_00, "fitness", 10, Coupon.OutOfTerm)]
    public void A_coupon_is_good_by_its_terms(long fen, string industry, int days, string? rule) =>
        Rule(Coupon.Initial, new CouponCommand.Use(Terms, "gym", industry, "p1", fen, Today.AddDays(days)))
            .ShouldBe(rule);

    [Fact]
    public void A_coupon_is_used_once_and_the_same_purchase_again_is_the_same_use()
    {
        CouponCommand.Use use = new(Terms, "gym", "fitness", "p1", 100_00, Today);
        Coupon used = Fold(Coupon.Initial, use)!;
        Coupon.Decide(used, use).EventsOrProblem().ShouldBeEmpty();
        Rule(used, use with { Purchase = "p2" }).ShouldBe(Coupon.Taken);
        Rule(used, use with { Merchant = "barber" }).ShouldBe(Coupon.Taken);
        Rule(used, use with { PurchaseFen = 200_00 }).ShouldBe(Coupon.Taken);
    }

    [Fact]
    public void A_coupon_comes_back_with_its_purchase_until_it_is_paid_for()
    {
        Coupon used = Fold(Coupon.Initial, new CouponCommand.Use(Terms, "gym", "fitness", "p1", 100_00, Today))!;
        Rule(used, new CouponCommand.Return("barber", "p1")).ShouldBe(Coupon.NotUsedHere);
        Fold(used, new CouponCommand.Return("gym", "p1")).ShouldBe(Coupon.Initial);
        Coupon settled = Fold(used, new CouponCommand.Settle("s1"))!;
        Rule(settled, new CouponCommand.Return("gym", "p1")).ShouldBe(Coupon.IsSettled);
        Rule(settled, new CouponCommand.Settle("s2")).ShouldBe(Coupon.IsSettled);
        Rule(Coupon.Initial, new CouponCommand.Settle("s1")).ShouldBe(Coupon.NotUsedHere);
    }

    [Fact]
    public void Whatever_happens_what_is_owed_to_merchants_never_passes_the_budget()
    {
        Gen<(int Kind, int Who)> step =
            Gen.Choose(0, 3).SelectMany(_ => Gen.Choose(1, 4), (kind, who) => (kind, who));
        Prop.ForAll(step.ListOf().ToArbitrary(), steps =>
        {
            (Campaign campaign, Coupon[] coupons) = (Open, [.. Enumerable.Repeat(Coupon.Initial, 5)]);
            foreach ((int kind, int who) in steps)
            {
                string merchant = who % 2 == 0 ? "gym" : "pool";
                if (kind == 0)
                    campaign = Fold(campaign, Give($"h{who}")) ?? campaign;
                else if (who <= campaign.Given)
                {
                    coupons[who] = Fold(coupons[who], kind switch
                    {
                        1 => new CouponCommand.Use(Terms, merchant, "fitness", $"p{who}", 100_00, Today),
                        2 => new CouponCommand.Return(merchant, $"p{who}"),
                        _ => new CouponCommand.Settle("s"),
                    }) ?? coupons[who];
                }
            }
            long owed = coupons.Sum(c => c.Use?.FaceFen ?? 0);
            return owed <= Terms.BudgetFen && campaign.Given <= Terms.Count && campaign.ByHolder.Values.Sum() == campaign.Given;
        }).QuickCheckThrowOnFailure();
    }

    private static CampaignCommand.Give Give(params string[] holders) =>
        new("commerce", [.. holders.Select(h => new Grant(h, new string('0', 64)))], Today);

    private static Campaign? Fold(Campaign campaign, CampaignCommand command) =>
        Campaign.Decide(campaign, command) is Decision<CampaignEvent>.Accepted a
            ? a.Events.Aggregate(campaign, Campaign.Evolve) : null;

    private static Coupon? Fold(Coupon coupon, CouponCommand command) =>
        Coupon.Decide(coupon, command) is Decision<CouponEvent>.Accepted a
            ? a.Events.Aggregate(coupon, Coupon.Evolve) : null;

    private static string? Rule(Campaign campaign, CampaignCommand command) =>
        (Campaign.Decide(campaign, command) as Decision<CampaignEvent>.Refused)?.Rule;

    private static string? Rule(Coupon coupon, CouponCommand command) =>
        (Coupon.Decide(coupon, command) as Decision<CouponEvent>.Refused)?.Rule;
}
