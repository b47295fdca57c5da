using System.Globalization;
using System.Text;

namespace Contracts.SignedPages;

/// <summary>
/// Amounts as documents write them: to the fen, and in capitals by 《支付结算办法》 annex 1 (正确填写票据和结算凭证的基本规定).
/// </summary>
public static class ChineseAmount
{
    private const string Digits = "零壹贰叁肆伍陆柒捌玖";
    private const long Wan = 10_000;
    private const long Yi = 100_000_000;

    /// <summary>Two decimals and commas: <c>1,234.50</c>.</summary>
    /// <param name="fen">Amount in fen.</param>
    public static string Figures(long fen) =>
        (fen / 100m).ToString("#,##0.00", CultureInfo.InvariantCulture);

    /// <summary>Capitals: 壹仟贰佰叁拾肆元伍角. A zero is written only where digits before it would run together.</summary>
    /// <param name="fen">Amount in fen, not negative.</param>
    public static string Capitals(long fen)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fen);
        (long yuan, int jiao, int cent) = (fen / 100, (int)(fen / 10 % 10), (int)(fen % 10));
        StringBuilder text = new();
        if (yuan > 0 || jiao == 0 && cent == 0)
        {
            Integer(text, yuan);
            text.Append('元');
        }
        if (jiao > 0)
            text.Append(Digits[jiao]).Append('角');
        else if (cent > 0 && yuan > 0)
            text.Append('零');
        if (cent > 0)
            text.Append(Digits[cent]).Append('分');
        else if (jiao == 0)
            text.Append('整');
        return text.ToString();
    }

    private static void Integer(StringBuilder text, long value)
    {
        switch (value)
        {
            case >= Yi:
                Integer(text, value / Yi);
                text.Append('亿');
                Rest(text, value % Yi, Yi);
                break;
            case >= Wan:
                Integer(text, value / Wan);
                text.Append('万');
                Rest(text, value % Wan, Wan);
                break;
            default:
                Thousands(text, (int)value);
                break;
        }
    }

    private static void Rest(StringBuilder text, long rest, long unit)
    {
        if (rest == 0)
            return;
        if (rest < unit / 10)
            text.Append('零');
        Integer(text, rest);
    }

    private static void Thousands(StringBuilder text, int value)
    {
        if (value == 0)
        {
            text.Append('零');
            return;
        }
        bool gap = false, begun = false;
        foreach ((int unit, string name) in new[] { (1000, "仟"), (100, "佰"), (10, "拾"), (1, "") })
        {
            int digit = value / unit % 10;
            if (digit == 0)
            {
                gap = begun;
                continue;
            }
            if (gap)
                text.Append('零');
            text.Append(Digits[digit]).Append(name);
            (gap, begun) = (false, true);
        }
    }
}
