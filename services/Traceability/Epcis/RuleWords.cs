using System.Text.RegularExpressions;

namespace Traceability.Epcis;

/// <summary>
/// Chinese words for rules of documents and events, whose own details are English. What a detail is about stands at its
/// beginning: a member's name, a value, the code of a GS1 rule.
/// </summary>
internal static partial class RuleWords
{
    private static readonly Dictionary<string, string> Rules = new(StringComparer.Ordinal)
    {
        ["context-form"] = "@context须为地址或对象，其中的前缀须对应URI。",
        ["context-missing"] = "没有写明EPCIS的@context。",
        ["context-unknown"] = "不认识这个@context；不会联网读取。",
        ["context-unsupported"] = "@context里有这里不支持的写法，或者写在了不该写的地方。",
        ["document-too-large"] = "文件太大，请拆成几个。",
        ["document-type-unknown"] = "不是EPCIS文件，也不是EPCIS事件。",
        ["element-order"] = "元素顺序不对：eventTime应在action之前。",
        ["element-twice"] = "同一元素出现了两次。",
        ["event-type-unknown"] = "type须为ObjectEvent、AggregationEvent、TransactionEvent、TransformationEvent或AssociationEvent。",
        ["hex-form"] = "须为十六进制数字。",
        ["ilmd-without-add"] = "ilmd只能用于action为ADD的事件。",
        ["json-broken"] = "不是合格的JSON，请检查括号、引号和逗号。",
        ["json-duplicate-name"] = "同一对象里有两个同名成员。",
        ["json-lone-surrogate"] = "文字里有不完整的Unicode字符。",
        ["json-not-utf8"] = "编码不是UTF-8。",
        ["json-nul"] = "文字里有空字符（U+0000）。",
        ["json-too-deep"] = "嵌套层数太多。",
        ["list-empty"] = "列表至少要有一项。",
        ["member-missing"] = "缺少{0}。",
        ["member-unknown"] = "这里没有名为{0}的成员；扩展须带前缀或写成URI。",
        ["number-range"] = "数字太大。",
        ["offset-form"] = "时区偏移写成±hh:mm，最大14:00。",
        ["quantity-negative"] = "数量不能小于0。",
        ["sensor-interval"] = "时段的结束早于开始。",
        ["time-form"] = "时间写成yyyy-mm-ddThh:mm:ss，带时区偏移，并且确实存在。",
        ["too-many-events"] = "事件太多，请拆成几个文件。",
        ["transformation-one-sided"] = "加工事件要有投入和产出；只有一边时须有transformationID。",
        ["uom-form"] = "单位须为UN/ECE第20号建议书的代码，例如KGM。",
        ["uom-without-quantity"] = "有单位就要有数量。",
        ["uri-form"] = "这里须为URI。",
        ["value-twice"] = "同一个值在列表里出现了两次。",
        ["value-type"] = "值的类型不对。",
        ["value-unknown"] = "值不在标准范围内。",
        ["version-unknown"] = "标准版本不认识：XML为EPCIS 1.0至1.2或2.0，JSON为2.0。",
        ["xml-broken"] = "不是合格的XML，请检查标签是否成对。",
        ["xml-dtd"] = "不接收文档类型声明和实体。",
        ["xml-too-deep"] = "嵌套层数太多。",
    };

    private static readonly Dictionary<string, string> Gs1 = new(StringComparer.Ordinal)
    {
        ["ai-excluded"] = "有不能同时使用的应用标识符。",
        ["ai-repeated"] = "同一应用标识符出现了两次。",
        ["ai-required"] = "缺少必须一起使用的应用标识符。",
        ["epc-company-prefix"] = "厂商代码的长度不对。",
        ["epc-serial"] = "序列号不对。",
        ["incorrect-check-digit"] = "校验位不对，请核对是否抄错。",
        ["invalid-cset82-character"] = "有编码中不能用的字符。",
        ["unknown-ai"] = "有不认识的应用标识符。",
        ["unknown-epc-scheme"] = "不认识这种EPC。",
        ["value-missing"] = "缺少值。",
        ["value-too-long"] = "值太长。",
        ["value-too-short"] = "值太短。",
    };

    /// <summary>What is wrong, in Chinese; the English detail where a rule has no words here.</summary>
    public static string Chinese(string rule, string? detail)
    {
        string about = (detail ?? "").Split(' ', 2)[0];
        return rule == "gs1-id" && RightDigit().Match(detail ?? "") is { Success: true } digit
            ? $"GS1编码不合格：校验位应为{digit.Groups[1]}，写的是{digit.Groups[2]}，请核对是否抄错。"
            : rule == "gs1-id" ? "GS1编码不合格：" + (Gs1.GetValueOrDefault(about.TrimEnd(':')) ?? "请核对每一位。")
            : Rules.TryGetValue(rule, out string? words)
                ? words.Replace("{0}", about, StringComparison.Ordinal)
                : detail ?? "";
    }

    [GeneratedRegex("should be ([0-9]), not ([0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex RightDigit();
}
