using System.Globalization;
using PrepaidSimulation;

namespace Cli.Demos.Prepaid;

/// <summary>A merchant of the demo: a simulated life with a name, a place and an industry.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Life">What becomes of it, and how much it sold and gave on each day.</param>
/// <param name="Cards">How many cards it sold in the two years.</param>
public sealed record Shop(int Number, MerchantHistory Life, int Cards)
{
    private static readonly (string Code, string Chinese)[] Places = [("110000", "北京"), ("310000", "上海"), ("330000", "杭州")];

    private static readonly (string Industry, string Chinese)[] Industries =
    [
        ("resident-services", "美发"), ("fitness", "健身"), ("lodging-catering", "餐饮"), ("tutoring", "培训"),
        ("resident-services", "美容"), ("retail", "超市"), ("entertainment", "游泳馆"), ("resident-services", "洗衣"),
    ];

    private static readonly string[] Classes = ["other", "scale", "scale", "brand", "other", "group", "scale", "brand"];

    private static readonly string[] First = ["和", "悦", "丰", "宁", "安", "康", "晨", "嘉", "瑞", "恒"];

    private static readonly string[] Second = ["美", "雅", "源", "兴", "成", "达", "顺", "隆", "泽", "华"];

    /// <summary>Merchants, cards and seeds: not those that the detector was tuned or measured on.</summary>
    public const int Count = 300;

    private const int Seed = 121;
    private const int FewestCards = 20;

    public string Id => string.Create(CultureInfo.InvariantCulture, $"shop-{Number:D3}");

    public string Place => Places[Number % Places.Length].Code;

    public string Industry => Industries[Number / Places.Length % Industries.Length].Industry;

    public string Class => Classes[Number * 7 / 3 % Classes.Length];

    /// <summary>The bank that keeps its custody, one for each place.</summary>
    public string Bank => $"card-bank-{Number % Places.Length + 1}";

    public string Name => $"{Places[Number % Places.Length].Chinese}{First[Number / 10 % 10]}{Second[Number % 10]}"
        + $"{Industries[Number / Places.Length % Industries.Length].Chinese}店（示范{Number:D3}）";

    /// <summary>Whether it lives from its customers' money: its bank sees money leave that nobody ordered.</summary>
    public bool IsDishonest => Life.Fate is Fate.SlowDrain or Fate.PromotionThenFlight;

    /// <summary>The street: as many cards as were asked for, divided by what each merchant sold.</summary>
    public static IReadOnlyList<Shop> Street(int cards)
    {
        MerchantHistory[] lives = [.. PrepaidSimulation.Street.Of(Seed).Concat(PrepaidSimulation.Street.Of(Seed + 1)).Take(Count)];
        double all = lives.Sum(l => l.Days.Sum(d => (double)d.SalesFen));
        var shops = lives.Select((life, i) => new Shop(
            i + 1, life, Math.Max(FewestCards, (int)(cards * (life.Days.Sum(d => (double)d.SalesFen) / all))))).ToArray();
        // What rounding left goes to the largest.
        var largest = Array.IndexOf(shops, shops.MaxBy(s => s.Cards));
        shops[largest] = shops[largest] with { Cards = shops[largest].Cards + cards - shops.Sum(s => s.Cards) };
        return shops;
    }
}
