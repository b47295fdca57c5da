using System.Collections.Immutable;

namespace Receivables.Vouchers;

/// <summary>Where a whole family stands.</summary>
public enum Stage
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Issued; the first holder has not accepted it.</summary>
    Offered,

    /// <summary>Held and passed on.</summary>
    Active,

    /// <summary>The debtor has another platform keep it; nothing moves until that one has answered.</summary>
    Leaving,

    /// <summary>The payees are fixed; nothing is passed on any more.</summary>
    Presented,

    /// <summary>Due and not paid in full.</summary>
    Overdue,

    /// <summary>Paid in full.</summary>
    Paid,

    /// <summary>Void.</summary>
    Void,

    /// <summary>Taken back by the issuer.</summary>
    Returned,

    /// <summary>Another platform keeps it.</summary>
    Moved,
}

/// <summary>What an offer is for.</summary>
public enum OfferKind
{
    /// <summary>Acceptance of a new voucher.</summary>
    Issue,

    /// <summary>Change of holder.</summary>
    Transfer,

    /// <summary>A pledge.</summary>
    Pledge,

    /// <summary>Financing: change of holder against money.</summary>
    Sale,

    /// <summary>Taking the whole voucher back.</summary>
    Return,

    /// <summary>Repurchase after a default.</summary>
    Recourse,

    /// <summary>Confirmation of what another platform states.</summary>
    Statement,
}

/// <summary>An offer that is not wholly answered.</summary>
/// <param name="Id">The command that made it.</param>
/// <param name="Kind">What for.</param>
/// <param name="From">Who made it.</param>
/// <param name="Expires">When it lapses; null for a claim of recourse, which does not.</param>
/// <param name="Open">What nobody has answered.</param>
/// <param name="WithRecourse">Of a sale.</param>
public sealed record Offer(
    string Id, OfferKind Kind, string From, DateTimeOffset? Expires, ImmutableList<OfferedPart> Open,
    bool WithRecourse = false)
{
    /// <summary>SHA-256 of the page that its maker signed; null where nobody signed.</summary>
    public string? PageSha256 { get; init; }

    /// <summary>The application that a sale closes.</summary>
    public Guid? Financing { get; init; }

    /// <summary>Every voucher of a payment from several, in order: it is accepted in all of them; null elsewhere.</summary>
    public IReadOnlyList<string>? Roots { get; init; }
}

/// <summary>A handover to another platform under way.</summary>
/// <param name="Command">The debtor's command.</param>
/// <param name="Platform">Which platform.</param>
/// <param name="Number">The file that states it there; null before, while it can be withdrawn.</param>
public sealed record Leaving(string Command, string Platform, string? Number);

/// <summary>A freeze in force or in a queue.</summary>
public sealed record Order(string Id, string By, string Holder);

/// <summary>What decisions about a family need.</summary>
/// <param name="Stage">Where it stands.</param>
/// <param name="Root">Its name.</param>
/// <param name="Issuer">Who issued it.</param>
/// <param name="Debtor">Who owes it.</param>
/// <param name="FirstHolder">Whom it was issued to.</param>
/// <param name="FaceFen">What was promised.</param>
/// <param name="IssueDate">Day of issue.</param>
/// <param name="DueDate">Day of payment, of every fragment.</param>
/// <param name="Terms">Limits of splitting.</param>
/// <param name="Fragments">Every fen with its claim.</param>
/// <param name="Offers">Offers that are not wholly answered.</param>
/// <param name="OfferedFen">Fen of their open parts, summed as they change.</param>
/// <param name="Orders">Freezes.</param>
/// <param name="Commands">Every command that led to an event; none does twice.</param>
public sealed record FamilyState(
    Stage Stage, string Root, string Issuer, string Debtor, string FirstHolder, long FaceFen, DateOnly IssueDate,
    DateOnly DueDate, Terms Terms, Fragments Fragments, ImmutableDictionary<string, Offer> Offers, long OfferedFen,
    ImmutableDictionary<string, Order> Orders, ImmutableHashSet<string> Commands)
{
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    /// <summary>Before the first event.</summary>
    public static readonly FamilyState Initial = new(
        Stage.None, "", "", "", "", 0, default, default, new Terms(), Fragments.None,
        ImmutableDictionary<string, Offer>.Empty, 0, ImmutableDictionary<string, Order>.Empty, []);

    /// <summary>
    /// The day of payment as fixed at issue (Civil Code art. 203); null where the calendar was not known then.
    /// </summary>
    public DateOnly? PayDay { get; init; }

    /// <summary>
    /// SHA-256 of the pages that later answers show: of the issue by the root, of pledges, sales and freezes by their ids.
    /// </summary>
    public ImmutableDictionary<string, string> Pages { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>To which platform it is being handed; null where it isn't.</summary>
    public Leaving? Leaving { get; init; }

    /// <summary>18:00 in Beijing on the day before the day of payment: from then on nothing is passed on.</summary>
    public DateTimeOffset CutOff => CutOffOf(PayDay ?? DueDate);

    /// <summary>The whole root.</summary>
    public Interval Whole => new(0, FaceFen);

    /// <summary>Whether the payees were fixed: fragments are split but no longer joined.</summary>
    public bool IsPresented => Stage is Stage.Presented or Stage.Overdue or Stage.Paid;

    /// <summary>Nothing can happen to it any more.</summary>
    public bool IsClosed => Stage is Stage.Paid or Stage.Void or Stage.Returned or Stage.Moved;

    /// <summary>The cut-off of a due date.</summary>
    public static DateTimeOffset CutOffOf(DateOnly due) =>
        new DateTimeOffset(due.AddDays(-1).ToDateTime(new TimeOnly(18, 0)), Beijing).ToUniversalTime();

    /// <summary>Folds one event.</summary>
    public static FamilyState Evolve(FamilyState state, VoucherEvent e)
    {
        FamilyState next = Apply(state, e);
        string? kept = e is VoucherEvent.Issued ? next.Root
            : e is VoucherEvent.PledgeOffered or VoucherEvent.SaleOffered or VoucherEvent.Frozen ? e.Command : null;
        return next with
        {
            Commands = state.Commands.Add(e.Command),
            Pages = kept is not null && e.Approved is { } signed
                ? next.Pages.SetItem(kept, signed.PageSha256) : next.Pages,
        };
    }

    private static FamilyState Apply(FamilyState state, VoucherEvent e) => e switch
    {
        VoucherEvent.Issued x => OnIssued(x),
        VoucherEvent.Accepted x => state.Answer(x.Offer, [state.Whole], c => c) with { Stage = Stage.Active },
        VoucherEvent.TransferOffered x =>
            state.Reserve(new Offer(x.Command, OfferKind.Transfer, x.From, x.Expires, [.. x.Parts])
            {
                PageSha256 = x.Approved?.PageSha256,
                Roots = x.Roots,
            }),
        VoucherEvent.Transferred x => state.Answer(x.Offer, x.Intervals, c =>
            c with { Holder = x.To, Via = x.Offer, Depth = c.Depth + 1, Recourse = null }),
        VoucherEvent.OfferRejected x => state.Answer(x.Offer, x.Intervals, c => c),
        VoucherEvent.OfferWithdrawn x => state.Answer(x.Offer, x.Intervals, c => c),
        VoucherEvent.OfferLapsed x => state.Answer(x.Offer, x.Intervals, c => c),
        VoucherEvent.PledgeOffered x => state.Reserve(new Offer(
            x.Command, OfferKind.Pledge, x.Holder, x.Expires, Parts(x.Intervals, x.Pledgee))
        {
            PageSha256 = x.Approved?.PageSha256,
        }),
        VoucherEvent.Pledged x => state.Answer(x.Pledge, x.Intervals, c =>
            c with { Pledge = new Pledge(x.Pledge, x.Pledgee) }),
        VoucherEvent.PledgeReleased x => state.Change(x.Intervals, c => c with { Pledge = null }),
        VoucherEvent.SaleOffered x => state.Reserve(new Offer(
            x.Command, OfferKind.Sale, x.Seller, x.Expires, Parts(x.Intervals, x.Buyer), x.WithRecourse)
        {
            Financing = x.Financing,
            PageSha256 = x.Approved?.PageSha256,
        }),
        VoucherEvent.Sold x => state.Answer(x.Sale, x.Intervals, c => c with
        {
            Holder = x.Buyer,
            Via = x.Sale,
            Depth = c.Depth + 1,
            Recourse = x.WithRecourse ? new Recourse(x.Sale, x.Seller, c.Recourse) : null,
        }),
        VoucherEvent.RecourseClaimed x => state.Reserve(new Offer(
            x.Command, OfferKind.Recourse, x.Holder, null, Parts(x.Intervals, x.Seller))
        {
            PageSha256 = x.Approved?.PageSha256,
        }),
        VoucherEvent.Repurchased x => OnRepurchased(state, x),
        VoucherEvent.TakenOver x => OnTakenOver(state, x),
        VoucherEvent.StatementConfirmed x => state.Answer(x.Offer, x.Intervals, c => c with { Disputed = false }),
        VoucherEvent.StatementDisputed x => state.Change(x.Intervals, c => c with { Disputed = true }),
        _ => ApplyRest(state, e),
    };

    private static FamilyState ApplyRest(FamilyState state, VoucherEvent e) => e switch
    {
        VoucherEvent.HandoverAgreed x => state with
        {
            Stage = Stage.Leaving,
            Leaving = new Leaving(x.Command, x.Platform, null),
        },
        VoucherEvent.HandoverFiled x => state with { Leaving = state.Leaving! with { Number = x.Number } },
        VoucherEvent.HandoverEnded => state with { Stage = Stage.Active, Leaving = null },
        VoucherEvent.Moved => state with { Stage = Stage.Moved, Leaving = null },
        VoucherEvent.Frozen x => state.Change(x.Intervals, c =>
                c with { Freeze = FreezeOrder.Append(c.Freeze, x.Command, x.Account) }) with
        {
            Orders = state.Orders.Add(x.Command, new Order(x.Command, x.By, x.Holder)),
        },
        VoucherEvent.Unfrozen x => state.Change(x.Intervals, c =>
                c with { Freeze = FreezeOrder.Remove(c.Freeze, x.Order) }) with
        {
            Orders = state.Orders.Remove(x.Order),
        },
        VoucherEvent.ReturnOffered x => state.Reserve(new Offer(
            x.Command, OfferKind.Return, x.From, x.Expires, [new OfferedPart(0, state.FaceFen, state.Issuer)])
        {
            PageSha256 = x.Approved?.PageSha256,
        }),
        VoucherEvent.Returned x => state.Answer(x.Offer, [state.Whole], c => c) with { Stage = Stage.Returned },
        VoucherEvent.Voided => state with { Stage = Stage.Void },
        VoucherEvent.Merged x => OnMerged(state, x),
        VoucherEvent.SnapshotTaken => state with { Stage = Stage.Presented },
        VoucherEvent.PaymentRecorded x => OnPaid(state, x),
        VoucherEvent.FellOverdue => state with { Stage = Stage.Overdue },
        VoucherEvent.SplittingAlarmed => state,
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not an event of a voucher."),
    };

    private static FamilyState OnIssued(VoucherEvent.Issued x)
    {
        FamilyState issued = Initial with
        {
            Stage = Stage.Offered,
            Root = x.Root,
            Issuer = x.Issuer,
            Debtor = x.Debtor,
            FirstHolder = x.Holder,
            FaceFen = x.FaceFen,
            IssueDate = x.IssueDate,
            DueDate = x.DueDate,
            PayDay = x.PayDay,
            Terms = x.Terms,
            Fragments = Fragments.Of(x.FaceFen, new Claim(x.Holder, x.Command, 0)),
        };
        return issued.Reserve(new Offer(
            x.Command, OfferKind.Issue, x.Issuer, x.Expires, [new OfferedPart(0, x.FaceFen, x.Holder)])
        {
            PageSha256 = x.Approved?.PageSha256,
        });
    }

    private static FamilyState OnTakenOver(FamilyState state, VoucherEvent.TakenOver x)
    {
        FamilyState open = state.Answer(x.Command, [state.Whole], c => c) with { Stage = Stage.Active };
        open = open with
        {
            Fragments = x.Stated.Aggregate(open.Fragments, (all, part) =>
                all.Change(part.Interval, _ => new Claim(part.To, x.Command, part.Depth))),
        };
        return open.Reserve(new Offer(x.Command, OfferKind.Statement, state.Debtor, null,
            [.. x.Stated.Select(p => new OfferedPart(p.Interval.Start, p.Interval.End, p.To))]));
    }

    private static FamilyState OnRepurchased(FamilyState state, VoucherEvent.Repurchased x)
    {
        Reservation claim = state.Fragments[state.Fragments.IndexOf(x.Intervals[0].Start)].Claim.Reserved!;
        return state.Answer(claim.Offer, x.Intervals, c =>
            c with { Holder = x.Seller, Via = x.Command, Recourse = c.Recourse!.Prior });
    }

    private static FamilyState OnMerged(FamilyState state, VoucherEvent.Merged x)
    {
        Interval interval = new(x.Start, x.End);
        int depth = state.Fragments.In(interval).Max(f => f.Claim.Depth);
        return state.Change([interval], c => c with { Via = x.Command, Depth = depth });
    }

    private static FamilyState OnPaid(FamilyState state, VoucherEvent.PaymentRecorded x)
    {
        Fragments fragments = x.Payments.Aggregate(state.Fragments, (all, payment) => all.Change(
            new Interval(payment.Start, payment.End), c => c with { PaidFen = c.PaidFen + payment.Fen }, join: false));
        return state with
        {
            Fragments = fragments,
            Stage = fragments.PaidFen == state.FaceFen ? Stage.Paid : state.Stage,
        };
    }

    private static ImmutableList<OfferedPart> Parts(IEnumerable<Interval> intervals, string to) =>
        [.. intervals.Select(i => new OfferedPart(i.Start, i.End, to))];

    private FamilyState Change(IEnumerable<Interval> intervals, Func<Claim, Claim> change) => this with
    {
        Fragments = intervals.Aggregate(Fragments, (all, interval) => all.Change(interval, change, !IsPresented)),
    };

    private FamilyState Reserve(Offer offer) => this with
    {
        Fragments = offer.Open.Aggregate(Fragments, (all, part) =>
            all.Change(part.Interval, c => c with { Reserved = new Reservation(offer.Id, part.To) }, !IsPresented)),
        Offers = Offers.Add(offer.Id, offer),
        OfferedFen = OfferedFen + offer.Open.Sum(p => p.End - p.Start),
    };

    /// <summary>Frees intervals of an offer, changed by what its answer means.</summary>
    private FamilyState Answer(string id, IReadOnlyList<Interval> intervals, Func<Claim, Claim> change)
    {
        Offer offer = Offers[id];
        HashSet<Interval> answered = [.. intervals];
        ImmutableList<OfferedPart> open = offer.Open.RemoveAll(p => answered.Contains(p.Interval));
        return Change(intervals, c => change(c) with { Reserved = null }) with
        {
            Offers = open.IsEmpty ? Offers.Remove(id) : Offers.SetItem(id, offer with { Open = open }),
            OfferedFen = OfferedFen - intervals.Sum(i => i.Fen),
        };
    }
}
