using Prepaid.Custody;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>Custody by dated rules; figures in yuan for the reader.</summary>
public sealed class CustodyTests
{
    private static readonly DateOnly Shanghai2023 = new(2023, 6, 1);
    private static readonly DateOnly Beijing2026 = new(2026, 3, 2);

    private static long Yuan(decimal yuan) => (long)(yuan * 100);

    private static IssuerFacts Shanghai(decimal balance, decimal? revenue, DateOnly? started = null) => new(
        "310000", "fitness", IssuerClass.Other, Yuan(balance), null, revenue is { } r ? Yuan(r) : null,
        started ?? new DateOnly(2015, 1, 1));

    [Theory]
    [InlineData(180_000, 2_000_000, 0)]
    [InlineData(300_000, 2_000_000, 120_000)]
    [InlineData(450_000, 2_000_000, 450_000)]
    [InlineData(60_000_000, 400_000_000, 60_000_000)]
    // On the threshold and one fen beside it.
    [InlineData(199_999.99, 2_000_000, 0)]
    [InlineData(200_000, 2_000_000, 0)]
    [InlineData(200_000.01, 2_000_000, 80_000.01)]
    [InlineData(399_999.99, 2_000_000, 160_000)]
    [InlineData(400_000, 2_000_000, 160_000)]
    [InlineData(400_000.01, 2_000_000, 400_000.01)]
    [InlineData(50_000_000, 400_000_000, 20_000_000)]
    [InlineData(50_000_000.01, 400_000_000, 50_000_000.01)]
    public void Shanghai_2019_by_warning_and_special_line(decimal balance, decimal revenue, decimal required)
    {
        CustodyRequirement answer = CustodyRequirement.Of(Shanghai(balance, revenue), Shanghai2023);
        answer.LowFen.ShouldBe(Yuan(required));
        answer.HighFen.ShouldBe(Yuan(required));
    }

    [Fact]
    public void A_Shanghai_issuer_in_its_first_year_holds_everything_above_the_floor()
    {
        DateOnly young = Shanghai2023.AddYears(-1).AddDays(1);
        CustodyRequirement.Of(Shanghai(250_000, null, young), Shanghai2023).HighFen.ShouldBe(Yuan(250_000));
        CustodyRequirement.Of(Shanghai(200_000, null, young), Shanghai2023).HighFen.ShouldBe(0);
        // A year old to the day, the ordinary lines count.
        CustodyRequirement.Of(Shanghai(300_000, 2_000_000, young.AddDays(-1)), Shanghai2023).HighFen
            .ShouldBe(Yuan(120_000));
    }

    [Fact]
    public void A_special_line_at_or_below_the_floor_is_left_to_counsel()
    {
        // 20 % of a million is exactly the floor.
        CustodyRequirement answer = CustodyRequirement.Of(Shanghai(300_000, 1_000_000), Shanghai2023);
        answer.Findings.ShouldHaveSingleItem().Because.ShouldBe("line-below-floor");
        (answer.LowFen, answer.HighFen).ShouldBe((Yuan(120_000), Yuan(300_000)));
        CustodyRequirement.Of(Shanghai(300_000, 1_000_000.05m), Shanghai2023).Findings[0].Because
            .ShouldBe("special-line");
    }

    [Fact]
    public void After_the_rules_ran_out_no_rule_is_known()
    {
        CustodyRequirement.Of(Shanghai(300_000, 2_000_000), new DateOnly(2024, 4, 30)).LowFen.ShouldBe(Yuan(120_000));
        CustodyRequirement after = CustodyRequirement.Of(Shanghai(300_000, 2_000_000), new DateOnly(2024, 5, 1));
        after.NoRuleKnown.ShouldBeTrue();
        (after.LowFen, after.HighFen).ShouldBe((null, null));
        after.Findings.ShouldHaveSingleItem().Rule.Status.ShouldBe("unknown");
        // A place without any rule: nothing is taken for granted either.
        CustodyRequirement none = CustodyRequirement.Of(
            Shanghai(300_000, 2_000_000) with { Jurisdiction = "440300" }, Shanghai2023);
        none.NoRuleKnown.ShouldBeTrue();
        none.Findings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(IssuerClass.Other, 0)]
    [InlineData(IssuerClass.Scale, 200_000.01)]
    [InlineData(IssuerClass.Group, 300_000.01)]
    [InlineData(IssuerClass.Brand, 400_000.01)]
    public void The_ministry_asks_a_share_of_last_quarters_balance_by_class(IssuerClass issuer, decimal required)
    {
        IssuerFacts facts = new("440300", "retail", issuer, Yuan(5_000_000), Yuan(1_000_000.01m), null,
            new DateOnly(2015, 1, 1));
        CustodyRequirement.Of(facts, Beijing2026).HighFen.ShouldBe(Yuan(required));
        // It doesn't reach gyms.
        CustodyRequirement.Of(facts with { Industry = "fitness" }, Beijing2026).NoRuleKnown.ShouldBeTrue();
        CustodyRequirement.Of(facts, new DateOnly(2012, 10, 31)).NoRuleKnown.ShouldBeTrue();
    }

    [Theory]
    [InlineData(499_999.99, 0)]
    [InlineData(500_000, 192_000)]
    [InlineData(500_000.01, 192_000)]
    public void Beijing_asks_forty_per_cent_of_last_quarter_from_half_a_million_on(decimal balance, decimal required)
    {
        IssuerFacts facts = new("110000", "resident-services", IssuerClass.Other, Yuan(balance), Yuan(480_000), null,
            new DateOnly(2015, 1, 1));
        CustodyRequirement.Of(facts, Beijing2026).HighFen.ShouldBe(Yuan(required));
    }

    [Fact]
    public void Of_two_rules_the_stricter_counts_and_both_are_shown()
    {
        IssuerFacts brand = new("110000", "retail", IssuerClass.Brand, Yuan(400_000), Yuan(400_000), null,
            new DateOnly(2015, 1, 1));
        CustodyRequirement answer = CustodyRequirement.Of(brand, Beijing2026);
        answer.Findings.Select(f => f.Rule.Id).ShouldBe(["mofcom-custody", "beijing-2023-custody"], ignoreOrder: true);
        answer.HighFen.ShouldBe(Yuan(160_000));
    }

    [Fact]
    public void Fees_for_tutoring_lie_in_custody_whole()
    {
        IssuerFacts school = new("310000", "tutoring", IssuerClass.Other, Yuan(0.01m), null, null,
            new DateOnly(2026, 1, 1));
        CustodyRequirement answer = CustodyRequirement.Of(school, Beijing2026);
        answer.LowFen.ShouldBe(1);
        // Shanghai's own successor rule is not known: the most is nobody's to say.
        answer.HighFen.ShouldBeNull();
    }
}
