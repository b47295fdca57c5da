using System.Collections.Immutable;
using ServiceDefaults;

namespace Prepaid.Points;

/// <summary>Facts about an account of points. A point has no price: no event of points names money.</summary>
public abstract record PointEvent
{
    private PointEvent()
    {
    }

    /// <summary>An issuer opened an account for a holder, known by a secret alone.</summary>
    /// <param name="Issuer">The merchant whose points are in it.</param>
    /// <param name="Access">SHA-256 of the holder's secret, hexadecimal.</param>
    public sealed record Opened(string Issuer, string Access) : PointEvent;

    /// <summary>The issuer gave points.</summary>
    /// <param name="Id">The issuer's name for it: the same twice is one.</param>
    /// <param name="Points">How many.</param>
    /// <param name="Because">For what.</param>
    public sealed record Earned(string Id, long Points, string Because) : PointEvent;

    /// <summary>The holder took a thing or a service for points.</summary>
    /// <param name="Id">The till's name for it.</param>
    /// <param name="Points">How many.</param>
    /// <param name="Item">The thing, by the issuer's code.</param>
    public sealed record Spent(string Id, long Points, string Item) : PointEvent;

    /// <summary>Points went to an account of another issuer, by an agreement of both.</summary>
    /// <param name="Id">The exchange.</param>
    /// <param name="Points">How many left.</param>
    /// <param name="To">The other account.</param>
    public sealed record SentAway(string Id, long Points, Guid To) : PointEvent;

    /// <summary>Points came from an account of another issuer.</summary>
    /// <param name="Id">The exchange.</param>
    /// <param name="Points">How many came, by the agreement's ratio.</param>
    /// <param name="From">The other account.</param>
    public sealed record Received(string Id, long Points, Guid From) : PointEvent;
}

/// <summary>An account of points, folded; pure. Points are earned, spent on things and exchanged for points.</summary>
/// <param name="Issuer">Whose points; null before it was opened.</param>
/// <param name="Access">SHA-256 of the holder's secret.</param>
/// <param name="Balance">Points in it.</param>
/// <param name="Done">What was done by its name, so that the same twice is one.</param>
public sealed record PointAccount(
    string? Issuer, string Access, long Balance, ImmutableDictionary<string, PointEvent> Done)
{
    /// <summary>There is none, or the secret is wrong.</summary>
    public const string Missing = "points-account-not-found";

    /// <summary>It holds fewer.</summary>
    public const string TooFew = "points-too-few";

    /// <summary>Something else was done by that name.</summary>
    public const string Taken = "points-name-taken";

    /// <summary>Money, a card's value and what is as good as money are no things to take for points.</summary>
    public const string NoMoney = "points-no-money";

    /// <summary>Far more than anybody gives, so that no sum overflows.</summary>
    internal const long Most = 1L << 40;

    /// <summary>Before the first event.</summary>
    public static readonly PointAccount Initial = new(null, "", 0, ImmutableDictionary<string, PointEvent>.Empty);

    private static readonly string[] s_money =
        ["cash", "card", "value", "top-up", "topup", "voucher", "coupon", "refund", "transfer", "e-cny"];

    /// <summary>Folds one event.</summary>
    public static PointAccount Evolve(PointAccount a, PointEvent e) => e switch
    {
        PointEvent.Opened o => a with { Issuer = o.Issuer, Access = o.Access },
        PointEvent.Earned p => a.With(p.Id, p, p.Points),
        PointEvent.Spent p => a.With(p.Id, p, -p.Points),
        PointEvent.SentAway p => a.With(p.Id, p, -p.Points),
        PointEvent.Received p => a.With(p.Id, p, p.Points),
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of points."),
    };

    /// <summary>What a movement comes to. An item's code that begins like money is refused.</summary>
    public static Decision<PointEvent> Decide(PointAccount a, PointEvent wanted)
    {
        if (a.Issuer is null)
            return Refuse(Missing);
        (string id, long points, bool takes) = wanted switch
        {
            PointEvent.Earned p => (p.Id, p.Points, false),
            PointEvent.Spent p => (p.Id, p.Points, true),
            PointEvent.SentAway p => (p.Id, p.Points, true),
            PointEvent.Received p => (p.Id, p.Points, false),
            _ => throw new InvalidOperationException($"{wanted.GetType().Name} is no movement of points."),
        };
        if (a.Done.TryGetValue(id, out PointEvent? known))
            return known == wanted ? new Decision<PointEvent>.Accepted([]) : Refuse(Taken);
        if (points is <= 0 or > Most || (!takes && a.Balance > Most - points))
            return Refuse(TooFew);
        if (wanted is PointEvent.Spent { Item: var item }
            && s_money.Any(m => item.StartsWith(m, StringComparison.OrdinalIgnoreCase)))
            return Refuse(NoMoney);
        return takes && points > a.Balance ? Refuse(TooFew) : new Decision<PointEvent>.Accepted([wanted]);
    }

    private PointAccount With(string id, PointEvent done, long change) =>
        this with { Balance = Balance + change, Done = Done.SetItem(id, done) };

    private static Decision<PointEvent> Refuse(string rule) => new Decision<PointEvent>.Refused(rule);
}

/// <summary>A ratio at which two issuers take each other's points: so many of one for so many of the other.</summary>
/// <param name="Give">Points that leave.</param>
/// <param name="Get">Points that come.</param>
/// <param name="Until">Last day.</param>
public sealed record ExchangeRatio(long Give, long Get, DateOnly Until)
{
    /// <summary>Points for points, whole multiples only, so that nothing is rounded; null for any other number.</summary>
    public long? Of(long points) => Give > 0 && Get > 0 && points > 0 && points % Give == 0
        && points / Give <= PointAccount.Most / Get ? points / Give * Get : null;
}

/// <summary>Facts about what two issuers agreed on. Positions are notes between them: no money is owed by them here.</summary>
public abstract record AgreementEvent
{
    private AgreementEvent()
    {
    }

    /// <summary>An issuer proposes, or agrees by proposing the same.</summary>
    public sealed record Proposed(string By, ExchangeRatio Ratio) : AgreementEvent;

    /// <summary>Points were exchanged: the one's left, the other issued its own for them.</summary>
    public sealed record Exchanged(string Id, long Gave, long Got) : AgreementEvent;

    /// <summary>The receiving issuer notes that so many of the other's points are settled between them.</summary>
    public sealed record Noted(string Id, long Points, string Words) : AgreementEvent;
}

/// <summary>An agreement from one issuer to another, folded; pure.</summary>
/// <param name="Giver">Whose points leave.</param>
/// <param name="Taker">Who issues its own for them.</param>
/// <param name="ByGiver">What the giver proposes.</param>
/// <param name="ByTaker">What the taker proposes.</param>
/// <param name="Position">The giver's points that the taker took and that are not settled by a note.</param>
/// <param name="Notes">Notes by name.</param>
public sealed record Agreement(
    string Giver, string Taker, ExchangeRatio? ByGiver, ExchangeRatio? ByTaker, long Position,
    ImmutableDictionary<string, long> Notes)
{
    /// <summary>Both have not agreed on a ratio, or its last day is over.</summary>
    public const string NotAgreed = "points-not-agreed";

    /// <summary>Only whole multiples of what the agreement gives.</summary>
    public const string Multiples = "points-multiples";

    /// <summary>More than the position.</summary>
    public const string OverPosition = "points-over-position";

    /// <summary>Before the first event.</summary>
    public static Agreement Between(string giver, string taker) =>
        new(giver, taker, null, null, 0, ImmutableDictionary<string, long>.Empty);

    /// <summary>The ratio that both agreed on; null where they have not.</summary>
    public ExchangeRatio? Agreed => ByGiver == ByTaker ? ByGiver : null;

    /// <summary>Folds one event.</summary>
    public static Agreement Evolve(Agreement a, AgreementEvent e) => e switch
    {
        AgreementEvent.Proposed p when p.By == a.Giver => a with { ByGiver = p.Ratio },
        AgreementEvent.Proposed p => a with { ByTaker = p.Ratio },
        AgreementEvent.Exchanged x => a with { Position = a.Position + x.Gave },
        AgreementEvent.Noted n => a with { Position = a.Position - n.Points, Notes = a.Notes.SetItem(n.Id, n.Points) },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of an agreement."),
    };

    /// <summary>An exchange by the agreed ratio.</summary>
    public static Decision<AgreementEvent> Exchange(Agreement a, string id, long points, DateOnly today)
    {
        if (a.Agreed is not { } ratio || today > ratio.Until)
            return new Decision<AgreementEvent>.Refused(NotAgreed);
        return ratio.Of(points) is { } got
            ? new Decision<AgreementEvent>.Accepted([new AgreementEvent.Exchanged(id, points, got)])
            : new Decision<AgreementEvent>.Refused(Multiples);
    }

    /// <summary>A note settles part of the position, each once.</summary>
    public static Decision<AgreementEvent> Note(Agreement a, AgreementEvent.Noted note) =>
        a.Notes.TryGetValue(note.Id, out long known)
            ? known == note.Points ? new Decision<AgreementEvent>.Accepted([])
                : new Decision<AgreementEvent>.Refused(PointAccount.Taken)
            : note.Points <= 0 || note.Points > a.Position ? new Decision<AgreementEvent>.Refused(OverPosition)
            : new Decision<AgreementEvent>.Accepted([note]);
}
