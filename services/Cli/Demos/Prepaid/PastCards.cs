using System.Globalization;
using System.Text.Json.Nodes;

namespace Cli.Demos.Prepaid;

/// <summary>
/// Cards of a merchant with two years of sales and use: sales fall on days as the simulated merchant's did, with its
/// seasons and promotions, and so does use. The same for the same set.
/// </summary>
public sealed class PastCards(Shop shop, DateOnly last)
{
    private const int Days = PrepaidSimulation.Street.Days;
    private static readonly string s_contract = new('d', 64);
    private readonly Random _random = new(shop.Number);
    private readonly Dictionary<int, PrepaidSimulation.ReportedDay> _days = shop.Life.Days.ToDictionary(d => d.Day);

    /// <summary>What the cards cost their holders.</summary>
    public long PaidFen { get; private set; }

    /// <summary>How often they were used.</summary>
    public int Uses { get; private set; }

    /// <summary>The cards as the rehearsal takes them, in the order of their sale.</summary>
    public IEnumerable<JsonObject> All()
    {
        var sales = SaleDays();
        var usual = shop.Life.Days.Average(d => (double)d.RedeemedFen);
        for (var i = 0; i < shop.Cards; i++) yield return Card(sales[i], usual);
    }

    private int[] SaleDays()
    {
        var days = shop.Life.Days;
        var sum = new double[days.Count];
        for (var i = 0; i < days.Count; i++) sum[i] = (i == 0 ? 0 : sum[i - 1]) + days[i].SalesFen;
        return [.. Enumerable.Range(0, shop.Cards).Select(_ =>
        {
            var at = Array.BinarySearch(sum, _random.NextDouble() * sum[^1]);
            return days[Math.Min(at < 0 ? ~at : at, days.Count - 1)].Day;
        }).Order()];
    }

    private JsonObject Card(int sold, double usual)
    {
        var named = _random.Next(4) > 0;
        var kind = shop.Industry switch
        {
            "fitness" or "entertainment" => _random.Next(3) switch { 0 => "counted", 1 => "timed", _ => "value" },
            "tutoring" => "counted",
            "resident-services" => _random.Next(3) == 0 ? "counted" : "value",
            _ => "value",
        };
        var movements = new JsonArray { Sale("1", kind, sold, named, out var budget, out var end) };
        Use(movements, kind, sold, end, budget, usual);
        return new JsonObject { ["branch"] = "main", ["named"] = named, ["movements"] = movements };
    }

    private JsonObject Sale(string id, string kind, int day, bool named, out long budget, out int end)
    {
        // An unnamed card holds at most 1,000 yuan, a named one 5,000 (商务部令2012年第9号 art. 18), gifts counted.
        long paid = named ? 200_00 + _random.Next(19) * 100_00 : 100_00 + _random.Next(6) * 100_00;
        var gift = kind == "value" ? (long)(paid * GiftShare(day)) / 100 * 100 : 0;
        PaidFen += paid;
        var lot = new JsonObject { ["id"] = id, ["kind"] = kind, ["paidFen"] = paid, ["giftFen"] = gift, ["contract"] = s_contract };
        (budget, end) = (paid + gift, Days);
        if (kind == "counted")
        {
            budget = 5 + _random.Next(6) * 5;
            lot["units"] = budget;
        }
        else if (kind == "timed")
        {
            var term = 30 * (1 + _random.Next(12));
            (budget, end) = (long.MaxValue, day + term);
            lot["starts"] = PrepaidSet.Write(Date(day));
            lot["ends"] = PrepaidSet.Write(Date(end));
        }

        return new JsonObject { ["at"] = At(day), ["lot"] = lot };
    }

    private void Use(JsonArray movements, string kind, int sold, int end, long budget, double usual)
    {
        // One of eight is bought and forgotten.
        if (_random.Next(8) == 0) return;
        var pause = kind == "timed" ? 30 : 5 + _random.Next(60);
        for (var day = sold + 1 + _random.Next(pause); budget > 0 && day < end; day += 1 + _random.Next(2 * pause))
        {
            // A day on which the merchant gave little, or had shut, sees fewer of them.
            if (!_days.TryGetValue(day, out var then) || _random.NextDouble() > then.RedeemedFen / (1.5 * usual)) continue;
            var price = kind == "value" ? Math.Min(budget, 60_00 + _random.Next(40) * 10_00) : 0;
            var times = kind == "counted" ? (int)Math.Min(budget, 1 + _random.Next(3)) : 1;
            budget -= kind switch { "value" => price, "counted" => times, _ => 0 };
            Uses++;
            movements.Add(new JsonObject
            {
                ["at"] = At(day),
                ["id"] = string.Create(CultureInfo.InvariantCulture, $"r{movements.Count}"),
                ["wanted"] = new JsonArray(new JsonObject
                {
                    ["kind"] = kind,
                    ["item"] = "service",
                    ["times"] = times,
                    ["listFen"] = kind == "value" ? price * 5 / 4 : 80_00 * times,
                    ["priceFen"] = kind == "value" ? price : 60_00 * times,
                }),
            });
        }
    }

    /// <summary>What was given on top on a day, at most a half.</summary>
    private double GiftShare(int day) =>
        _days.TryGetValue(day, out var d) && d.SalesFen > 0 ? Math.Min(0.5, (double)d.GiftFen / d.SalesFen) : 0;

    private DateOnly Date(int day) => last.AddDays(day - (Days - 1));

    /// <summary>Some time of the opening hours, in Beijing.</summary>
    private string At(int day) => string.Create(
        CultureInfo.InvariantCulture, $"{Date(day):yyyy-MM-dd}T{10 + _random.Next(11):D2}:{_random.Next(60):D2}:00.000+08:00");
}
