using System.Text.Json.Nodes;
using Portal.Components.Pages.Vouchers;

namespace Portal.Components.Pages.Prepaid;

/// <summary>What the till's form sends.</summary>
public sealed class TillInput
{
    /// <summary>Most that an offline till may give out in one go, in fen (services/docs/prepaid.md).</summary>
    public const long OfflineMostFen = 500_00;

    /// <summary>The till's own name for it, so that sending it twice is one redemption.</summary>
    public string? Key { get; set; }

    /// <summary>What was scanned or typed.</summary>
    public string? Scan { get; set; }
    public string? Pin { get; set; }
    public string? Branch { get; set; }
    public string? Kind { get; set; }
    public string? Item { get; set; }
    public string? Times { get; set; }
    public string? Price { get; set; }
    public string? List { get; set; }

    /// <summary>When an offline till gave it out; empty for now.</summary>
    public string? TakenAt { get; set; }

    /// <summary>The form as the till's module sends it.</summary>
    public static TillInput Of(IFormCollection form)
    {
        string? Field(string name) => form[$"Form.{name}"].FirstOrDefault();
        return new TillInput
        {
            Key = Field(nameof(Key)),
            Scan = Field(nameof(Scan)),
            Pin = Field(nameof(Pin)),
            Branch = Field(nameof(Branch)),
            Kind = Field(nameof(Kind)),
            Item = Field(nameof(Item)),
            Times = Field(nameof(Times)),
            Price = Field(nameof(Price)),
            List = Field(nameof(List)),
            TakenAt = Field(nameof(TakenAt)),
        };
    }

    /// <summary>The redemption as the service takes it; null where something is wrong, which is then said.</summary>
    public JsonObject? ToRequest(FormProblems problems, Language words)
    {
        var scanned = ScannedText.Read(Scan);
        if (scanned.Card is null)
            problems.Add("scan", string.IsNullOrWhiteSpace(Scan) ? words["请扫付款码，或输入卡号。没有扣款。", "Scan the holder's code or type the card's number. Nothing was taken."]
                : words["这不是付款码，也不是卡号。没有扣款。", "This is neither a payment code nor a card number. Nothing was taken."]);
        if (string.IsNullOrWhiteSpace(Branch)) problems.Add("branch", words["请填写门店。没有扣款。", "Name the shop. Nothing was taken."]);
        var item = string.IsNullOrWhiteSpace(Item) ? "sale" : Item.Trim();
        if (item.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            problems.Add("item", words["项目代码只能用字母、数字和连字符。没有扣款。", "An item has letters, digits and hyphens only. Nothing was taken."]);
        var price = Amount(Price, "price", problems, words, needed: Kind is null or "value");
        var list = Amount(List, "list", problems, words, needed: false);
        var times = 1;
        if (Kind == "counted" && (!int.TryParse(Times, out times) || times is < 1 or > 1000))
            problems.Add("times", words["请填写次数，1到1,000。没有扣款。", "Give the number of times, 1 to 1,000. Nothing was taken."]);
        if (problems.All.Count > 0) return null;
        return new JsonObject
        {
            ["id"] = Name,
            ["branch"] = Branch!.Trim(),
            ["wanted"] = new JsonArray(new JsonObject
            {
                ["kind"] = Kind ?? "value",
                ["item"] = item,
                ["times"] = times,
                ["listFen"] = list == 0 ? price : list,
                ["priceFen"] = price,
            }),
            ["code"] = TakenAt is { Length: > 0 } ? null : scanned.Code,
        };
    }

    /// <summary>The name within receipts: the form's key without its hyphens.</summary>
    public string Name => $"r{(Key ?? "").Replace("-", "", StringComparison.Ordinal)}";

    private static long Amount(string? typed, string field, FormProblems problems, Language words, bool needed)
    {
        if (string.IsNullOrWhiteSpace(typed) && !needed) return 0;
        if (Yuan.TryRead(typed, out var fen)) return fen;
        problems.Add(field, words["请填写金额，单位元，最多两位小数。没有扣款。", "Give the amount in yuan with two decimals at most. Nothing was taken."]);
        return 0;
    }
}
