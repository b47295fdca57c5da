using System.Buffers;

namespace Traceability.Gs1;

/// <summary>Checks of single characters.</summary>
internal static class CharacterLinters
{
    private static readonly SearchValues<char> Cset82 = SearchValues.Create(Gs1.CheckDigit.Set82);
    private static readonly SearchValues<char> Cset39 = SearchValues.Create("#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private static readonly SearchValues<char> Cset64 = SearchValues.Create(
        "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    public static Lint Digits(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        int bad = data.IndexOfAnyExceptInRange('0', '9');
        return bad < 0 ? Lint.None : new Lint("non-digit-character", bad, 1);
    }

    public static Lint Set82(ReadOnlySpan<char> data, CompanyPrefixes prefixes) =>
        First(data.IndexOfAnyExcept(Cset82), "invalid-cset82-character");

    public static Lint Set39(ReadOnlySpan<char> data, CompanyPrefixes prefixes) =>
        First(data.IndexOfAnyExcept(Cset39), "invalid-cset39-character");

    public static Lint Set64(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        ReadOnlySpan<char> text = data.TrimEnd('=');
        int bad = text.IndexOfAnyExcept(Cset64);
        if (bad >= 0)
            return new Lint("invalid-cset64-character", bad, 1);
        int padding = data.Length - text.Length;
        return padding == 0 || (padding <= 2 && data.Length % 3 == 0 && text.Length > 0)
            ? Lint.None
            : new Lint("invalid-cset64-padding", text.Length, padding);
    }

    public static Lint HasNonDigit(ReadOnlySpan<char> data, CompanyPrefixes prefixes) =>
        data.IndexOfAnyExceptInRange('0', '9') >= 0
            ? Lint.None
            : Linters.Whole("requires-non-digit-character", data);

    public static Lint Hyphen(ReadOnlySpan<char> data, CompanyPrefixes prefixes) =>
        First(data.IndexOfAnyExcept('-'), "not-hyphen");

    public static Lint ImporterIndex(ReadOnlySpan<char> data, CompanyPrefixes prefixes) => data.Length != 1
        ? Linters.Whole("importer-idx-must-be-one-character", data)
        : First(data.IndexOfAnyExcept(Cset64), "invalid-import-idx-character");

    public static Lint OneOf(ReadOnlySpan<char> data, string allowed, string code) =>
        data.Length == 1 && allowed.Contains(data[0], StringComparison.Ordinal) ? Lint.None : Linters.Whole(code, data);

    public static Lint NonZero(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        Lint digits = Digits(data, prefixes);
        return !digits.IsNone ? digits
            : data.IndexOfAnyExcept('0') >= 0 ? Lint.None
            : Linters.Whole("illegal-zero-value", data);
    }

    public static Lint NoZeroPrefix(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        Lint digits = Digits(data, prefixes);
        return !digits.IsNone || data.IsEmpty || data[0] != '0' ? digits : new Lint("illegal-zero-prefix", 0, 1);
    }

    public static Lint Zero(ReadOnlySpan<char> data, CompanyPrefixes prefixes) =>
        data.IndexOfAnyExcept('0') < 0 ? Lint.None : Linters.Whole("not-zero", data);

    public static Lint PercentEncoding(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        for (int i = 0; i < data.Length; i++)
        {
            if (data[i] != '%')
                continue;
            int length = Math.Min(3, data.Length - i);
            if (length < 3 || !char.IsAsciiHexDigit(data[i + 1]) || !char.IsAsciiHexDigit(data[i + 2]))
                return new Lint("invalid-percent-sequence", i, length);
            i += 2;
        }
        return Lint.None;
    }

    private static Lint First(int bad, string code) => bad < 0 ? Lint.None : new Lint(code, bad, 1);
}
