using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Traceability.Scanning;
using Xunit;
using Check = Traceability.Scanning.Check;

namespace Services.Tests.Traceability.Scanning;

/// <summary>What signs about one code come to together: honest people are not accused, copies are.</summary>
public sealed class CloneSuspicionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 4, 0, 0, TimeSpan.Zero);
    private static readonly SuspicionLimits Limits = SuspicionLimits.Default;
    private static readonly Position Hangzhou = new(30.2741, 120.1551, 30);
    private static readonly Position Beijing = new(39.9042, 116.4074, 30);

    private static CloneAssessment Assess(IReadOnlyList<Check> checks, bool unsold = false, params SaleMark[] sales) =>
        CloneSuspicion.Assess(checks, sales, unsold, Limits);

    [Fact]
    public void Somebody_behind_a_proxy_is_only_watched()
    {
        Check[] checks =
        [
            new(Noon, "330100", "home", Hangzhou), new(Noon.AddMinutes(3), "110100", "proxy", Beijing),
            new(Noon.AddMinutes(9), "330100", "home", Hangzhou),
        ];
        CloneAssessment found = Assess(checks);
        found.Grade.ShouldBe(SuspicionGrade.Watch);
        found.Signs.Select(s => (s.Code, s.Weight)).ShouldBe([("too-fast", 1)]);
    }

    [Fact]
    public void Two_places_that_their_holders_shared_are_an_alarm()
    {
        Position here = Hangzhou with { AccuracyKm = 1 }, there = Beijing with { AccuracyKm = 1 };
        Check[] checks =
        [
            new(Noon, "330100", "a", here, Shared: true, AddressRegion: "330100"),
            new(Noon.AddMinutes(30), "110100", "b", there, Shared: true, AddressRegion: "110100"),
        ];
        Assess(checks).Grade.ShouldBe(SuspicionGrade.Alarm);
        Assess([checks[0], checks[1] with { Shared = false }]).Grade.ShouldBe(SuspicionGrade.Watch);
        Assess([checks[0], checks[1] with { AddressRegion = "330100" }]).Grade
            .ShouldBe(SuspicionGrade.Watch, "one person can claim two positions, whatever region they lie in");
    }

    [Fact]
    public void A_gift_by_post_is_nothing() => Assess(
    [
        new(Noon, "330100", "giver", Hangzhou), new(Noon.AddDays(2), "110100", "friend", Beijing),
    ], unsold: false, new SaleMark(Noon.AddHours(-1), "shop")).Grade.ShouldBe(SuspicionGrade.None);

    [Fact]
    public void A_party_that_looks_at_one_bottle_is_only_watched() => Assess(
        [.. Enumerable.Range(0, 12).Select(i => new Check(Noon.AddMinutes(i), "330100", $"guest{i}", Hangzhou))])
        .Grade.ShouldBe(SuspicionGrade.Watch);

    [Fact]
    public void A_code_that_many_cities_look_at_in_a_day_is_an_alarm()
    {
        Check[] checks = [.. Enumerable.Range(0, 7).Select(i => new Check(Noon.AddHours(i), $"{i + 11}0100", $"d{i}"))];
        CloneAssessment found = Assess(checks);
        found.Grade.ShouldBe(SuspicionGrade.Alarm);
        found.Signs.Select(s => s.Code).ShouldBe(["spread", "many-checks"]);
        // Five of seven outside of two cities: 21 · 0.1⁵ · 0.9² + 7 · 0.1⁶ · 0.9 + 0.1⁷.
        found.Signs[0].Measure.ShouldBe(0.0001765, 1e-9);
        Assess(checks[..6]).Grade.ShouldBe(SuspicionGrade.Watch, "four of six: 0.00127");
        Assess(checks[..5]).Grade.ShouldBe(SuspicionGrade.None, "five devices are a family");
    }

    [Fact]
    public void A_sample_that_travels_from_city_to_city_is_only_watched()
    {
        // Ten customers in one city, ten in the next a day later, and three of all of them behind proxies.
        Check[] checks = [.. Enumerable.Range(0, 20).Select(i => new Check(
            Noon.AddHours(i < 10 ? 0 : 20).AddMinutes(i * 9),
            i is 3 or 8 or 14 ? $"{i + 60}0100" : i < 10 ? "310100" : "420100", $"customer{i}"))];
        Assess(checks).Grade.ShouldBe(SuspicionGrade.Watch);
    }

    [Theory]
    [InlineData(0, 5, 1)]
    [InlineData(2, 9, 0.225159)]
    [InlineData(6, 8, 0.0000234)]
    [InlineData(8, 8, 0.00000001)]
    public void The_tail_of_the_binomial_is_that_of_the_tables(int k, int n, double chance) =>
        Suspicion.BinomialAtLeast(k, n, 0.1).ShouldBe(chance, 1e-6);

    [Fact]
    public void Two_sellers_of_one_item_are_an_alarm_and_one_who_took_it_back_is_not()
    {
        Assess([], unsold: false, new SaleMark(Noon, "a"), new SaleMark(Noon.AddDays(3), "b")).Grade
            .ShouldBe(SuspicionGrade.Alarm);
        Assess([], unsold: false, new SaleMark(Noon, "a"), new SaleMark(Noon.AddDays(3), "a")).Grade
            .ShouldBe(SuspicionGrade.Watch);
    }

    // 1123.5 km apart, each 30 km off: 1063.5 km are sure.
    [Theory]
    [InlineData(70, true)]
    [InlineData(71, false)]
    public void A_distance_counts_as_far_as_the_accuracies_leave_it(int minutes, bool fast) => (Suspicion.TooFast(
        [new(Noon, null, "a", Hangzhou), new(Noon.AddMinutes(minutes), null, "b", Beijing)], sold: true, Limits) is not null)
        .ShouldBe(fast);

    [Fact]
    public void The_order_in_which_checks_come_does_not_matter()
    {
        Gen<Check> check = from minute in Gen.Choose(0, 3000)
                           from region in Gen.Elements("110100", "330100", "440100", "510100", null)
                           from device in Gen.Elements("a", "b", "c", "d", "e", "f", "g", null)
                           from latitude in Gen.Choose(20, 45)
                           from accuracy in Gen.Elements(1.0, 30, 500)
                           from located in Gen.Elements(true, false)
                           from shared in Gen.Elements(true, false)
                           select new Check(Noon.AddMinutes(minute - minute % 7), region, device,
                               located ? new Position(latitude, 110, accuracy) : null, shared);
        Prop.ForAll(check.ListOf().ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (checks, seed) =>
        {
            Check[] all = [.. checks];
            Check[] mixed = [.. all];
            new Random(seed).Shuffle(mixed);
            CloneAssessment first = Assess(all), second = Assess(mixed);
            return (first.Grade, first.Score) == (second.Grade, second.Score) && first.Signs.SequenceEqual(second.Signs);
        }).QuickCheckThrowOnFailure();
    }
}
