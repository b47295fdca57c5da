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
        var parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        var exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var whole = parts[0].Split('.')[0];
        var digits = parts[0].Replace(".", "", StringComparison.Ordinal);
        var significant = digits.TrimStart('0');
        return Layout(significant.TrimEnd('0'), whole.Length + exponent - (digits.Length - significant.Length));
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
