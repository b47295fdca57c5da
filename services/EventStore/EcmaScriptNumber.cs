using System.Globalization;

namespace EventStore;

/// <summary>Number::toString of ECMA-262, which RFC 8785 §3.2.2.3 prescribes.</summary>
internal static class EcmaScriptNumber
{
    public static string Format(double value)
    {
        if (!double.IsFinite(value)) throw new JsonFormException("A number is beyond the range of a double.");
        if (value == 0) return "0";
        if (value < 0) return "-" + Format(-value);

        // .NET prints the shortest digits that read back as the same double, as ECMA-262 asks; only the layout differs.
        var parts = value.ToString("E16", CultureInfo.InvariantCulture).Split('E');
        var shortest = value.ToString("R", CultureInfo.InvariantCulture).Split('E')[0].Replace(".", "").Trim('0');
        var exponent = int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        // "E16" rounds to 17 digits and can carry into the next power of ten; the shortest form is exact.
        if (double.Parse($"{shortest[0]}.{shortest[1..]}0E{exponent}", CultureInfo.InvariantCulture) != value)
            exponent--;
        return Layout(shortest, exponent + 1);
    }

    /// <summary>The value is 0.<paramref name="digits"/> × 10^<paramref name="point"/>.</summary>
    private static string Layout(string digits, int point) => point switch
    {
        > 0 and <= 21 when digits.Length <= point => digits.PadRight(point, '0'),
        > 0 and <= 21 => $"{digits[..point]}.{digits[point..]}",
        > -6 and <= 0 => "0." + new string('0', -point) + digits,
        _ => digits[..1] + (digits.Length > 1 ? "." + digits[1..] : "") +
             (point > 0 ? $"e+{point - 1}" : $"e-{1 - point}")
    };
}
