namespace Receivables.Maturity;

/// <summary>
/// What a bank's receipt is the only one of: the bank that paid, and its number there. Spellings of one number are one
/// identity, so that no receipt pays twice.
/// </summary>
public static class ReceiptId
{
    private const int NumberMax = 100;
    private const int BankMax = 40;

    /// <summary>The identity, <c>102100099996/R-1</c>: spaces left out, half width, upper case.</summary>
    /// <param name="bank">The bank's number (联行号): digits.</param>
    /// <param name="number">Its number of the receipt.</param>
    public static string Of(string bank, string number) => $"{bank}/{Canonical(number)}";

    /// <summary>Whether a bank's number is written in its one way.</summary>
    public static bool IsBank(string? bank) =>
        bank is { Length: > 0 and <= BankMax } && bank.All(char.IsAsciiDigit);

    /// <summary>Whether something is left of a number, and only visible ASCII, which can't look like another.</summary>
    public static bool IsNumber(string? number) =>
        number is { Length: > 0 and <= NumberMax } && Canonical(number) is { Length: > 0 } canonical
        && canonical.All(c => c is > ' ' and <= '~' and not '/');

    private static string Canonical(string number) =>
        string.Concat(number.Where(c => !char.IsWhiteSpace(c)).Select(HalfWidth)).ToUpperInvariant();

    // U+FF01 to U+FF5E are the wide forms of '!' to '~' (Unicode, Halfwidth and Fullwidth Forms).
    private static char HalfWidth(char c) => c is >= '\uff01' and <= '\uff5e' ? (char)(c - 0xfee0) : c;
}
