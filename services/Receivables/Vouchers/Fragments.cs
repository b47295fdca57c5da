using System.Collections;
using System.Collections.Immutable;

namespace Receivables.Vouchers;

/// <summary>Reserved for an offer until its receiver answers.</summary>
public sealed record Reservation(string Offer, string To);

/// <summary>A confirmed pledge.</summary>
public sealed record Pledge(string Id, string Pledgee);

/// <summary>A court's freeze, and those that wait behind it (轮候冻结).</summary>
public sealed record FreezeOrder(string Order, string Account, FreezeOrder? Next)
{
    /// <summary>Whether an order is in force or waits.</summary>
    public bool Has(string order) => Order == order || Next?.Has(order) == true;

    /// <summary>The queue with one more at its end.</summary>
    public static FreezeOrder Append(FreezeOrder? queue, string order, string account) => queue is null
        ? new FreezeOrder(order, account, null)
        : queue with { Next = Append(queue.Next, order, account) };

    /// <summary>The queue without one order.</summary>
    public static FreezeOrder? Remove(FreezeOrder? queue, string order) =>
        queue is null ? null
        : queue.Order == order ? queue.Next
        : queue with { Next = Remove(queue.Next, order) };
}

/// <summary>Whom the holder may turn to, and whom that one may turn to in turn.</summary>
public sealed record Recourse(string Sale, string Seller, Recourse? Prior);

/// <summary>All that is the same for every fen of a fragment.</summary>
/// <param name="Holder">Whom it belongs to.</param>
/// <param name="Via">The command that it came by to its holder.</param>
/// <param name="Depth">How often it changed its holder.</param>
/// <param name="Reserved">Reserved for an offer.</param>
/// <param name="Pledge">Pledged.</param>
/// <param name="Freeze">Frozen by a court, with the queue.</param>
/// <param name="Recourse">Sold with recourse.</param>
/// <param name="PaidFen">Paid of the whole fragment, of its first fen; one that got a payment is not joined any
/// more.</param>
public sealed record Claim(
    string Holder, string Via, int Depth, Reservation? Reserved = null, Pledge? Pledge = null,
    FreezeOrder? Freeze = null, Recourse? Recourse = null, long PaidFen = 0)
{
    /// <summary>
    /// Its holder says that it is not as another platform stated it. At maturity it is paid to nobody until that is decided.
    /// </summary>
    public bool Disputed { get; init; }

    /// <summary>Whether its payment is held back: it is disputed, and no court has said who gets it.</summary>
    public bool IsHeld => Disputed && Freeze is null;

    /// <summary>Who is paid at maturity: the court's account before the pledgee before the holder.</summary>
    public string Payee => Freeze?.Account ?? Pledge?.Pledgee ?? Holder;

    /// <summary>Whether the holder can dispose of it.</summary>
    public bool IsFree => Reserved is null && Pledge is null && Freeze is null && PaidFen == 0;
}

/// <summary>An interval of the root whose fen are all alike.</summary>
public sealed record Fragment(long Start, long End, Claim Claim)
{
    /// <summary>How many fen.</summary>
    public long Fen => End - Start;

    /// <summary>Where it lies.</summary>
    public Interval Interval => new(Start, End);

    /// <summary>What is not paid of it: its last fen.</summary>
    public Interval Unpaid => new(Start + Claim.PaidFen, End);

    /// <summary>The part of it that lies in an interval. Its first fen are those that were paid.</summary>
    public Fragment Cut(Interval interval)
    {
        if (Start >= interval.Start && End <= interval.End)
            return this;
        long start = Math.Max(Start, interval.Start), end = Math.Min(End, interval.End);
        long paid = Math.Clamp(Unpaid.Start - start, 0, end - start);
        return new Fragment(start, end, paid == Claim.PaidFen ? Claim : Claim with { PaidFen = paid });
    }
}

/// <summary>
/// The fragments of a root in order of their start. They are a function from each fen to its claim in its shortest
/// form: neighbours with equal claims are one fragment. So splitting needs no step of its own, what is undone is as if
/// it had never been, byte for byte, and no change can lose or double a fen. From the cut-off on neighbours are joined
/// no more: payees were fixed by fragment. Changes copy O(log n) and leave the old value whole.
/// </summary>
public sealed class Fragments : IReadOnlyList<Fragment>
{
    /// <summary>No fen at all.</summary>
    public static readonly Fragments None = new([], 0, 0, 0);

    private static readonly Comparer<Fragment> ByStart =
        Comparer<Fragment>.Create((a, b) => a.Start.CompareTo(b.Start));
    private readonly ImmutableList<Fragment> _list;

    private Fragments(ImmutableList<Fragment> list, long fen, long paid, long reserved) =>
        (_list, Fen, PaidFen, ReservedFen) = (list, fen, paid, reserved);

    /// <summary>Fen of all fragments, summed as they change.</summary>
    public long Fen { get; }

    /// <summary>Paid of all fragments, summed as they change.</summary>
    public long PaidFen { get; }

    /// <summary>Reserved fen of all fragments, summed as they change.</summary>
    public long ReservedFen { get; }

    /// <inheritdoc/>
    public int Count => _list.Count;

    /// <inheritdoc/>
    public Fragment this[int index] => _list[index];

    /// <summary>One fragment over the whole root.</summary>
    public static Fragments Of(long faceFen, Claim claim) =>
        None.Replace(0, 0, [new Fragment(0, faceFen, claim)], faceFen);

    /// <summary>Index of the fragment that holds a fen.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The root has no such fen.</exception>
    public int IndexOf(long fen)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fen);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(fen, Fen);
        int index = _list.BinarySearch(new Fragment(fen, fen, null!), ByStart);
        return index >= 0 ? index : ~index - 1;
    }

    /// <summary>The fragments that share a fen with an interval, cut to it.</summary>
    public IEnumerable<Fragment> In(Interval interval)
    {
        for (int i = IndexOf(interval.Start); i < _list.Count && _list[i].Start < interval.End; i++)
        {
            yield return _list[i].Cut(interval);
        }
    }

    /// <summary>Whether a fragment begins at a fen, or the root ends there.</summary>
    public bool IsBoundary(long fen) => fen == Fen || _list[IndexOf(fen)].Start == fen;

    /// <summary>Gives every fen of an interval another claim, made from the one it has.</summary>
    /// <param name="interval">Which fen.</param>
    /// <param name="change">Makes the new claim.</param>
    /// <param name="join">Whether neighbours that have become alike are joined.</param>
    public Fragments Change(Interval interval, Func<Claim, Claim> change, bool join = true)
    {
        if (interval.Fen <= 0)
            throw new ArgumentOutOfRangeException(nameof(interval), interval, "An interval has at least one fen.");
        int first = IndexOf(interval.Start), last = IndexOf(interval.End - 1);
        List<Fragment> pieces = [];
        // The neighbours are part of it, because a changed fragment may have become like them.
        int from = Math.Max(first - 1, 0), to = Math.Min(last + 1, _list.Count - 1);
        for (int i = from; i <= to; i++)
        {
            Fragment f = _list[i];
            long start = Math.Max(f.Start, interval.Start), end = Math.Min(f.End, interval.End);
            if (start >= end)
            {
                Add(pieces, f, join);
                continue;
            }
            if (f.Start < start)
                Add(pieces, f.Cut(new Interval(f.Start, start)), join);
            Fragment changed = f.Cut(interval);
            Add(pieces, changed with { Claim = change(changed.Claim) }, join);
            if (end < f.End)
                Add(pieces, f.Cut(new Interval(end, f.End)), join);
        }
        return Replace(from, to - from + 1, pieces, 0);
    }

    /// <inheritdoc/>
    public IEnumerator<Fragment> GetEnumerator() => _list.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static void Add(List<Fragment> pieces, Fragment next, bool join)
    {
        if (join && pieces.Count > 0 && pieces[^1] is { Claim.PaidFen: 0 } before && before.Claim == next.Claim)
            pieces[^1] = before with { End = next.End };
        else
            pieces.Add(next);
    }

    /// <summary>Puts fragments in the place of others and sums anew; they must cover the same interval, end to
    /// end.</summary>
    private Fragments Replace(int index, int count, List<Fragment> pieces, long grown)
    {
        long fen = Fen, paid = PaidFen, reserved = ReservedFen;
        for (int i = index; i < index + count; i++)
        {
            fen -= _list[i].Fen;
            paid -= _list[i].Claim.PaidFen;
            reserved -= _list[i].Claim.Reserved is null ? 0 : _list[i].Fen;
        }
        long at = count > 0 ? _list[index].Start : 0;
        foreach (Fragment piece in pieces)
        {
            if (piece.Start != at || piece.End <= at)
                throw new InvalidOperationException($"Fragments would not lie end to end at {at}.");
            at = piece.End;
            fen += piece.Fen;
            paid += piece.Claim.PaidFen;
            reserved += piece.Claim.Reserved is null ? 0 : piece.Fen;
        }
        if (fen != Fen + grown)
            throw new InvalidOperationException($"{Fen} fen would become {fen}.");
        ImmutableList<Fragment> list = _list;
        int same = Math.Min(count, pieces.Count);
        for (int i = 0; i < same; i++)
        {
            if (!ReferenceEquals(list[index + i], pieces[i]))
                list = list.SetItem(index + i, pieces[i]);
        }
        if (count > same)
            list = list.RemoveRange(index + same, count - same);
        else if (pieces.Count > same)
            list = list.InsertRange(index + same, pieces.Skip(same));
        return new Fragments(list, fen, paid, reserved);
    }
}
