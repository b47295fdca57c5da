using PrepaidSimulation;
using Shouldly;
using Xunit;

namespace Services.Tests.PrepaidRisk;

/// <summary>The simulated merchants that the early warning is measured on.</summary>
public sealed class StreetTests
{
    private static readonly IReadOnlyList<MerchantHistory> Street1 = [.. Street.Of(1)];

    [Fact]
    public void A_seed_is_always_the_same_street()
    {
        Street.Of(1).Zip(Street1).ShouldAllBe(p => p.First.Days.SequenceEqual(p.Second.Days)
            && p.First.Filings.SequenceEqual(p.Second.Filings));
        Street.Of(2).First().Days[0].ShouldNotBe(Street1[0].Days[0]);
    }

    [Fact]
    public void Twenty_streets_hold_two_hundred_bad_and_five_thousand_good()
    {
        (Street.Bad * 20).ShouldBeGreaterThanOrEqualTo(200);
        (Street.Good * 20).ShouldBeGreaterThanOrEqualTo(5000);
        Street1.GroupBy(m => m.Fate).Count().ShouldBe(Enum.GetValues<Fate>().Length);
    }

    [Fact]
    public void Nothing_is_reported_after_the_flight_and_nobody_is_owed_less_than_nothing()
    {
        foreach (MerchantHistory m in Street1)
        {
            m.Days.ShouldAllBe(d => d.OwedFen >= 0 && d.CustodyFen >= 0 && d.ReceivedOn >= d.Day);
            if (m.Flight is { } flight) m.Days[^1].Day.ShouldBe(flight - 1);
            else m.Days[^1].Day.ShouldBe(Street.Days - 1);
        }
    }

    [Fact]
    public void Sudden_ends_look_like_ordinary_lives_until_their_last_day()
    {
        // By construction: the story of a sudden end changes no day and files nothing.
        MerchantHistory sudden = Street1.First(m => m.Fate == Fate.Sudden);
        double Sales(int days) => sudden.Days.Where(d => d.Day >= sudden.Flight - days).Average(d => d.SalesFen);
        Sales(60).ShouldBeInRange(Sales(365) / 3, Sales(365) * 3);
    }
}
