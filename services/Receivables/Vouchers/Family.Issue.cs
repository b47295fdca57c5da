using ServiceDefaults;

namespace Receivables.Vouchers;

/// <content>Issue, return and void: the whole voucher.</content>
public static partial class Family
{
    private const int RootLength = 28;
    private const long FaceFenMax = 1_000_000_000_00;
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    private static bool IsIssueFormed(VoucherCommand.Issue c) =>
        IsName(c.Debtor) && IsName(c.Holder)
        && c.Root.Length == RootLength && c.Root.StartsWith("V-", StringComparison.Ordinal)
        && c.Root.Skip(2).All(x => char.IsAsciiDigit(x) || char.IsAsciiLetterUpper(x))
        && c.Trade is { Count: >= 1 and <= PartsMax } && c.Trade.All(t => IsName(t.Kind) && IsDigest(t.Sha256))
        && c.FaceFen <= FaceFenMax
        && c.Terms is { MinPartFen: >= 1, MaxDepth: >= 0 and <= 100, MaxFragments: >= 1 and <= 100_000 };

    private static Decision<VoucherEvent> DecideIssue(
        VoucherCommand.Issue c, DateTimeOffset at, Patience patience, DateOnly? payDay)
    {
        // Only who owes it can promise it: the issuer's signature is the debtor's.
        if (c.Debtor != c.Party)
            return Refuse(Refusal.DebtorNotIssuer);
        if (c.Holder == c.Party)
            return Refuse(Refusal.ToSelf);
        if (c.DueDate <= c.IssueDate || at >= FamilyState.CutOffOf(c.DueDate)
            || c.IssueDate > DateOnly.FromDateTime(at.ToOffset(Beijing).DateTime))
        {
            return Refuse(Refusal.PastDue);
        }
        if (c.DueDate > c.IssueDate.AddYears(1))
            return Refuse(Refusal.Term);
        DateTimeOffset cutOff = FamilyState.CutOffOf(payDay ?? c.DueDate), expires = at + patience.Accept;
        return Accept(new VoucherEvent.Issued(
            c.CommandId, c.Root, c.Party, c.Debtor, c.Holder, c.FaceFen, c.IssueDate, c.DueDate, c.Trade, c.Terms,
            expires < cutOff ? expires : cutOff, payDay)
        {
            Line = c.Line,
        });
    }

    private static Decision<VoucherEvent> DecideReturn(
        FamilyState state, VoucherCommand.Return c, DateTimeOffset at, Patience patience)
    {
        if (c.Party != state.FirstHolder)
            return Refuse(Refusal.NotFirstHolder);
        return state.Fragments.All(f => f.Claim.Holder == c.Party && f.Claim.IsFree)
            ? Accept(new VoucherEvent.ReturnOffered(c.CommandId, c.Party, Until(state, at, patience.Accept)))
            : Refuse(Refusal.NotHome);
    }

    private static Decision<VoucherEvent> DecideVoid(FamilyState state, VoucherCommand.Void c)
    {
        if (c.Party != state.Issuer)
            return Refuse(Refusal.NotIssuer);
        return state.Fragments.All(f => (f.Claim.Holder == state.Issuer || f.Claim.Holder == state.Debtor)
            && f.Claim.IsFree)
            ? Accept(new VoucherEvent.Voided(c.CommandId, c.Reason))
            : Refuse(Refusal.NotHome);
    }
}
