namespace Cli.Demos.Trace;

/// <summary>A city as a region table knows it.</summary>
/// <param name="Code">GB/T 2260, or a country's code.</param>
/// <param name="Latitude">Degrees north.</param>
/// <param name="Longitude">Degrees east.</param>
public sealed record City(string Code, double Latitude, double Longitude);

/// <summary>Why a bottle was looked at.</summary>
public enum Reason
{
    /// <summary>Somebody at home whose address a proxy moves elsewhere in between.</summary>
    Proxy,

    /// <summary>Somebody who bought it, and days later somebody in another province whom it was sent to.</summary>
    Gift,

    /// <summary>Customers to whom a traveller shows a sample, city after city.</summary>
    Trip,

    /// <summary>Somebody who bought it, at home.</summary>
    Ordinary,

    /// <summary>The label of one bottle, printed many times.</summary>
    Clone,

    /// <summary>A carton that is sold outside of its dealer's territory.</summary>
    Diverted,
}

/// <summary>One look at a bottle.</summary>
/// <param name="Bottle">Its place on the roll.</param>
/// <param name="At">When.</param>
/// <param name="City">Where the address says.</param>
/// <param name="Device">Whose telephone.</param>
/// <param name="Reason">Why.</param>
public sealed record Look(int Bottle, DateTimeOffset At, City City, string Device, Reason Reason);

/// <summary>
/// Looks at bottles as people make them, always the same ones: two thousand that look suspicious and are honest, those of
/// everybody else, and those at one cloned bottle and one diverted carton.
/// </summary>
public sealed class Looks
{
    private const int Seed = 20260405;
    private const int Proxies = 340;
    private const int Gifts = 360;
    private const int LooksOfSample = 20;

    /// <summary>The cloned bottle: one that the dealer in Zhejiang sold.</summary>
    public const int Cloned = 17;

    /// <summary>The first bottle of the diverted carton, which went to the dealer in Sichuan.</summary>
    public const int Diverted = Wine.BottlesOfDealer + (4 * Wine.BottlesOfCarton);

    /// <summary>The last bottle of a case that a dealer has not sold, and how many of it travel.</summary>
    private static readonly (int Last, int Bottles)[] Cases =
    [
        (Wine.BottlesOfDealer - 1, Wine.BottlesOfCarton), ((3 * Wine.BottlesOfDealer) - 1, Wine.BottlesOfCarton),
        ((4 * Wine.BottlesOfDealer) - 1, Wine.BottlesOfCarton / 2),
    ];

    private static readonly City[] Zhejiang = [new("330100", 30.27, 120.15), new("330200", 29.87, 121.54), new("330400", 30.75, 120.75), new("330300", 28.00, 120.70)];
    private static readonly City[][] Homes =
    [
        Zhejiang,
        [new("510100", 30.57, 104.07), new("510700", 31.47, 104.68), new("511100", 29.55, 103.77)],
        [new("440100", 23.13, 113.26), new("440300", 22.54, 114.06), new("440600", 23.02, 113.12)],
        [new("110100", 39.90, 116.40)],
    ];

    private static readonly City[] Away =
    [
        new("310100", 31.23, 121.47), new("320100", 32.06, 118.80), new("420100", 30.59, 114.30), new("610100", 34.34, 108.94),
        new("500100", 29.56, 106.55), new("370200", 36.07, 120.38), new("210100", 41.80, 123.43), new("230100", 45.80, 126.53),
        new("350200", 24.48, 118.09), new("410100", 34.75, 113.62), new("430100", 28.23, 112.94), new("530100", 25.04, 102.71),
    ];

    private static readonly City[] Exits =
    [
        new("810000", 22.32, 114.17), new("JP13", 35.68, 139.69), new("SG01", 1.35, 103.82), new("US06", 34.05, -118.24),
        new("310100", 31.23, 121.47), new("440100", 23.13, 113.26), new("110100", 39.90, 116.40),
    ];

    private readonly Random _random = new(Seed);
    private readonly DateTimeOffset _now;
    private readonly List<Look> _all = [];

    private Looks(DateTimeOffset now) => _now = now;

    /// <summary>All cities of the looks.</summary>
    public static IReadOnlyList<City> Cities { get; } = [.. Homes.SelectMany(h => h).Concat(Away).Concat(Exits).DistinctBy(c => c.Code)];

    /// <summary>The looks before a time, in their order.</summary>
    public static IReadOnlyList<Look> Before(DateTimeOffset now)
    {
        var looks = new Looks(now);
        looks.Make();
        return [.. looks._all.OrderBy(l => l.At).ThenBy(l => l.Bottle).ThenBy(l => l.Device, StringComparer.Ordinal)];
    }

    private void Make()
    {
        var special = Enumerable.Range(Diverted, Wine.BottlesOfCarton).Append(Cloned).ToHashSet();
        var sold = new Queue<int>(Shuffle([.. Enumerable.Range(0, Homes.Length)
            .SelectMany(d => Enumerable.Range(d * Wine.BottlesOfDealer, Wine.SoldOfDealer)).Where(b => !special.Contains(b))]));
        for (var i = 0; i < Proxies; i++) Proxy(sold.Dequeue());
        for (var i = 0; i < Gifts; i++) Gift(sold.Dequeue());
        for (var traveller = 0; traveller < Cases.Length; traveller++) Trip(traveller);
        while (sold.TryDequeue(out var bottle)) Ordinary(bottle);
        Clone();
        Divert();
    }

    private void Proxy(int bottle)
    {
        var (at, home) = (Daytime(1, 18), Home(bottle));
        Add(bottle, at, home, $"p{bottle}", Reason.Proxy);
        var same = _random.Next(100) < 75;
        Add(bottle, at.AddMinutes(_random.Next(1, 16)), Elsewhere(Exits, home), same ? $"p{bottle}" : $"q{bottle}", Reason.Proxy);
    }

    private void Gift(int bottle)
    {
        var (at, home) = (Daytime(11, 18), Home(bottle));
        Add(bottle, at, home, $"g{bottle}", Reason.Gift);
        Add(bottle, at.AddDays(_random.Next(2, 10)).AddMinutes(_random.Next(600)), Elsewhere(Away, home), $"h{bottle}", Reason.Gift);
    }

    /// <summary>Three cities in three days with the bottles of one case; at each some customers look for themselves.</summary>
    private void Trip(int traveller)
    {
        var (last, bottles) = Cases[traveller];
        var begun = Day(_random.Next(5, 17));
        var cities = Shuffle([.. Away])[..3];
        for (var bottle = last; bottle > last - bottles; bottle--)
        {
            for (var i = 0; i < LooksOfSample; i++)
            {
                var day = i * cities.Length / LooksOfSample;
                var at = begun.AddDays(day).AddHours(15).AddMinutes(_random.Next(180));
                var device = i == 0 && _random.Next(100) < 60 ? $"traveller{traveller}" : $"t{bottle}-{i}";
                // Whoever opens the case looks first.
                if (i == 0) at = begun.AddHours(14);
                Add(bottle, at, _random.Next(100) < 8 ? Elsewhere(Exits, cities[day]) : cities[day], device, Reason.Trip);
            }
        }
    }

    private void Ordinary(int bottle)
    {
        var (at, home) = (Daytime(1, 19), Home(bottle));
        Add(bottle, at, home, $"o{bottle}", Reason.Ordinary);
        if (_random.Next(100) < 30) Add(bottle, at.AddHours(_random.Next(1, 20)), home, $"f{bottle}", Reason.Ordinary);
    }

    private void Clone()
    {
        var bought = Day(15).AddHours(19);
        Add(Cloned, bought, Zhejiang[0], "c-buyer", Reason.Clone);
        for (var day = 0; day < 6; day++)
        {
            var cities = Shuffle([.. Away]);
            for (var i = 0; i < 8; i++) Add(Cloned, Day(8 - day).AddHours(10 + i).AddMinutes(_random.Next(60)), cities[i], $"c{day}-{i}", Reason.Clone);
        }
    }

    private void Divert()
    {
        for (var i = 0; i < Wine.BottlesOfCarton; i++)
        {
            var (bottle, at, city) = (Diverted + i, Daytime(3, 9), Zhejiang[_random.Next(3)]);
            Add(bottle, at, city, $"d{bottle}", Reason.Diverted);
            if (i % 2 == 0) Add(bottle, at.AddHours(_random.Next(1, 30)), city, $"e{bottle}", Reason.Diverted);
        }
    }

    private void Add(int bottle, DateTimeOffset at, City city, string device, Reason reason) =>
        _all.Add(new Look(bottle, at < _now ? at : _now.AddMinutes(-1), city, device, reason));

    private City Home(int bottle)
    {
        var cities = Homes[bottle / Wine.BottlesOfDealer];
        return cities[_random.Next(cities.Length)];
    }

    private City Elsewhere(City[] cities, City home)
    {
        var others = cities.Where(c => c.Code[..2] != home.Code[..2]).ToArray();
        return others[_random.Next(others.Length)];
    }

    /// <summary>Midnight in China so many days ago.</summary>
    private DateTimeOffset Day(int ago)
    {
        var there = _now.ToOffset(TimeSpan.FromHours(8));
        return new DateTimeOffset(there.Date, there.Offset).AddDays(-ago);
    }

    private DateTimeOffset Daytime(int from, int to) => Day(_random.Next(from, to + 1)).AddHours(9).AddMinutes(_random.Next(13 * 60));

    private T[] Shuffle<T>(T[] list)
    {
        _random.Shuffle(list);
        return list;
    }
}
