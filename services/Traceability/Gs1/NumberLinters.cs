using System.Globalization;

namespace Traceability.Gs1;

/// <summary>Checks of numbers, check digits and keys.</summary>
internal static class NumberLinters
{
    private const int IbanMin = 4;
    private const int IbanMax = 34;

    public static Lint CheckDigit(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        Lint digits = CharacterLinters.Digits(data, prefixes);
        if (!digits.IsNone)
            return digits;
        return data.Length > 1 && Gs1.CheckDigit.Of(data[..^1]) == data[^1]
            ? Lint.None
            : new Lint("incorrect-check-digit", Math.Max(0, data.Length - 1), Math.Min(1, data.Length));
    }

    public static Lint CheckPair(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        if (data.Length < 2)
            return Linters.Whole("too-short-for-check-pair", data);
        if (data.Length > 99)
            return Linters.Whole("too-long-for-check-pair", data);
        Lint characters = CharacterLinters.Set82(data[..^2], prefixes);
        if (!characters.IsNone)
            return characters;
        return Gs1.CheckDigit.PairOf(data[..^2]) == (data[^2], data[^1])
            ? Lint.None
            : new Lint("incorrect-check-pair", data.Length - 2, 2);
    }

    public static Lint Prefix(ReadOnlySpan<char> data, int start, CompanyPrefixes prefixes) => data.Length <= start
        ? Linters.Whole("too-short-for-key", data)
        : prefixes(data[start..]) switch
        {
            CompanyPrefixAnswer.Accepted => Lint.None,
            CompanyPrefixAnswer.Invalid => new Lint("invalid-gcp-prefix", start, data.Length - start),
            _ => new Lint("gcp-datasource-offline", start, data.Length - start),
        };

    /// <summary>ISO 13616: country, two check digits, account; modulo 97 of the rotated text is 1.</summary>
    public static Lint Iban(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        for (int i = 0; i < data.Length; i++)
        {
            if (!char.IsAsciiDigit(data[i]) && !char.IsAsciiLetterUpper(data[i]))
                return new Lint("invalid-iban-character", i, 1);
        }
        if (data.Length <= IbanMin)
            return Linters.Whole("iban-too-short", data);
        if (data.Length > IbanMax)
            return Linters.Whole("iban-too-long", data);
        if (!ListLinters.Contains("iso3166alpha2", data[..2], "").IsNone)
            return new Lint("illegal-iban-country-code", 0, 2);
        int remainder = 0;
        for (int i = 0; i < data.Length; i++)
        {
            char c = data[(i + 4) % data.Length];
            remainder = char.IsAsciiDigit(c)
                ? ((remainder * 10) + c - '0') % 97
                : ((remainder * 100) + c - 'A' + 10) % 97;
        }
        return remainder == 1 ? Lint.None : new Lint("incorrect-iban-checksum", 2, 2);
    }

    public static Lint Angle(ReadOnlySpan<char> data, long max, string length, string range)
    {
        Lint digits = CharacterLinters.Digits(data, Linters.AnyPrefix);
        if (!digits.IsNone)
            return digits;
        if (data.Length != 10)
            return Linters.Whole(length, data);
        return long.Parse(data, CultureInfo.InvariantCulture) <= max ? Lint.None : Linters.Whole(range, data);
    }

    public static Lint PieceOfTotal(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        if (data.IsEmpty || data.Length % 2 != 0)
            return Linters.Whole("invalid-length-for-piece-of-total", data);
        Lint digits = CharacterLinters.Digits(data, prefixes);
        if (!digits.IsNone)
            return digits;
        int half = data.Length / 2;
        ReadOnlySpan<char> piece = data[..half];
        ReadOnlySpan<char> total = data[half..];
        if (piece.IndexOfAnyExcept('0') < 0)
            return new Lint("zero-piece-number", 0, half);
        if (total.IndexOfAnyExcept('0') < 0)
            return new Lint("zero-total-pieces", half, half);
        return piece.SequenceCompareTo(total) <= 0 ? Lint.None : Linters.Whole("piece-number-exceeds-total", data);
    }

    public static Lint PositionInSequence(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        int slash = data.IndexOf('/');
        if (slash <= 0 || slash == data.Length - 1 || data[..slash].IndexOfAnyExceptInRange('0', '9') >= 0
            || data[(slash + 1)..].IndexOfAnyExceptInRange('0', '9') >= 0)
            return Linters.Whole("position-in-sequence-malformed", data);
        ReadOnlySpan<char> position = data[..slash];
        ReadOnlySpan<char> end = data[(slash + 1)..];
        if (position[0] == '0')
            return new Lint("illegal-zero-prefix", 0, position.Length);
        if (end[0] == '0')
            return new Lint("illegal-zero-prefix", slash + 1, end.Length);
        return position.Length < end.Length || (position.Length == end.Length && position.SequenceCompareTo(end) <= 0)
            ? Lint.None
            : Linters.Whole("position-exceeds-end", data);
    }
}
