using Receivables.Vouchers;

namespace Receivables.Signatures;

/// <summary>
/// What a command moves that names no amount itself: an answer to an offer moves what is on offer to the party, so that
/// its signers' limits and its second checker count for it as for an offer. Pure.
/// </summary>
internal static class MovedAmount
{
    /// <summary>Whether only the ledger can tell.</summary>
    public static bool IsTold(VoucherCommand command) => command is VoucherCommand.Accept
        or VoucherCommand.ConfirmPledge or VoucherCommand.ConfirmSale or VoucherCommand.ReleasePledge
        or VoucherCommand.ClaimRecourse or VoucherCommand.Repurchase or VoucherCommand.Return or VoucherCommand.Void;

    /// <summary>Whether what it moves was fixed by the offer that it answers, and no longer changes.</summary>
    public static bool IsFixed(VoucherCommand command) =>
        command is VoucherCommand.Accept or VoucherCommand.ConfirmPledge or VoucherCommand.ConfirmSale;

    /// <summary>Fen that it moves in one family; 0 where the ledger will refuse it.</summary>
    public static long Of(VoucherCommand command, FamilyState family) => command switch
    {
        VoucherCommand.Accept c => Offered(family, c.Offer, c.Party),
        VoucherCommand.ConfirmPledge c => Offered(family, c.Pledge, c.Party),
        VoucherCommand.ConfirmSale c => Offered(family, c.Sale, c.Party),
        VoucherCommand.ReleasePledge c => Sum(family, f => f.Pledge?.Id == c.Pledge && f.Pledge.Pledgee == c.Party),
        VoucherCommand.ClaimRecourse c => Sum(family, f => f.Recourse?.Sale == c.Sale && f.Holder == c.Party),
        VoucherCommand.Repurchase c => Sum(family, f => f.Recourse?.Sale == c.Sale && f.Recourse.Seller == c.Party),
        VoucherCommand.Return c when c.Party == family.FirstHolder => family.FaceFen,
        VoucherCommand.Void c when c.Party == family.Issuer => family.FaceFen,
        _ => 0,
    };

    private static long Offered(FamilyState family, string offer, string party) =>
        family.Offers.TryGetValue(offer, out Offer? made)
            ? made.Open.Where(p => p.To == party).Sum(p => p.Interval.Fen)
            : 0;

    private static long Sum(FamilyState family, Func<Claim, bool> moves) =>
        family.Fragments.Where(f => moves(f.Claim)).Sum(f => f.Fen);
}
