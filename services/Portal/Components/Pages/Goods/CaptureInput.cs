using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Portal.Components.Pages.Goods;

/// <summary>An activity as a field worker calls it.</summary>
/// <param name="Name">Its name in the service's requests.</param>
/// <param name="Chinese">In words.</param>
/// <param name="English">In words.</param>
/// <param name="Parent">Whether goods go into or out of a case.</param>
/// <param name="Party">Which side of it the other party is, <c>from</c> or <c>to</c>; null where there is none.</param>
public sealed record CaptureActivity(string Name, string Chinese, string English, bool Parent = false, string? Party = null)
{
    /// <summary>The most frequent first.</summary>
    public static readonly IReadOnlyList<CaptureActivity> All =
    [
        new("harvest", "采收", "Picked"), new("produce", "生产", "Made"), new("pack", "装箱", "Packed", Parent: true),
        new("load", "装车", "Loaded"), new("ship", "发货", "Shipped", Party: "to"),
        new("receive", "收货", "Received", Party: "from"), new("store", "入库", "Stored"),
        new("unpack", "拆箱", "Unpacked", Parent: true), new("inspect", "检验合格", "Inspected"),
        new("reject", "检验不合格", "Rejected"), new("sell", "零售", "Sold"), new("return", "退货", "Returned"),
        new("destroy", "销毁", "Destroyed"),
    ];
}

/// <summary>What the form of a field record sends; the key makes a double submit one record.</summary>
public sealed partial class CaptureInput
{
    /// <summary>Bytes that a request may have: a photo for its digest, without scripts.</summary>
    public const int BytesMax = 16 << 20;

    /// <summary>Fields that a problem can lead to.</summary>
    public static readonly string[] Fields = ["what", "items", "parent", "product", "amount", "place", "gln", "when", "party"];

    /// <summary>Units of quantities: UN/CEFACT Recommendation 20 code and words.</summary>
    public static readonly IReadOnlyList<(string Code, string Chinese, string English)> Units =
        [("", "件", "pieces"), ("KGM", "千克", "kg"), ("GRM", "克", "g"), ("TNE", "吨", "t"), ("LTR", "升", "l")];

    public string? Key { get; set; }

    public string? What { get; set; }

    public string? Items { get; set; }

    public string? Parent { get; set; }

    public string? Product { get; set; }

    public string? Lot { get; set; }

    public string? Amount { get; set; }

    public string? Unit { get; set; }

    public string? Place { get; set; }

    public string? Gln { get; set; }

    public string? When { get; set; }

    public string? Party { get; set; }

    public string? Document { get; set; }

    public string? Note { get; set; }

    public string? PhotoSha256 { get; set; }

    /// <summary>"true" where the worker checked numbers that nobody has described.</summary>
    public string? Anyway { get; set; }

    /// <summary>"true" where the worker saw that the goods are under recall and records it all the same.</summary>
    public string? Recalled { get; set; }

    /// <summary>What the service is asked with: it refuses what it would ask about, unless the worker answered.</summary>
    public string Query => Answers(Anyway == "true", Recalled == "true");

    /// <summary>The service's query with what a person answered.</summary>
    /// <param name="described">Goods that nobody has described are recorded all the same.</param>
    /// <param name="recalled">So are goods under recall that are passed on.</param>
    public static string Answers(bool described, bool recalled) => (described, recalled) switch
    {
        (true, true) => "?recalled=record",
        (true, false) => "",
        (false, true) => "?undescribed=refuse&recalled=record",
        _ => "?undescribed=refuse",
    };

    /// <summary>Whether a place of one's own is chosen and another is typed: which of them it is, is not ours to guess.</summary>
    public bool HasTwoPlaces => Some(Place) is { } place && Some(Gln) is { } typed && place != typed;

    /// <summary>The codes, each once, in the order in which they were scanned.</summary>
    public IReadOnlyList<string> Codes =>
        [.. (Items ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];

    /// <summary>The record as the service's simple interface takes it.</summary>
    public JsonObject ToEvent(DateTimeOffset now)
    {
        var activity = CaptureActivity.All.FirstOrDefault(a => a.Name == What);
        var e = new JsonObject
        {
            ["what"] = What,
            ["when"] = Some(When) ?? now.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            ["where"] = Some(Place) ?? Some(Gln),
            ["items"] = new JsonArray([.. Codes.Select(c => JsonValue.Create(c))]),
            ["note"] = Some(Note),
        };
        if (Guid.TryParse(Key, out var id)) e["id"] = $"urn:uuid:{id}";
        if (activity?.Parent == true) e["parent"] = Some(Parent);
        if (activity?.Party is { } side && Some(Party) is { } party) e[side] = party;
        if (Some(Product) is { } product)
        {
            e["quantities"] = new JsonArray(new JsonObject
            {
                ["product"] = product,
                ["lot"] = Some(Lot),
                ["amount"] = Some(Amount),
                ["unit"] = Some(Unit),
            });
        }

        e["documents"] = new JsonArray([.. Documents().Select(d => new JsonObject { ["number"] = d })]);
        return e;
    }

    /// <summary>The field of the form that a problem of the service is about.</summary>
    public static string FieldOf(string path)
    {
        var name = path.Split('[', '.')[0];
        return path.EndsWith(".amount", StringComparison.Ordinal) ? "amount" : name switch
        {
            "quantities" => "product",
            "where" => "place",
            "from" or "to" => "party",
            _ => name,
        };
    }

    /// <summary>Which code of the list a problem is about, from 1; null for other problems.</summary>
    public static int? NumberOf(string path) => ItemIndex().Match(path) is { Success: true } found
        ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) + 1 : null;

    private IEnumerable<string> Documents()
    {
        if (Some(Document) is { } document) yield return document;
        // RFC 6920: a name that is the digest of what it names.
        if (PhotoSha256 is { Length: 64 } hex && hex.All(char.IsAsciiHexDigit))
            yield return $"ni:///sha-256;{System.Buffers.Text.Base64Url.EncodeToString(Convert.FromHexString(hex))}";
    }

    private static string? Some(string? text) => text?.Trim() is { Length: > 0 } some ? some : null;

    [GeneratedRegex(@"^items\[(\d{1,6})\]", RegexOptions.CultureInvariant)]
    private static partial Regex ItemIndex();
}
