using System.Collections.Immutable;
using EventStore;

namespace Receivables.Pledges;

/// <summary>Where a claim stands.</summary>
public enum PledgeStage
{
    /// <summary>Never claimed here, or refused, lapsed, released or moved: somebody may claim.</summary>
    Free,

    /// <summary>Begun; whether the chain gave it is to be found out.</summary>
    Claiming,

    /// <summary>Ours.</summary>
    Claimed,

    /// <summary>Ours, and being handed to another platform.</summary>
    Moving,
}

/// <summary>An amount set aside for a voucher.</summary>
/// <param name="Fen">How much.</param>
/// <param name="At">When.</param>
/// <param name="Bound">Whether the chain knows of the voucher.</param>
/// <param name="Issued">Whether it was issued.</param>
public sealed record VoucherLock(long Fen, DateTimeOffset At, bool Bound = false, bool Issued = false);

/// <summary>This platform's claim to one thing, folded from its events.</summary>
public sealed record PledgeState
{
    /// <summary>Before the first event.</summary>
    public static readonly PledgeState Initial = new();

    /// <summary>Where it stands.</summary>
    public PledgeStage Stage { get; init; }

    /// <summary>The organisation that began it.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Its beginning, or that of what came here.</summary>
    public PledgeEvent.Claiming? Terms { get; init; }

    /// <summary>Newest epoch that it has a key of.</summary>
    public int Epoch { get; init; }

    /// <summary>Credit notes, and what vouchers of other platforms use.</summary>
    public long TakenFen { get; init; }

    /// <summary>Credit notes counted, by reference.</summary>
    public ImmutableHashSet<string> Notes { get; init; } = [];

    /// <summary>Amounts by voucher.</summary>
    public ImmutableSortedDictionary<string, VoucherLock> Locks { get; init; } =
        ImmutableSortedDictionary<string, VoucherLock>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>The transfer under way.</summary>
    public PledgeEvent.Moving? Move { get; init; }

    /// <summary>The transfer by which the rest went to another platform.</summary>
    public PledgeEvent.Moving? HandedOn { get; init; }

    /// <summary>The last refusal.</summary>
    public PledgeEvent.Refused? Refusal { get; init; }

    /// <summary>Worth of the thing less credit notes and foreign use.</summary>
    public long WorthFen => (Terms?.GrossFen ?? 0) - TakenFen;

    /// <summary>Sum of the amounts set aside or used.</summary>
    public long UsedFen => Locks.Values.Sum(l => l.Fen);

    /// <summary>What is left for vouchers.</summary>
    public long LeftFen => WorthFen - UsedFen;

    /// <summary>Folds one stored event.</summary>
    public static PledgeState Evolve(PledgeState s, StoredEvent stored) =>
        Evolve(s, stored.Data, stored.Tenant, stored.OccurredAt);

    internal static PledgeState Evolve(PledgeState s, object happened, string tenant, DateTimeOffset at) => happened switch
    {
        PledgeEvent.Claiming e => Initial with
        {
            Stage = PledgeStage.Claiming,
            Tenant = tenant,
            Terms = e,
            Epoch = e.Epoch,
        },
        PledgeEvent.Received e => Initial with
        {
            Stage = PledgeStage.Claimed,
            Tenant = tenant,
            Epoch = e.Epoch,
            TakenFen = e.TakenFen,
            Terms = new PledgeEvent.Claiming(e.Kind, e.Keys, e.Epoch, e.Supplier, "", e.GrossFen),
        },
        PledgeEvent.Claimed => s with { Stage = PledgeStage.Claimed },
        PledgeEvent.Refused e => s with { Stage = PledgeStage.Free, Refusal = e, Locks = s.Locks.Clear() },
        PledgeEvent.Locked e => s with { Locks = s.Locks.SetItem(e.Voucher, new VoucherLock(e.Fen, at)) },
        PledgeEvent.Bound e => s with { Locks = s.Locks.SetItem(e.Voucher, s.Locks[e.Voucher] with { Bound = true }) },
        PledgeEvent.Issued e => s with { Locks = s.Locks.SetItem(e.Voucher, s.Locks[e.Voucher] with { Issued = true }) },
        PledgeEvent.TakenOver e => s with
        {
            TakenFen = s.TakenFen - e.Fen,
            Locks = s.Locks.SetItem(e.Voucher, new VoucherLock(e.Fen, at, Issued: true)),
        },
        PledgeEvent.Unlocked e => s with { Locks = s.Locks.Remove(e.Voucher) },
        PledgeEvent.CreditNote e => s with { TakenFen = s.TakenFen + e.Fen, Notes = s.Notes.Add(e.Reference) },
        PledgeEvent.Linked e => s with { Epoch = e.Epoch },
        PledgeEvent.Released => s with { Stage = PledgeStage.Free },
        PledgeEvent.Moving e => s with { Stage = PledgeStage.Moving, Move = e },
        PledgeEvent.MoveRefused => s with { Stage = PledgeStage.Claimed, Move = null },
        PledgeEvent.Moved => s with { Stage = PledgeStage.Free, Move = null, HandedOn = s.Move },
        _ => throw new InvalidOperationException($"A pledge has no event {happened.GetType().Name}."),
    };
}
