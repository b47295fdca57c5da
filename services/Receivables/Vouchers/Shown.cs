namespace Receivables.Vouchers;

/// <summary>What an answer concerns in one voucher.</summary>
/// <param name="Root">The voucher.</param>
/// <param name="Fen">How much of it.</param>
/// <param name="DueDate">Its day of payment.</param>
public sealed record ShownPart(string Root, long Fen, DateOnly DueDate);

/// <summary>
/// What the page of an answer shows of what it answers, for an answer names an offer and no amount. The service fills it
/// in from the ledger, the signers sign it, and the ledger carries the answer out only while it holds.
/// </summary>
/// <param name="Fen">What moves, over all vouchers.</param>
/// <param name="Counterparty">Whom the answer binds on the other side.</param>
/// <param name="Parts">By voucher, in order.</param>
/// <param name="WithRecourse">Of a sale, and of what follows from it; null elsewhere.</param>
/// <param name="OfferSha256">SHA-256 of the page that the offer's maker signed.</param>
public sealed record Shown(
    long Fen, string Counterparty, IReadOnlyList<ShownPart> Parts, bool? WithRecourse = null,
    string? OfferSha256 = null)
{
    /// <summary>Whether only the ledger can tell what a command moves.</summary>
    public static bool IsNeeded(VoucherCommand command) => command is VoucherCommand.Accept
        or VoucherCommand.ConfirmPledge or VoucherCommand.ConfirmSale or VoucherCommand.ReleasePledge
        or VoucherCommand.ClaimRecourse or VoucherCommand.Repurchase or VoucherCommand.Return or VoucherCommand.Void
        or VoucherCommand.Unfreeze;

    /// <summary>Whether what it moves was fixed by the offer that it answers, and no longer changes.</summary>
    public static bool IsFixed(VoucherCommand command) =>
        command is VoucherCommand.Accept or VoucherCommand.ConfirmPledge or VoucherCommand.ConfirmSale;

    /// <summary>What a command answers in one family; null where the ledger will refuse it.</summary>
    public static Shown? In(FamilyState family, VoucherCommand command) => command switch
    {
        VoucherCommand.Accept c => OfOffer(family, c.Offer, c.Party),
        VoucherCommand.ConfirmPledge c => OfOffer(family, c.Pledge, c.Party),
        VoucherCommand.ConfirmSale c => OfOffer(family, c.Sale, c.Party),
        VoucherCommand.ReleasePledge c => OfFragments(
            family, c.Pledge, null, f => f.Pledge?.Id == c.Pledge && f.Pledge.Pledgee == c.Party, f => f.Holder),
        VoucherCommand.ClaimRecourse c => OfFragments(
            family, c.Sale, true, f => f.Recourse?.Sale == c.Sale && f.Holder == c.Party, f => f.Recourse!.Seller),
        VoucherCommand.Repurchase c => OfFragments(
            family, c.Sale, true, f => f.Recourse?.Sale == c.Sale && f.Recourse.Seller == c.Party, f => f.Holder),
        VoucherCommand.Unfreeze c when family.Orders.TryGetValue(c.Order, out Order? order) && order.By == c.Party =>
            OfFragments(family, c.Order, null, f => f.Freeze?.Has(c.Order) == true, _ => order.Holder),
        VoucherCommand.Return c when c.Party == family.FirstHolder => Whole(family, family.Issuer),
        VoucherCommand.Void c when c.Party == family.Issuer => Whole(family, family.FirstHolder),
        _ => null,
    };

    /// <summary>The same over several families; null where one has nothing to show.</summary>
    public static Shown? Over(IReadOnlyList<Shown?> families) =>
        families.Count == 0 || families.Any(f => f is null) ? null
        : families.Count == 1 ? families[0]
        : new Shown(
            families.Sum(f => f!.Fen), families[0]!.Counterparty, [.. families.SelectMany(f => f!.Parts)],
            families[0]!.WithRecourse, families[0]!.OfferSha256);

    /// <summary>Whether it holds in one family as that is now.</summary>
    public bool HoldsIn(FamilyState family, VoucherCommand command) => In(family, command) is { } now
        && now.Counterparty == Counterparty && now.WithRecourse == WithRecourse && now.OfferSha256 == OfferSha256
        && Parts.Count(p => p.Root == family.Root) == 1 && Parts.Contains(now.Parts[0])
        && Parts.Select(p => p.Root).SequenceEqual(command.Roots) && Parts.Sum(p => p.Fen) == Fen;

    private static Shown? OfOffer(FamilyState family, string offer, string party) =>
        family.Offers.TryGetValue(offer, out Offer? made) && made.Open.Any(p => p.To == party)
            ? One(family, made.Open.Where(p => p.To == party).Sum(p => p.Interval.Fen), made.From,
                made.Kind == OfferKind.Sale ? made.WithRecourse : null, made.PageSha256)
            : null;

    private static Shown? OfFragments(
        FamilyState family, string made, bool? withRecourse, Func<Claim, bool> moves, Func<Claim, string> other)
    {
        List<Fragment> moved = [.. family.Fragments.Where(f => moves(f.Claim))];
        return moved.Count == 0 ? null : One(family, moved.Sum(f => f.Fen), other(moved[0].Claim), withRecourse,
            family.Pages.GetValueOrDefault(made));
    }

    private static Shown Whole(FamilyState family, string other) =>
        One(family, family.FaceFen, other, null, family.Pages.GetValueOrDefault(family.Root));

    private static Shown One(FamilyState family, long fen, string other, bool? withRecourse, string? page) =>
        new(fen, other, [new ShownPart(family.Root, fen, family.DueDate)], withRecourse, page);
}
