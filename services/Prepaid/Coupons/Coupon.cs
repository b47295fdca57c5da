using ServiceDefaults;

namespace Prepaid.Coupons;

/// <summary>Facts about one coupon.</summary>
public abstract record CouponEvent
{
    private CouponEvent()
    {
    }

    /// <summary>It took its face off a purchase.</summary>
    /// <param name="Merchant">Where.</param>
    /// <param name="Purchase">The merchant's name of the purchase.</param>
    /// <param name="PurchaseFen">Its price before the coupon, fen.</param>
    /// <param name="FaceFen">What the authority owes the merchant for it, fen.</param>
    /// <param name="Day">When.</param>
    public sealed record Used(string Merchant, string Purchase, long PurchaseFen, long FaceFen, DateOnly Day)
        : CouponEvent;

    /// <summary>The purchase was taken back; the coupon is good again within its term.</summary>
    public sealed record Returned(string Merchant, string Purchase) : CouponEvent;

    /// <summary>The authority paid the merchant for it; it can't come back any more.</summary>
    public sealed record Settled(string Merchant, string Settlement) : CouponEvent;
}

/// <summary>What somebody wants of a coupon.</summary>
public abstract record CouponCommand
{
    private CouponCommand()
    {
    }

    /// <summary>Uses it.</summary>
    public sealed record Use(
        CampaignTerms Terms, string Merchant, string Industry, string Purchase, long PurchaseFen, DateOnly Today)
        : CouponCommand;

    /// <summary>Takes the purchase back.</summary>
    public sealed record Return(string Merchant, string Purchase) : CouponCommand;

    /// <summary>Pays for it.</summary>
    public sealed record Settle(string Settlement) : CouponCommand;
}

/// <summary>One coupon that was given, folded.</summary>
/// <param name="Use">Where it is used; null while it is free.</param>
/// <param name="Settlement">By which settlement it was paid for; null before.</param>
public sealed record Coupon(CouponEvent.Used? Use, string? Settlement)
{
    public const string Taken = "coupon-used";
    public const string OutOfTerm = "coupon-out-of-term";
    public const string TooSmall = "coupon-purchase-too-small";
    public const string ElsewhereOnly = "coupon-industry";
    public const string NotUsedHere = "coupon-not-used-here";
    public const string IsSettled = "coupon-settled";

    /// <summary>Before the first event.</summary>
    public static readonly Coupon Initial = new(null, null);

    /// <summary>Folds one event.</summary>
    public static Coupon Evolve(Coupon coupon, CouponEvent e) => e switch
    {
        CouponEvent.Used u => coupon with { Use = u },
        CouponEvent.Returned => coupon with { Use = null },
        CouponEvent.Settled s => coupon with { Settlement = s.Settlement },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a coupon."),
    };

    /// <summary>What a command comes to.</summary>
    public static Decision<CouponEvent> Decide(Coupon coupon, CouponCommand command) => (coupon, command) switch
    {
        // The same purchase again is the same use.
        ({ Use: { } use }, CouponCommand.Use u) =>
            (use.Merchant, use.Purchase, use.PurchaseFen) == (u.Merchant, u.Purchase, u.PurchaseFen)
                ? Nothing : Refuse(Taken),
        (_, CouponCommand.Use u) when !u.Terms.InTerm(u.Today) => Refuse(OutOfTerm),
        (_, CouponCommand.Use u) when !u.Terms.Covers(u.Industry) => Refuse(ElsewhereOnly),
        (_, CouponCommand.Use u) when u.PurchaseFen < u.Terms.LeastFen => Refuse(TooSmall),
        (_, CouponCommand.Use u) =>
            Accept(new CouponEvent.Used(u.Merchant, u.Purchase, u.PurchaseFen, u.Terms.FaceFen, u.Today)),
        ({ Settlement: not null }, CouponCommand.Return) => Refuse(IsSettled),
        (_, CouponCommand.Return r) when coupon.Use?.Merchant == r.Merchant && coupon.Use.Purchase == r.Purchase =>
            Accept(new CouponEvent.Returned(r.Merchant, r.Purchase)),
        (_, CouponCommand.Return) => Refuse(NotUsedHere),
        ({ Use: null }, CouponCommand.Settle) => Refuse(NotUsedHere),
        (_, CouponCommand.Settle s) => coupon.Settlement is null
            ? Accept(new CouponEvent.Settled(coupon.Use!.Merchant, s.Settlement))
            : coupon.Settlement == s.Settlement ? Nothing : Refuse(IsSettled),
        _ => throw new InvalidOperationException($"{command.GetType().Name} is no command of a coupon."),
    };

    private static Decision<CouponEvent> Nothing => new Decision<CouponEvent>.Accepted([]);

    private static Decision<CouponEvent> Accept(CouponEvent e) => new Decision<CouponEvent>.Accepted([e]);

    private static Decision<CouponEvent> Refuse(string rule) => new Decision<CouponEvent>.Refused(rule);
}
