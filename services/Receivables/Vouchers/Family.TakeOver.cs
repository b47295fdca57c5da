using ServiceDefaults;

namespace Receivables.Vouchers;

/// <content>Vouchers that come from another platform.</content>
public static partial class Family
{
    private const int DepthMax = 100;

    private static bool IsTakeOverFormed(VoucherCommand.TakeOver c) =>
        IsIssueFormed(AsIssue(c)) && IsName(c.Platform) && IsName(c.Number) && IsDigest(c.FileSha256)
        && c.Stated is { Count: >= 1 and <= PartsMax }
        && c.Stated.All(p => IsName(p.To) && p.Depth is >= 0 and <= DepthMax);

    /// <summary>The debtor owes it as before; every stated holder is asked to confirm its part.</summary>
    private static Decision<VoucherEvent> DecideTakeOver(
        VoucherCommand.TakeOver c, DateTimeOffset at, DateOnly? payDay)
    {
        if (!IsPartition(c.FaceFen, c.Stated))
            return Refuse(Refusal.NotConserved);
        if (c.Stated.Any(p => p.To == c.Party))
            return Refuse(Refusal.ToSelf);
        if (DecideIssue(AsIssue(c), at, Patience.Usual, payDay) is not Decision<VoucherEvent>.Accepted issue)
            return DecideIssue(AsIssue(c), at, Patience.Usual, payDay);
        return Accept(
            issue.Events[0], new VoucherEvent.TakenOver(c.CommandId, c.Platform, c.Number, c.FileSha256, c.Stated));
    }

    /// <summary>Whether parts cover a face from the first fen to the last, each once.</summary>
    internal static bool IsPartition(long faceFen, IEnumerable<StatedPart> parts)
    {
        long at = 0;
        foreach (StatedPart part in parts.OrderBy(p => p.Start))
        {
            if (part.Start != at || part.Fen <= 0 || part.Fen > faceFen - at)
                return false;
            at += part.Fen;
        }
        return at == faceFen;
    }

    private static Decision<VoucherEvent> DecideDispute(FamilyState state, VoucherCommand.Reject c)
    {
        Offer offer = state.Offers[c.Offer];
        Interval[] mine = Open(offer, c.Party);
        return mine.Length == 0
            ? Refuse(Refusal.NotOffered)
            : Accept(new VoucherEvent.StatementDisputed(c.CommandId, offer.Id, c.Party, mine));
    }

    private static VoucherCommand.Issue AsIssue(VoucherCommand.TakeOver c) => new(
        c.CommandId, c.Party, c.Root, c.Party, c.Holder, c.FaceFen, c.IssueDate, c.DueDate, c.Trade, c.Terms);
}
