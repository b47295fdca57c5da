namespace Portal.Components.Pages.Goods;

/// <summary>What is wrong with a code that somebody looks up: said before anything is asked.</summary>
public static class CodeFault
{
    /// <summary>What is wrong, in words; null where it may be a code.</summary>
    /// <param name="words">The reader's language.</param>
    /// <param name="id">The code as <see cref="GoodsId.OfTyped"/> reads it.</param>
    public static string? Of(Language words, string id)
    {
        var elements = GoodsId.Elements(id);
        if (elements.Count == 0 && id.All(char.IsAsciiDigit)) elements = [(id.Length == 18 ? "00" : "01", id)];
        if (elements.Count == 0)
        {
            return Uri.TryCreate(id, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https" or "urn" or "ni")
                ? null
                : words[$"“{Short(id)}”不是编码。请填扫出的链接、(01)…(10)…、(01)…(21)…或箱码(00)…。", $"“{Short(id)}” is no code. Enter a scanned link, (01)…(10)…, (01)…(21)… or a case (00)…."];
        }

        var (ai, value) = elements[0];
        CheckedNumber? fault = null;
        _ = ai switch
        {
            "01" => CheckedNumber.TryGtin(value, out _, out fault),
            "00" => CheckedNumber.TrySscc(value, out _, out fault),
            "414" or "417" => CheckedNumber.TryGln(value, out _, out fault),
            _ => true,
        };
        return fault switch
        {
            null => null,
            { Right: not '\0' } => words[
                $"({ai})的最后一位是校验位，按前面的数字应为{fault.Right}，您填的是{value[^1]}：有一位抄错了，请对照标签。",
                $"The last digit of ({ai}) is a check digit. After the digits before it, it should be {fault.Right}; you entered {value[^1]}, so one of them is wrong. Compare with the label."],
            { Digits: 0 } => words[$"({ai})后面只能是数字，您填的是“{Short(value)}”。", $"({ai}) is followed by digits only; you entered “{Short(value)}”."],
            _ => words[$"({ai})的位数不对，您填了{fault.Digits}位。", $"({ai}) has another number of digits; you entered {fault.Digits}."],
        };
    }

    /// <summary>What to check where nothing is recorded of a code that is well written; null where there is nothing to say.</summary>
    public static string? Unknown(Language words, string id) =>
        GoodsId.Elements(id).FirstOrDefault(e => e.Ai is "10" or "21") is { Ai: { } ai, Value: var value }
            ? ai == "10"
                ? words[$"编码写法没有错，但没有批次{value}的记录。请核对批号，大小写也要一致。", $"The code is well written, but nothing is recorded of lot {value}. Check the lot number, upper and lower case too."]
                : words[$"编码写法没有错，但没有序列号{value}的记录。请核对序列号。", $"The code is well written, but nothing is recorded of serial {value}. Check the serial number."]
            : null;

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
