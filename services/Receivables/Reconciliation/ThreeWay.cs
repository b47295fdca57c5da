namespace Receivables.Reconciliation;

/// <summary>A receipt as the platform has it.</summary>
/// <param name="Receipt">Its identity: bank and number.</param>
/// <param name="Voucher">The voucher that it names; null where it names none.</param>
/// <param name="Fen">Its amount.</param>
/// <param name="ValueDate">The day of payment.</param>
/// <param name="PrincipalFen">Principal that it paid by the clearing.</param>
/// <param name="PostedFen">Principal that it paid by the vouchers' own events.</param>
/// <param name="Anchored">Whether a sealed block has the event that allocated it.</param>
public sealed record LedgerLine(
    string Receipt, string? Voucher, long Fen, DateOnly ValueDate, long PrincipalFen, long PostedFen, bool Anchored);

/// <summary>Something that two of the three do not say alike. It is listed; nobody corrects it but a person.</summary>
/// <param name="Kind">
/// <c>bank-only</c>, <c>ledger-only</c>, <c>amount</c>, <c>voucher</c>, <c>day</c>, <c>twice-in-file</c>,
/// <c>in-two-files</c>, <c>posted</c> (clearing and voucher differ) or <c>not-anchored</c>.
/// </param>
/// <param name="Receipt">The receipt.</param>
/// <param name="Voucher">The voucher, where one is known.</param>
/// <param name="Bank">What the bank's file says.</param>
/// <param name="Ledger">What the platform says.</param>
public sealed record Break(string Kind, string Receipt, string? Voucher, string? Bank, string? Ledger);

/// <summary>Compares vouchers, the bank's file and the chain; pure.</summary>
public static class ThreeWay
{
    /// <summary>Every break of a day, by receipt and kind; none is the signed zero difference.</summary>
    /// <param name="bank">The bank's file.</param>
    /// <param name="ledger">What the platform has.</param>
    /// <param name="others">Receipts of the day in other institutions' files; null where there are none.</param>
    /// <param name="last">Whether no other file is waited for: only then is a receipt in none of them.</param>
    public static IReadOnlyList<Break> Compare(
        IReadOnlyList<BankLine> bank, IReadOnlyList<LedgerLine> ledger, IReadOnlySet<string>? others = null,
        bool last = true)
    {
        List<Break> breaks = [];
        Dictionary<string, LedgerLine> known = ledger.ToDictionary(l => l.Receipt, StringComparer.Ordinal);
        foreach (IGrouping<string, BankLine> lines in bank.GroupBy(b => b.Receipt, StringComparer.Ordinal))
        {
            BankLine b = lines.First();
            if (lines.Count() > 1)
                breaks.Add(new Break("twice-in-file", b.Receipt, b.Voucher, $"{lines.Count()} lines", null));
            if (others?.Contains(b.Receipt) == true)
                breaks.Add(new Break("in-two-files", b.Receipt, b.Voucher, $"{b.Fen}", null));
            if (!known.Remove(b.Receipt, out LedgerLine? l))
                breaks.Add(new Break("bank-only", b.Receipt, b.Voucher, $"{b.Fen}", null));
            else
                breaks.AddRange(Between(b, l));
        }
        breaks.AddRange(known.Values.Where(l => last && others?.Contains(l.Receipt) != true).Select(l => new Break("ledger-only", l.Receipt, l.Voucher, null, $"{l.Fen}")));
        foreach (LedgerLine l in ledger)
        {
            if (l.PrincipalFen != l.PostedFen)
                breaks.Add(new Break("posted", l.Receipt, l.Voucher, null,
                    $"{l.PrincipalFen} cleared, {l.PostedFen} posted"));
            if (!l.Anchored)
                breaks.Add(new Break("not-anchored", l.Receipt, l.Voucher, null, "in no sealed block"));
        }
        return [.. breaks.OrderBy(b => b.Receipt, StringComparer.Ordinal).ThenBy(b => b.Kind, StringComparer.Ordinal)];
    }

    private static IEnumerable<Break> Between(BankLine b, LedgerLine l)
    {
        if (b.Fen != l.Fen)
            yield return new Break("amount", b.Receipt, l.Voucher, $"{b.Fen}", $"{l.Fen}");
        if (b.Voucher is not null && b.Voucher != l.Voucher)
            yield return new Break("voucher", b.Receipt, l.Voucher, b.Voucher, l.Voucher ?? "none");
        if (b.ValueDate != l.ValueDate)
            yield return new Break("day", b.Receipt, l.Voucher, $"{b.ValueDate:O}", $"{l.ValueDate:O}");
    }
}
