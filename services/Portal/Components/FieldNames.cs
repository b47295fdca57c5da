using System.Text.RegularExpressions;

namespace Portal.Components;

/// <summary>What people call the fields that services name in their problems.</summary>
public static partial class FieldNames
{
    private static readonly Dictionary<string, (string Chinese, string English)> Names = new(StringComparer.Ordinal)
    {
        ["activation"] = ("启用时间", "when codes come into use"),
        ["amount"] = ("数量", "the amount"),
        ["certificate"] = ("证书", "the certificate"),
        ["claims"] = ("声称", "the claims"),
        ["count"] = ("个数", "the number of codes"),
        ["documents"] = ("单据", "the documents"),
        ["first"] = ("首个标签", "the first label"),
        ["from"] = ("发货方", "the sender"),
        ["gtin"] = ("GTIN", "the GTIN"),
        ["gtins"] = ("适用的商品", "the products it covers"),
        ["issuer"] = ("发证机构", "the issuer"),
        ["items"] = ("货物的码", "the code of the goods"),
        ["last"] = ("末个标签", "the last label"),
        ["latitude"] = ("纬度", "the latitude"),
        ["longitude"] = ("经度", "the longitude"),
        ["lot"] = ("批号", "the lot number"),
        ["lots"] = ("批次", "the lots"),
        ["mode"] = ("种类", "the kind"),
        ["name"] = ("名称", "the name"),
        ["net"] = ("净含量", "the net content"),
        ["note"] = ("备注", "the remark"),
        ["number"] = ("编号", "the number"),
        ["origin"] = ("产地", "the origin"),
        ["parent"] = ("箱码", "the code of the case"),
        ["product"] = ("商品", "the product"),
        ["purpose"] = ("备注", "the remark"),
        ["quantities"] = ("商品和数量", "the product and amount"),
        ["ratio"] = ("每箱个数", "the number in a case"),
        ["stem"] = ("标签链接的开头", "the beginning of the printed link"),
        ["text"] = ("内容", "the text"),
        ["title"] = ("标题", "the title"),
        ["to"] = ("收货方", "the receiver"),
        ["unit"] = ("单位", "the unit"),
        ["what"] = ("做了什么", "what was done"),
        ["when"] = ("时间", "the time"),
        ["where"] = ("地点", "the place"),
    };

    /// <summary>A problem's words with the field's name in place of its path, such as <c>items[0]</c>.</summary>
    /// <param name="words">The reader's language.</param>
    /// <param name="path">Path of the field as sent.</param>
    /// <param name="detail">The service's words.</param>
    public static string In(Language words, string path, string detail)
    {
        if (Last().Match(path) is not { Success: true } last || !Names.TryGetValue(last.Groups[1].Value, out var name)) return detail;
        var said = words[name.Chinese, name.English];
        // Only the path itself, not a part of a word or of a value that was entered.
        var at = Regex.Match(detail, $"(?<![A-Za-z0-9_.\\]]){Regex.Escape(path)}(?![A-Za-z0-9_\\[]|\\.[A-Za-z])");
        if (!at.Success) return detail;
        if (at.Index == 0) said = char.ToUpperInvariant(said[0]) + said[1..];
        return detail[..at.Index] + said + detail[(at.Index + at.Length)..];
    }

    [GeneratedRegex(@"([A-Za-z]+)(?:\[\d+\])?(?:\.(?:zh|en))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Last();
}
