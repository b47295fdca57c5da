using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ServiceDefaults;

namespace Prepaid.Custody;

/// <summary>What an order to a custody bank moves.</summary>
[JsonConverter(typeof(KebabEnum<OrderKind>))]
public enum OrderKind
{
    /// <summary>The merchant pays in.</summary>
    TopUp,

    /// <summary>The bank pays out to the merchant.</summary>
    Release,

    /// <summary>The bank pays a holder back, whose claim ends by it.</summary>
    Refund,
}

/// <summary>How an order stands.</summary>
[JsonConverter(typeof(KebabEnum<OrderState>))]
public enum OrderState
{
    /// <summary>The bank has not booked it.</summary>
    Open,

    /// <summary>It is booked.</summary>
    Settled,

    /// <summary>The bank refused it; nothing moved.</summary>
    Rejected,

    /// <summary>It was booked and came back.</summary>
    Returned,
}

/// <summary>An order.</summary>
public sealed record CustodyOrder(OrderKind Kind, long Fen, string Because, OrderState State);

/// <summary>An insurance or a guarantee that stands for part of the custody.</summary>
public sealed record Offset(string Kind, long Fen, DateOnly From, DateOnly To, string Document);

/// <summary>An authority's order that nothing leaves custody.</summary>
/// <param name="Power">The provision that gives the power.</param>
/// <param name="CaseNumber">The case.</param>
/// <param name="Until">Last day; null for no term.</param>
public sealed record CustodyFreeze(string Power, string CaseNumber, DateOnly? Until);

/// <summary>Facts about a merchant's custody.</summary>
public abstract record CustodyEvent
{
    private CustodyEvent()
    {
    }

    /// <summary>A bank keeps an account for the merchant and some or all of its branches.</summary>
    public sealed record AccountOpened(string Account, string Bank, IReadOnlyList<string> Branches) : CustodyEvent;

    /// <summary>A statement came in; the same twice is one.</summary>
    public sealed record StatementImported(BankStatement Statement, string Sha256) : CustodyEvent;

    /// <summary>Somebody ordered a movement.</summary>
    public sealed record Ordered(string Id, OrderKind Kind, long Fen, string Because) : CustodyEvent;

    /// <summary>The bank refused an order.</summary>
    public sealed record OrderRejected(string Id, string Reason) : CustodyEvent;

    /// <summary>The bank signed its figure of a day with a key that the service does not have.</summary>
    /// <param name="Day">The day.</param>
    /// <param name="Fen">Balance at its end.</param>
    /// <param name="Key">The bank's key, SPKI in base64.</param>
    /// <param name="Signature">Over <see cref="SignedFigure.Text"/>, IEEE P1363 in base64.</param>
    public sealed record FigureSigned(DateOnly Day, long Fen, string Key, string Signature) : CustodyEvent;

    /// <summary>An authority ordered that nothing leaves it.</summary>
    public sealed record OutflowFrozen(CustodyFreeze Order) : CustodyEvent;

    /// <summary>The authority ended that order.</summary>
    public sealed record OutflowReleased(string CaseNumber, string Power) : CustodyEvent;

    /// <summary>An insurance or guarantee was given.</summary>
    public sealed record OffsetGiven(string Id, Offset Offset) : CustodyEvent;

    /// <summary>A day was reconciled.</summary>
    /// <param name="Day">The day.</param>
    /// <param name="RequiredFen">What had to be there; null where no rule is known.</param>
    /// <param name="ResourceFen">Custody and offsets; null without a statement of the day.</param>
    /// <param name="Breaks">Differences by their stable names.</param>
    public sealed record DayReconciled(
        DateOnly Day, long? RequiredFen, long? ResourceFen, IReadOnlyList<string> Breaks) : CustodyEvent;
}

/// <summary>A merchant's custody, folded. One account, or none yet.</summary>
/// <param name="Account">The account's number.</param>
/// <param name="Bank">The bank's organisation.</param>
/// <param name="Branches">Branches that it is for; none for all.</param>
/// <param name="Statements">SHA-256 of statements by the bank's name for them.</param>
/// <param name="Last">The last statement.</param>
/// <param name="Orders">Orders by name.</param>
/// <param name="Offsets">Insurances and guarantees by name.</param>
/// <param name="ShortSince">First day of a shortfall that still lasts.</param>
/// <param name="Reconciled">The last day that was reconciled, as it came out.</param>
/// <param name="Figures">What the bank signed, by day.</param>
/// <param name="Freeze">An authority's order that nothing leaves it.</param>
public sealed record CustodyAccount(
    string? Account, string? Bank, IReadOnlyList<string> Branches, ImmutableDictionary<string, string> Statements,
    BankStatement? Last, ImmutableDictionary<string, CustodyOrder> Orders, ImmutableDictionary<string, Offset> Offsets,
    DateOnly? ShortSince, CustodyEvent.DayReconciled? Reconciled,
    ImmutableDictionary<DateOnly, CustodyEvent.FigureSigned> Figures, CustodyFreeze? Freeze = null)
{
    /// <summary>There is no account.</summary>
    public const string Missing = "custody-account-missing";

    /// <summary>The statement is of another account.</summary>
    public const string OtherAccount = "statement-other-account";

    /// <summary>Its entries don't lead from opening to closing balance.</summary>
    public const string NotAdding = "statement-not-adding";

    /// <summary>It does not begin where the last one ended.</summary>
    public const string Gap = "statement-gap";

    /// <summary>Another statement has this name, or an order has it with other terms.</summary>
    public const string Taken = "custody-name-taken";

    /// <summary>A release would leave less than is required.</summary>
    public const string BelowRequired = "release-below-required";

    /// <summary>No rule is known, so that nobody here may say what can be released.</summary>
    public const string NoRule = "release-no-rule";

    /// <summary>An authority ordered that nothing leaves it.</summary>
    public const string IsFrozen = "custody-frozen";

    /// <summary>The order in force is of another case.</summary>
    public const string OtherCase = "custody-freeze-other-case";

    /// <summary>There is less in it than that.</summary>
    public const string TooLittle = "custody-too-little";

    /// <summary>Before the first event.</summary>
    public static readonly CustodyAccount Initial = new(
        null, null, [], ImmutableDictionary<string, string>.Empty, null, ImmutableDictionary<string, CustodyOrder>.Empty,
        ImmutableDictionary<string, Offset>.Empty, null, null,
        ImmutableDictionary<DateOnly, CustodyEvent.FigureSigned>.Empty);

    /// <summary>Insurances and guarantees in force on a day.</summary>
    public long OffsetOn(DateOnly day) => Offsets.Values.Where(o => o.From <= day && day <= o.To).Sum(o => o.Fen);

    /// <summary>Folds one event.</summary>
    public static CustodyAccount Evolve(CustodyAccount a, CustodyEvent e) => e switch
    {
        CustodyEvent.AccountOpened o => a with { Account = o.Account, Bank = o.Bank, Branches = o.Branches },
        CustodyEvent.StatementImported s => s.Statement.Entries.Aggregate(a with
        {
            Statements = a.Statements.SetItem(s.Statement.Id, s.Sha256),
            Last = s.Statement,
        }, Book),
        CustodyEvent.Ordered o => a with
        {
            Orders = a.Orders.SetItem(o.Id, new CustodyOrder(o.Kind, o.Fen, o.Because, OrderState.Open)),
        },
        CustodyEvent.OrderRejected r => a.With(r.Id, OrderState.Rejected),
        CustodyEvent.OutflowFrozen f => a with { Freeze = f.Order },
        CustodyEvent.OutflowReleased => a with { Freeze = null },
        CustodyEvent.FigureSigned f => a with { Figures = a.Figures.SetItem(f.Day, f) },
        CustodyEvent.OffsetGiven o => a with { Offsets = a.Offsets.SetItem(o.Id, o.Offset) },
        CustodyEvent.DayReconciled d => a with
        {
            Reconciled = d,
            ShortSince = d.ResourceFen < d.RequiredFen ? a.ShortSince ?? d.Day
                : d.ResourceFen is null || d.RequiredFen is null ? a.ShortSince : null,
        },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of custody."),
    };

    /// <summary>Takes a statement: once, in order, and only one that adds up.</summary>
    public static Decision<CustodyEvent> Import(CustodyAccount a, BankStatement statement, string sha256)
    {
        if (a.Account is null)
            return Refuse(Missing);
        if (statement.Account != a.Account)
            return Refuse(OtherAccount);
        if (a.Statements.TryGetValue(statement.Id, out string? known))
            return known == sha256 ? Accept() : Refuse(Taken);
        if (!statement.AddsUp)
            return Refuse(NotAdding);
        return a.Last is { } last && (last.ClosingFen != statement.OpeningFen || last.Day >= statement.Day)
            ? Refuse(Gap) : Accept(new CustodyEvent.StatementImported(statement, sha256));
    }

    /// <summary>Freezes what leaves custody, or ends the order of the same case.</summary>
    public static Decision<CustodyEvent> Freezing(CustodyAccount a, bool freeze, CustodyFreeze order) => a switch
    {
        { Account: null } => Refuse(Missing),
        { Freeze: { } known } when known.CaseNumber != order.CaseNumber => Refuse(OtherCase),
        { Freeze: null } when !freeze => Accept(),
        _ when !freeze => Accept(new CustodyEvent.OutflowReleased(order.CaseNumber, order.Power)),
        _ => a.Freeze == order ? Accept() : Accept(new CustodyEvent.OutflowFrozen(order)),
    };

    /// <summary>
    /// Orders a movement. A release needs a known rule and leaves what is required; a refund ends as much of what is owed,
    /// and needs that much to be there.
    /// </summary>
    public static Decision<CustodyEvent> Order(
        CustodyAccount a, CustodyEvent.Ordered order, long? requiredFen, DateOnly day)
    {
        if (a.Account is null)
            return Refuse(Missing);
        if (a.Orders.TryGetValue(order.Id, out CustodyOrder? known))
            return (known.Kind, known.Fen) == (order.Kind, order.Fen) ? Accept() : Refuse(Taken);
        if (order.Kind == OrderKind.TopUp)
            return Accept(order);
        if (a.Freeze is { } freeze && (freeze.Until is null || day <= freeze.Until))
            return Refuse(IsFrozen);
        long open = a.Orders.Values.Where(o => o.Kind != OrderKind.TopUp && o.State == OrderState.Open).Sum(o => o.Fen);
        if (order.Kind == OrderKind.Refund)
            return (a.Last?.ClosingFen ?? 0) - open < order.Fen ? Refuse(TooLittle) : Accept(order);
        if (requiredFen is not { } required)
            return Refuse(NoRule);
        return (a.Last?.ClosingFen ?? 0) + a.OffsetOn(day) - open - order.Fen < required
            ? Refuse(BelowRequired) : Accept(order);
    }

    internal static Decision<CustodyEvent> Accept(params CustodyEvent[] events) =>
        new Decision<CustodyEvent>.Accepted(events);

    internal static Decision<CustodyEvent> Refuse(string rule) => new Decision<CustodyEvent>.Refused(rule);

    /// <summary>An entry settles its order; one the other way, after that, returns it.</summary>
    private static CustodyAccount Book(CustodyAccount a, BankEntry entry)
    {
        if (entry.Order is not { } id || !a.Orders.TryGetValue(id, out CustodyOrder? order))
            return a;
        long forth = order.Kind == OrderKind.TopUp ? order.Fen : -order.Fen;
        return entry.Fen == forth && order.State == OrderState.Open ? a.With(id, OrderState.Settled)
            : entry.Fen == -forth && order.State == OrderState.Settled ? a.With(id, OrderState.Returned) : a;
    }

    private CustodyAccount With(string id, OrderState state) => Orders.TryGetValue(id, out CustodyOrder? order)
        ? this with { Orders = Orders.SetItem(id, order with { State = state }) } : this;
}
