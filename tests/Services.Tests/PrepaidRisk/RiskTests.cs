using PrepaidRisk;
using Shouldly;
using Xunit;

namespace Services.Tests.PrepaidRisk;

/// <summary>The regulator's early warning, grade and burn-down of a merchant.</summary>
public sealed class RiskTests
{
    private static readonly DateOnly First = new(2026, 1, 5);

    [Fact]
    public void A_steady_merchant_raises_nothing()
    {
        Warning warning = EarlyWarning.Frozen.Of(Signals.Of(Steady(365), First.AddDays(364)));
        warning.Raised.ShouldBeFalse();
        warning.Reasons.ShouldBeEmpty();
    }

    [Fact]
    public void Sales_at_deep_discount_that_custody_does_not_follow_are_named_as_reasons()
    {
        MerchantFile file = Steady(365);
        for (int day = 365; day < 400; day++)
            file.Receive(Day(day) with { SalesFen = 5_000_00, GiftFen = 3_000_00, CustodyFen = 20_000_00 });
        Warning warning = EarlyWarning.Frozen.Of(Signals.Of(file, First.AddDays(399)));
        warning.Raised.ShouldBeTrue();
        warning.Reasons.Select(r => r.Signal).ShouldContain(Signal.DeepSpike);
        warning.Reasons.Select(r => r.Signal).ShouldContain(Signal.ShortfallDays);
        warning.Reasons.Sum(r => r.Points).ShouldBe(warning.Score - EarlyWarning.Frozen.Intercept, 1e-9);
    }

    [Fact]
    public void The_same_season_as_last_year_is_no_surprise()
    {
        MerchantFile surprise = Steady(400);
        MerchantFile season = Steady(400);
        for (int day = 0; day < 28; day++)
        {
            season.Receive(Day(7 + day) with { SalesFen = 5_000_00, GiftFen = 2_500_00 });
            foreach (MerchantFile file in (MerchantFile[])[surprise, season])
                file.Receive(Day(372 + day) with { SalesFen = 5_000_00, GiftFen = 2_500_00 });
        }

        Signals.Of(surprise, First.AddDays(399))[(int)Signal.DeepSpike].ShouldBeGreaterThan(0.5);
        Signals.Of(season, First.AddDays(399))[(int)Signal.DeepSpike].ShouldBeLessThan(0.3);
    }

    [Fact]
    public void A_closure_for_works_that_is_filed_is_no_fall_of_use()
    {
        MerchantFile file = Steady(365);
        for (int day = 365; day < 393; day++) file.Receive(Day(day) with { SalesFen = 0, RedeemedFen = 1_00 });
        Signals.Of(file, First.AddDays(392))[(int)Signal.UseDrop].ShouldBe(0.5);
        file.Record(new RegisterEntry(First.AddDays(360), EntryKind.ClosureFiled, First.AddDays(400)));
        Signals.Of(file, First.AddDays(392))[(int)Signal.UseDrop].ShouldBe(0);
    }

    [Fact]
    public void A_new_representative_counts_until_the_takeover_is_filed()
    {
        MerchantFile file = Steady(365);
        file.Record(new RegisterEntry(First.AddDays(330), EntryKind.LegalRepresentativeChanged));
        Signals.Of(file, First.AddDays(364))[(int)Signal.NewRepresentative].ShouldBe(1);
        file.Record(new RegisterEntry(First.AddDays(350), EntryKind.TakeoverFiled));
        Signals.Of(file, First.AddDays(364))[(int)Signal.NewRepresentative].ShouldBe(0);
    }

    [Fact]
    public void What_has_not_arrived_is_not_seen()
    {
        MerchantFile file = Steady(365);
        Signals.Of(file, First.AddDays(371))[(int)Signal.Silence].ShouldBe(0.5);
        Grade.Of(file, First.AddDays(379), banListed: false)!.Caps.ShouldBe([Cap.Silent]);
    }

    [Theory]
    [InlineData(90, Letter.AAA)]
    [InlineData(89.9, Letter.AA)]
    [InlineData(80, Letter.AA)]
    [InlineData(79.9, Letter.A)]
    [InlineData(70, Letter.A)]
    [InlineData(69.9, Letter.B)]
    [InlineData(60, Letter.B)]
    [InlineData(59.9, Letter.C)]
    public void Letters_follow_the_points(double points, Letter letter) => Grade.LetterOf(points).ShouldBe(letter);

    [Fact]
    public void Ten_days_with_less_than_half_are_C_whatever_the_points()
    {
        MerchantFile file = Steady(730);
        for (int day = 720; day < 730; day++) file.Receive(Day(day) with { CustodyFen = 19_999_00 });
        Grade grade = Grade.Of(file, First.AddDays(729), banListed: false)!;
        grade.Caps.ShouldBe([Cap.HalfCovered]);
        grade.Letter.ShouldBe(Letter.C);
        file.Receive(Day(725) with { CustodyFen = 20_000_00 });
        Grade.Of(file, First.AddDays(729), banListed: false)!.Caps.ShouldBeEmpty("half is not less than half");
    }

    [Fact]
    public void A_steady_merchant_of_two_years_is_AAA_and_each_part_is_shown()
    {
        Grade grade = Grade.Of(Steady(731), First.AddDays(730), banListed: false)!;
        grade.Letter.ShouldBe(Letter.AAA);
        grade.Parts.Select(p => p.Of).ShouldBe([35, 20, 15, 10, 10, 10]);
        Grade.Of(Steady(731), First.AddDays(730), banListed: true)!.Letter.ShouldBe(Letter.C);
    }

    [Fact]
    public void Where_no_rule_is_known_coverage_gives_and_takes_nothing()
    {
        MerchantFile file = new();
        for (int day = 0; day < 731; day++) file.Receive(Day(day) with { RequiredFen = null, CustodyFen = 0 });
        Grade grade = Grade.Of(file, First.AddDays(730), banListed: false)!;
        grade.Parts[0].ShouldBe(new GradePart("coverage", 0, 0));
        grade.Points.ShouldBe(100);
    }

    [Fact]
    public void Custody_of_forty_percent_lasts_forty_days_of_a_hundred()
    {
        BurnDown burn = BurnDown.Of(Steady(60))!;
        burn.ShouldBe(new BurnDown(1_000_00, First.AddDays(59 + 40), First.AddDays(59 + 100), 60_000_00));
    }

    private static MerchantFile Steady(int days)
    {
        MerchantFile file = new();
        for (int day = 0; day < days; day++) file.Receive(Day(day));
        return file;
    }

    /// <summary>A day of 1,000 yuan sold and used, 100,000 owed, 40,000 of 40,000 in custody.</summary>
    private static ObservedDay Day(int day) => new(
        First.AddDays(day), 1_000_00, 100_00, 1_000_00, 100_000_00, 200, 40_000_00, 0, 40_000_00, 1, 0, 0, 0, false);
}
