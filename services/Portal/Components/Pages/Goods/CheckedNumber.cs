namespace Portal.Components.Pages.Goods;

/// <summary>
/// Numbers with the check digit of GS1 General Specifications §7.9: said before anything is sent, with the digit that would
/// be right.
/// </summary>
/// <param name="Typed">What was entered.</param>
/// <param name="Digits">How many digits it has; zero where it has something else.</param>
/// <param name="Right">The check digit that the others ask for.</param>
public sealed record CheckedNumber(string Typed, int Digits, char Right)
{
    /// <summary>A GTIN of 8, 12, 13 or 14 digits in its 14 digits.</summary>
    public static bool TryGtin(string? typed, out string gtin, out CheckedNumber? fault) =>
        TryRead(typed, [8, 12, 13, 14], 14, out gtin, out fault);

    /// <summary>A GLN.</summary>
    public static bool TryGln(string? typed, out string gln, out CheckedNumber? fault) =>
        TryRead(typed, [13], 13, out gln, out fault);

    /// <summary>The code of a case or pallet.</summary>
    public static bool TrySscc(string? typed, out string sscc, out CheckedNumber? fault) =>
        TryRead(typed, [18], 18, out sscc, out fault);

    /// <summary>What is wrong, in words.</summary>
    /// <param name="words">The reader's language.</param>
    /// <param name="name"><c>GTIN</c> or <c>GLN</c>.</param>
    public string Words(Language words, string name)
    {
        var lengths = name == "GLN" ? "13" : words["8、12、13或14", "8, 12, 13 or 14"];
        if (Typed.Length == 0) return words[$"请填写{name}。没有写入任何内容。", $"Enter the {name}. Nothing was written."];
        if (Digits == 0) return words[$"{name}只能有数字，您填的是“{Typed}”。没有写入任何内容。", $"A {name} has digits only; you entered “{Typed}”. Nothing was written."];
        return Right == '\0'
            ? words[$"{name}有{lengths}位数字，您填了{Digits}位。没有写入任何内容。", $"A {name} has {lengths} digits; you entered {Digits}. Nothing was written."]
            : words[
                $"最后一位是校验位，按前面的数字应为{Right}，您填的是{Typed[^1]}：有一位抄错了，请对照条码。没有写入任何内容。",
                $"The last digit is a check digit. After the digits before it, it should be {Right}; you entered {Typed[^1]}, so one of them is wrong. Compare with the bar code. Nothing was written."];
    }

    private static bool TryRead(string? typed, int[] lengths, int full, out string number, out CheckedNumber? fault)
    {
        var text = new string([.. (typed ?? "").Where(c => !char.IsWhiteSpace(c) && c != '-')]);
        number = "";
        fault = null;
        if (text.Length == 0 || !text.All(char.IsAsciiDigit)) fault = new(text, 0, '\0');
        else if (!lengths.Contains(text.Length)) fault = new(text, text.Length, '\0');
        else if (Digit(text) is var right && right != text[^1]) fault = new(text, text.Length, right);
        else number = text.PadLeft(full, '0');
        return fault is null;
    }

    // From the right, the digits before the last weigh 3, 1, 3 …
    private static char Digit(string text)
    {
        var sum = 0;
        for (var i = text.Length - 2; i >= 0; i--) sum += (text[i] - '0') * ((text.Length - i) % 2 == 0 ? 3 : 1);
        return (char)('0' + ((10 - (sum % 10)) % 10));
    }
}
