namespace PrepaidSimulation;

/// <summary>
/// Streets of simulated merchants that sell prepaid cards. Simulated: it shows whether a detector finds what was put
/// in, and is no evidence about real shops.
/// </summary>
public static class Street
{
    /// <summary>Days that are simulated; the first year is history, the second one is judged.</summary>
    public const int Days = 730;

    /// <summary>Good merchants of a street.</summary>
    public const int Good = 270;

    /// <summary>Merchants of a street that end badly, a third of each kind.</summary>
    public const int Bad = 15;

    private static readonly (Fate Fate, double Share)[] GoodFates =
    [
        (Fate.Ordinary, 0.58), (Fate.Season, 0.10), (Fate.Renovation, 0.07), (Fate.Move, 0.07), (Fate.NewOwner, 0.06),
        (Fate.BigSale, 0.07), (Fate.FeedFailure, 0.05),
    ];

    private static readonly Fate[] BadFates = [Fate.SlowDrain, Fate.PromotionThenFlight, Fate.Sudden];

    /// <summary>The merchants of a seed, always the same ones.</summary>
    /// <param name="seed">Which street.</param>
    public static IEnumerable<MerchantHistory> Of(int seed)
    {
        Dice dice = new((ulong)seed * 0x1000003);
        for (int i = 0; i < Good + Bad; i++)
        {
            Dice own = dice.Of((ulong)i);
            Fate fate = i < Good ? GoodFate(own.Unit()) : BadFates[(i - Good) % BadFates.Length];
            yield return new Merchant($"{seed}-{i}", fate, own).Live();
        }
    }

    private static Fate GoodFate(double unit)
    {
        foreach ((Fate fate, double share) in GoodFates)
        {
            if ((unit -= share) < 0) return fate;
        }

        return Fate.Ordinary;
    }
}
