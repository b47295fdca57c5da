using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Traceability.Scanning;
using Xunit;
using Check = Traceability.Scanning.Check;

namespace Services.Tests.Traceability.Scanning;

/// <summary>Signs of copied and diverted goods; the figures are computed by hand or from tables.</summary>
public sealed class SuspicionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 4, 0, 0, TimeSpan.Zero);
    private static readonly SuspicionLimits Limits = SuspicionLimits.Default;
    private static readonly Position Hangzhou = new(30.2741, 120.1551, 30);
    private static readonly Position Beijing = new(39.9042, 116.4074, 30);

    private static Check At(int minutes, string? device = null, Position? position = null) =>
        new(Noon.AddMinutes(minutes), Device: device, Position: position);

    [Fact]
    public void Six_checks_in_a_day_from_two_devices_are_a_sign_and_five_are_not()
    {
        Check[] five = [.. Enumerable.Range(0, 5).Select(i => At(i, i % 2 == 0 ? "a" : "b"))];
        Suspicion.ManyChecks(five, Limits).ShouldBeNull();
        Sign sign = Suspicion.ManyChecks([.. five, At(1440, "a")], Limits).ShouldNotBeNull();
        sign.Measure.ShouldBe(6);
        sign.Reason.Zh.ShouldBe("24小时内从2处网络或设备查询6次（超过5次）");
        Suspicion.ManyChecks([.. five, At(1445, "a")], Limits).ShouldBeNull("the window is 24 hours");
    }

    [Fact]
    public void One_device_may_look_as_often_as_it_likes() =>
        Suspicion.ManyChecks([.. Enumerable.Range(0, 50).Select(i => At(i, "a"))], Limits).ShouldBeNull();

    [Fact]
    public void Any_number_of_browsers_behind_one_network_is_no_sign()
    {
        Check[] one = [.. Enumerable.Range(0, 50).Select(i => At(i, $"browser{i}", i % 2 == 0 ? Hangzhou : Beijing) with
        {
            Network = "home", Region = $"{11 + i % 9}0100", Shared = true, AddressRegion = "330100", OtherLot = true,
        })];
        Suspicion.ManyChecks(one, Limits).ShouldBeNull();
        Suspicion.Spread(one, Limits).ShouldBeNull();
        Suspicion.TooFast(one, sold: false, Limits).ShouldBeNull();
        Suspicion.OtherLot(one).ShouldNotBeNull().Weight.ShouldBe(1);
        CloneSuspicion.Assess(one, [], unsold: true, Limits).Grade.ShouldBe(SuspicionGrade.Watch);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.200", true)]
    [InlineData("192.0.2.7", "192.0.3.7", false)]
    [InlineData("::ffff:192.0.2.7", "192.0.2.200", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:ffff::9", true)]
    [InlineData("2001:db8:1::1", "2001:db8:2::1", false)]
    public void Addresses_are_of_one_network_by_their_prefix(string one, string other, bool same) =>
        (DeviceTags.PrefixOf(System.Net.IPAddress.Parse(one)) == DeviceTags.PrefixOf(System.Net.IPAddress.Parse(other)))
            .ShouldBe(same);

    // sin²(9.6301°/2) = 0.0070468, cos 30.2741° · cos 39.9042° · sin²(3.7477°/2) = 0.0007085,
    // 2 · 6371.0088 · asin √0.0077553 = 1123.5.
    [Fact]
    public void Hangzhou_and_Beijing_are_1123_km_apart() =>
        Suspicion.Kilometres(Hangzhou, Beijing).ShouldBe(1123.5, 1);

    [Fact]
    public void Faster_than_an_aeroplane_is_a_sign_whoever_bought_it()
    {
        Sign sign = Suspicion.TooFast([At(0, "a", Hangzhou), At(60, "b", Beijing)], sold: true, Limits).ShouldNotBeNull();
        sign.Measure.ShouldBe(1123.5, 1);
        sign.Reason.En!.ShouldContain("within 60 minutes");
    }

    [Fact]
    public void The_words_name_the_interval_that_the_speed_is_computed_over()
    {
        // 1123.5 km in five minutes, which is the least that times to the minute tell apart.
        Sign sign = Suspicion.TooFast([At(0, "a", Hangzhou), At(0, "b", Beijing)], sold: true, Limits).ShouldNotBeNull();
        sign.Measure.ShouldBe(1123.5 * 12, 12);
        sign.Reason.En!.ShouldContain("within 5 minutes");
        sign.Reason.Zh!.ShouldStartWith("5分钟内");
    }

    [Fact]
    public void As_fast_as_a_train_is_a_sign_only_while_nothing_is_sold()
    {
        Check[] checks = [At(0, "a", Hangzhou), At(360, "b", Beijing)];
        Suspicion.TooFast(checks, sold: true, Limits).ShouldBeNull();
        Suspicion.TooFast(checks, sold: false, Limits).ShouldNotBeNull().Measure.ShouldBe(187.2, 0.3);
        Suspicion.TooFast([At(0, "a", Hangzhou), At(600, "b", Beijing)], sold: false, Limits)
            .ShouldBeNull("112 km/h is a lorry");
    }

    [Fact]
    public void The_same_minute_counts_as_five()
    {
        Position here = Hangzhou with { AccuracyKm = 1 };
        Position north = here with { Latitude = 30.4541 };
        // 0.18° = 20.015 km in a twelfth of an hour.
        Suspicion.TooFast([At(0, "a", here), At(0, "b", north)], sold: false, Limits)
            .ShouldNotBeNull().Measure.ShouldBe(240.2, 0.2);
    }

    [Fact]
    public void A_distance_within_the_accuracy_says_nothing() => Suspicion.TooFast(
        [At(0, "a", Hangzhou), At(1, "b", Beijing with { AccuracyKm = 1200 })], sold: false, Limits).ShouldBeNull();

    [Fact]
    public void Two_sales_of_one_item_are_a_sign()
    {
        Suspicion.SoldTwice([new SaleMark(Noon)]).ShouldBeNull();
        Sign sign = Suspicion.SoldTwice([new SaleMark(Noon, "a"), new SaleMark(Noon.AddDays(1), "a")]).ShouldNotBeNull();
        (sign.Code, sign.Weight).ShouldBe(("sold-twice", 2), "the seller may have taken it back");
        Suspicion.SoldTwice([new SaleMark(Noon, "a"), new SaleMark(Noon, "b")])!.Weight.ShouldBe(3);
    }

    [Theory]
    [InlineData(0, 2.5, 1)]
    [InlineData(1, 2, 0.8646647167633873)]
    [InlineData(3, 1, 0.0803013970713942)]
    [InlineData(5, 0.5, 0.000172115629955)]
    public void The_tail_of_Poisson_is_that_of_the_tables(int k, double mean, double chance) =>
        Suspicion.PoissonAtLeast(k, mean).ShouldBe(chance, 1e-12);

    [Fact]
    public void Five_clones_where_half_of_one_is_usual_are_a_sign_and_three_where_one_is_usual_are_not()
    {
        Sign sign = Suspicion.ClonedLot(5, 500, 0.001, Limits).ShouldNotBeNull();
        sign.Measure.ShouldBe(0.000172115629955, 1e-12);
        sign.Reason.Zh!.ShouldContain("500件中有5件");
        Suspicion.ClonedLot(3, 1000, 0.001, Limits).ShouldBeNull();
        Suspicion.ClonedLot(1, 10, 1e-9, Limits).ShouldBeNull("one item makes no lot");
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 10, 0)]
    [InlineData(0, 3, 0)]
    [InlineData(5, 10, 0.2365931)]
    [InlineData(10, 10, 0.7224672)]
    [InlineData(20, 100, 0.1333669)]
    public void Wilsons_lower_bound_is_that_of_the_tables(int hits, int n, double bound) =>
        Suspicion.WilsonLowerBound(hits, n).ShouldBe(bound, 1e-6);

    [Fact]
    public void Half_of_ten_scans_outside_are_a_sign_and_of_nine_are_too_few()
    {
        string[] five = ["330100", "330200", "330300", "330400", "330500"];
        string[] outside = ["320100", "320200", "310000", "340100", "350100"];
        Sign sign = Suspicion.OutOfArea([.. five, .. outside], ["33"], Limits).ShouldNotBeNull();
        sign.Measure.ShouldBe(0.2365931, 1e-6);
        sign.Reason.Zh.ShouldBe("10次扫码中有5次在约定区域之外，比例下限23.7%（95%置信，超过20.0%）");
        Suspicion.OutOfArea([.. five[1..], .. outside], ["33"], Limits).ShouldBeNull();
        Suspicion.OutOfArea([.. five[1..], .. outside, null], ["33"], Limits).ShouldBeNull("unknown regions say nothing");
        Suspicion.OutOfArea([.. five, .. five, "320100"], ["33"], Limits).ShouldBeNull();
    }

    [Fact]
    public void Bounds_are_shares_that_grow_with_the_hits() => Prop.ForAll(
        Gen.Choose(1, 2000).SelectMany(n => Gen.Choose(0, n - 1).Select(hits => (hits, n))).ToArbitrary(),
        t =>
        {
            double less = Suspicion.WilsonLowerBound(t.hits, t.n), more = Suspicion.WilsonLowerBound(t.hits + 1, t.n);
            return less >= 0 && more <= 1 && less < more && less <= (double)t.hits / t.n;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Chances_are_chances_that_fall_as_more_is_asked() => Prop.ForAll(
        Gen.Choose(0, 60).SelectMany(k => Gen.Choose(1, 4000).Select(m => (k, mean: m / 100.0))).ToArbitrary(),
        t =>
        {
            double more = Suspicion.PoissonAtLeast(t.k, t.mean), less = Suspicion.PoissonAtLeast(t.k + 1, t.mean);
            // Two sums of terms, each rounded for itself.
            return more is >= 0 and <= 1 && less <= more + 1e-12;
        }).QuickCheckThrowOnFailure();
}
