using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Traceability.Alarms;
using Traceability.Scanning;
using Xunit;

namespace Services.Tests.Traceability.Alarms;

/// <summary>What is counted of a dealer's goods, and what is not.</summary>
public sealed class DiversionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 4, 0, 0, TimeSpan.Zero);
    private static readonly SuspicionLimits Limits = SuspicionLimits.Default;
    private static readonly string[] Zhejiang = ["33"];

    private static Observation At(int item, string region, string? device = null, int day = 0) =>
        new($"item{item}", Noon.AddDays(day).AddMinutes(item), region, device ?? $"d{item}");

    private static Observation[] Goods(int inside, int outside, string away = "110100") =>
        [.. Enumerable.Range(0, inside).Select(i => At(i, "330100")), .. Enumerable.Range(inside, outside).Select(i => At(i, away))];

    // Wilson's lower bound at 95 %: 5 of 10 0.2366, 4 of 10 0.1682, 4 of 9 0.1888 and n too small; 10 of 30 0.1923,
    // 11 of 31 0.2113: the bound must be passed, not the share.
    [Theory]
    [InlineData(5, 5, SuspicionGrade.Alarm)]
    [InlineData(4, 5, SuspicionGrade.None)]
    [InlineData(6, 4, SuspicionGrade.None)]
    [InlineData(20, 10, SuspicionGrade.None)]
    [InlineData(20, 11, SuspicionGrade.Alarm)]
    [InlineData(0, 9, SuspicionGrade.None)]
    [InlineData(0, 10, SuspicionGrade.Alarm)]
    public void A_carton_is_diverted_where_the_bound_is_passed_and_there_are_ten(
        int inside, int outside, SuspicionGrade grade)
    {
        DiversionAssessment found = Diversion.Assess(Goods(inside, outside), Zhejiang, Limits);
        found.Grade.ShouldBe(grade);
        (found.Counted.Count, found.Outside).ShouldBe((inside + outside, outside));
    }

    [Fact]
    public void A_bound_that_is_just_reached_is_not_passed()
    {
        double bound = Suspicion.WilsonLowerBound(5, 10);
        Diversion.Assess(Goods(5, 5), Zhejiang, Limits with { OutOfAreaShare = bound }).Grade.ShouldBe(SuspicionGrade.None);
        Diversion.Assess(Goods(5, 5), Zhejiang, Limits with { OutOfAreaShare = Math.BitDecrement(bound) }).Grade
            .ShouldBe(SuspicionGrade.Alarm);
    }

    [Fact]
    public void An_item_counts_once_where_it_was_first_seen()
    {
        Observation[] looked = [.. Goods(10, 0), .. Enumerable.Range(0, 50).Select(i => At(3, "110100", $"x{i}", day: 2))];
        DiversionAssessment found = Diversion.Assess(looked, Zhejiang, Limits);
        (found.Grade, found.Outside, found.LeftOut).ShouldBe((SuspicionGrade.None, 0, 50));
    }

    [Fact]
    public void A_traveller_with_a_case_of_samples_is_one_person_a_day()
    {
        Observation[] trip =
            [.. Goods(8, 0), .. Enumerable.Range(8, 24).Select(i => At(i, $"{i}0100", "phone", day: i % 3))];
        DiversionAssessment found = Diversion.Assess(trip, Zhejiang, Limits);
        (found.Grade, found.Counted.Count, found.Outside).ShouldBe((SuspicionGrade.None, 11, 3));
    }

    [Fact]
    public void Gifts_that_went_everywhere_are_only_watched()
    {
        Observation[] gifts = [.. Goods(4, 0), .. Enumerable.Range(11, 8).Select(i => At(i, $"{i * 3}0100"))];
        DiversionAssessment found = Diversion.Assess(gifts, Zhejiang, Limits);
        found.Grade.ShouldBe(SuspicionGrade.Watch);
        found.Concentration.ShouldBeLessThan(0.5);
        Diversion.Assess([.. gifts, .. Enumerable.Range(50, 8).Select(i => At(i, "510100"))], Zhejiang, Limits)
            .Grade.ShouldBe(SuspicionGrade.Alarm, "and a market besides");
    }

    [Fact]
    public void A_dealer_without_a_territory_leaves_none() =>
        Diversion.Assess(Goods(0, 50), [], Limits).Grade.ShouldBe(SuspicionGrade.None);

    [Fact]
    public void The_order_in_which_scans_come_does_not_matter()
    {
        Gen<Observation> seen = from item in Gen.Choose(0, 15)
                                from minute in Gen.Choose(0, 400)
                                from region in Gen.Elements("330100", "330200", "110100", "510100")
                                from device in Gen.Elements("a", "b", "c", "d", "e", null)
                                select new Observation($"i{item}", Noon.AddMinutes(minute * 20), region, device);
        Prop.ForAll(seen.ListOf().ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (all, seed) =>
        {
            Observation[] mixed = [.. all];
            new Random(seed).Shuffle(mixed);
            DiversionAssessment first = Diversion.Assess([.. all], Zhejiang, Limits);
            DiversionAssessment second = Diversion.Assess(mixed, Zhejiang, Limits);
            return first.Grade == second.Grade && first.Counted.SequenceEqual(second.Counted) && first.Sign == second.Sign;
        }).QuickCheckThrowOnFailure();
    }
}
