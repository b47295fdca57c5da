using System.Text;
using System.Text.RegularExpressions;
using Receivables.Trade;

namespace Receivables.Pledges;

/// <summary>Why a number is no canonical id. Codes of problems.</summary>
public static class CanonicalIdError
{
    /// <summary>Empty, too long, or a character that is neither digit, letter nor separator.</summary>
    public const string Form = "pledge-number-form";

    /// <summary>The digits are no e-invoice: the count is wrong or they could be read in two ways.</summary>
    public const string Invoice = "pledge-invoice-number";

    /// <summary>The number is not of the form of its kind.</summary>
    public const string Thing = "pledge-thing-number";
}

/// <summary>
/// The one spelling of a thing's number from which its claim key is computed. Two spellings of one thing give one id;
/// what could be read in two ways is refused. It never leaves the platform.
/// </summary>
public sealed partial record CanonicalId
{
    private const int InputMax = 64;
    private const int DigitalDigits = 20;
    private const int NumberDigits = 8;
    private const int LongCode = 12;
    private const int ShortCode = 10;

    private CanonicalId(string text) => Text = text;

    /// <summary>For example <c>cn-einvoice/1|24312000000123456789</c>.</summary>
    public string Text { get; }

    /// <summary>The bytes that the oblivious function takes.</summary>
    public byte[] Input => Encoding.ASCII.GetBytes(Text);

    /// <summary>The kind of thing and the version of its form, for example <c>cn-einvoice/1</c>.</summary>
    public string Kind => Text[..Text.IndexOf('|')];

    /// <summary>Prefix of a kind of thing.</summary>
    internal static string KindOf(TradeKind kind) => kind switch
    {
        TradeKind.Invoice => "cn-einvoice/1",
        TradeKind.LandRight => "cn-land-right/1",
        TradeKind.Animal => "cn-animal-tag/1",
        TradeKind.WarehouseReceipt => "cn-warehouse-receipt/1",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No whole thing."),
    };

    /// <summary>The one spelling of a deposited thing's number.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="number">Its number.</param>
    /// <param name="code">An invoice's code, a warehouse receipt's keeper.</param>
    /// <param name="id">The id.</param>
    /// <returns>Null, or the code of what is wrong.</returns>
    internal static string? Of(TradeKind kind, string number, string? code, out CanonicalId? id) => kind switch
    {
        TradeKind.LandRight => LandRight(number, out id),
        TradeKind.Animal => Animal(number, out id),
        TradeKind.WarehouseReceipt => WarehouseReceipt(code ?? "", number, out id),
        _ => Invoice(code, number, out id),
    };

    /// <summary>An id that was made here before and kept.</summary>
    internal static CanonicalId Of(string text) => new(text);

    /// <summary>Never the number itself, so that it does not reach a log.</summary>
    public override string ToString() => Kind + "|…";

    /// <summary>
    /// An e-invoice: 20 digits alone (fully digital), or a code of 10 or 12 digits and a number of 8. Full-width digits,
    /// spaces, dashes and surplus leading zeros are normalised.
    /// </summary>
    /// <param name="code">The code; null or empty when the number stands alone or holds the code as well.</param>
    /// <param name="number">The number.</param>
    /// <param name="id">The id.</param>
    /// <returns>Null, or the code of what is wrong.</returns>
    public static string? Invoice(string? code, string number, out CanonicalId? id)
    {
        id = null;
        if (Compact(number, lettersToo: false) is not { Length: > 0 } digits
            || Compact(code ?? "", lettersToo: false) is not { } codeDigits)
            return CanonicalIdError.Form;
        if ((codeDigits.Length == 0 ? Alone(digits) : Coded(codeDigits, digits)) is not { } canonical)
            return CanonicalIdError.Invoice;
        id = new CanonicalId("cn-einvoice/1|" + canonical);
        return null;
    }

    /// <summary>A right to land or a building: the 28 characters of its real estate unit (GB/T 37346-2019).</summary>
    public static string? LandRight(string number, out CanonicalId? id) =>
        Thing("cn-land-right/1|", LandUnit(), number, out id);

    /// <summary>A farm animal's ear tag: species, county and 8 digits (农业部令2006年第67号, article 5).</summary>
    public static string? Animal(string number, out CanonicalId? id) =>
        Thing("cn-animal-tag/1|", EarTag(), number, out id);

    /// <summary>A warehouse receipt: the keeper's unified social credit code and the receipt's number with it.</summary>
    public static string? WarehouseReceipt(string keeper, string number, out CanonicalId? id)
    {
        id = null;
        if (Compact(keeper, lettersToo: true) is not { } code || Compact(number, lettersToo: true) is not { } compact)
            return CanonicalIdError.Form;
        compact = compact.TrimStart('0');
        if (!IsSocialCreditCode(code) || compact.Length == 0)
            return CanonicalIdError.Thing;
        id = new CanonicalId($"cn-warehouse-receipt/1|{code}|{compact}");
        return null;
    }

    /// <summary>
    /// The number alone. Fully digital numbers begin with the year (21 …), codes of 12 digits with one zero and a region,
    /// codes of 10 with a region (1 … 6), so the digits without leading zeros tell which it is.
    /// </summary>
    private static string? Alone(string digits)
    {
        string bare = digits.TrimStart('0');
        return bare.Length switch
        {
            DigitalDigits when string.CompareOrdinal(bare, "21") >= 0 => bare,
            // Without its zero it might as well be 10 + 8 digits with one too many.
            DigitalDigits - 1 when bare.Length < digits.Length && IsRegion(bare[0]) => "0" + bare,
            ShortCode + NumberDigits when IsRegion(bare[0]) => bare,
            _ => null,
        };
    }

    /// <summary>Code and number in fields of their own: zeros in front of either are lost or added without a doubt.</summary>
    private static string? Coded(string code, string number)
    {
        string bareCode = code.TrimStart('0');
        string bareNumber = number.TrimStart('0');
        if (bareNumber.Length is 0 or > NumberDigits)
            return null;
        string padded = bareNumber.PadLeft(NumberDigits, '0');
        return bareCode.Length switch
        {
            LongCode - 1 when IsRegion(bareCode[0]) => "0" + bareCode + padded,
            ShortCode when IsRegion(bareCode[0]) => bareCode + padded,
            _ => null,
        };
    }

    private static string? Thing(string prefix, Regex form, string number, out CanonicalId? id)
    {
        id = null;
        if (Compact(number, lettersToo: true) is not { } compact)
            return CanonicalIdError.Form;
        if (!form.IsMatch(compact))
            return CanonicalIdError.Thing;
        id = new CanonicalId(prefix + compact);
        return null;
    }

    /// <summary>
    /// Upper-case ASCII digits and letters without separators; null for anything else. Digits of other scripts, invisible
    /// characters and lookalikes are refused rather than guessed.
    /// </summary>
    private static string? Compact(string text, bool lettersToo)
    {
        if (text.Length > InputMax)
            return null;
        StringBuilder compact = new(text.Length);
        foreach (char given in text)
        {
            char c = given is >= '！' and <= '～' ? (char)(given - '！' + '!') : given;
            if (char.IsAsciiDigit(c) || (lettersToo && char.IsAsciiLetter(c)))
                compact.Append(char.ToUpperInvariant(c));
            else if (!IsSeparator(c))
                return null;
        }
        return compact.ToString();
    }

    // Space, tab, no-break space, figure and narrow spaces, ideographic space; hyphens, dashes and the minus sign.
    private static bool IsSeparator(char c) =>
        c is ' ' or '\t' or '\u00a0' or (>= '\u2000' and <= '\u200a') or '\u202f' or '\u3000'
            or '-' or (>= '\u2010' and <= '\u2015') or '\u2212';

    // First digit of a province in GB/T 2260.
    private static bool IsRegion(char c) => c is >= '1' and <= '6';

    /// <summary>GB 32100-2015: 17 characters and one check character, weights 3^i mod 31.</summary>
    private static bool IsSocialCreditCode(string code)
    {
        const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        if (code.Length != 18)
            return false;
        int sum = 0;
        int weight = 1;
        foreach (char c in code[..17])
        {
            int value = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (value < 0)
                return false;
            sum += value * weight;
            weight = weight * 3 % 31;
        }
        return Alphabet[(31 - (sum % 31)) % 31] == code[17];
    }

    [GeneratedRegex(@"^[1-6]\d{11}[A-Z]{2}\d{5}[A-Z]\d{8}\z", RegexOptions.CultureInvariant)]
    private static partial Regex LandUnit();

    [GeneratedRegex(@"^[1-3][1-6]\d{13}\z", RegexOptions.CultureInvariant)]
    private static partial Regex EarTag();
}
