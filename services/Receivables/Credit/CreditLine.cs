using System.Collections.Immutable;

namespace Receivables.Credit;

/// <summary>A member's part of a line.</summary>
/// <param name="LimitFen">What it may take.</param>
/// <param name="ReservedFen">Held for vouchers that are to be issued.</param>
/// <param name="UsedFen">Taken by vouchers that are not paid.</param>
/// <param name="Frozen">Whether it may take nothing more.</param>
public sealed record MemberLine(long LimitFen, long ReservedFen, long UsedFen, bool Frozen)
{
    /// <summary>Nothing.</summary>
    public static readonly MemberLine None = new(0, 0, 0, false);

    /// <summary>A larger part that it was offered and has not accepted; null for none.</summary>
    public long? OfferedFen { get; init; }

    /// <summary>What of the line is bound for it.</summary>
    public long BoundFen => Math.Max(LimitFen, OfferedFen ?? 0);

    /// <summary>What is left: limit = used + reserved + free.</summary>
    public long FreeFen => LimitFen - ReservedFen - UsedFen;
}

/// <summary>What a voucher takes of a line.</summary>
/// <param name="Member">Whose part.</param>
/// <param name="FaceFen">What was reserved for it.</param>
/// <param name="LeftFen">What it still takes.</param>
/// <param name="Issued">Whether it is used and no longer reserved.</param>
/// <param name="Keys">What has freed parts of it.</param>
public sealed record Taken(string Member, long FaceFen, long LeftFen, bool Issued, ImmutableHashSet<string> Keys);

/// <summary>A group's credit line, folded.</summary>
public sealed record CreditLine(
    bool Exists, string Grantor, string Group, long LimitFen, bool Frozen,
    ImmutableSortedDictionary<string, MemberLine> Members, ImmutableDictionary<string, Taken> Vouchers)
{
    /// <summary>Before the first event.</summary>
    public static readonly CreditLine Initial = new(
        false, "", "", 0, false, ImmutableSortedDictionary.Create<string, MemberLine>(StringComparer.Ordinal), []);

    /// <summary>Whether the head of the group accepted it.</summary>
    public bool Accepted { get; init; }

    /// <summary>What is split to members, or offered to them.</summary>
    public long SplitFen => Members.Values.Sum(m => m.BoundFen);

    /// <summary>A member's part; nothing where it has none.</summary>
    public MemberLine Of(string member) => Members.GetValueOrDefault(member, MemberLine.None);

    /// <summary>Folds one event.</summary>
    public static CreditLine Evolve(CreditLine line, CreditEvent e) => e switch
    {
        CreditEvent.Granted g => Initial with
        {
            Exists = true,
            Grantor = g.Grantor,
            Group = g.Group,
            LimitFen = g.LimitFen,
        },
        CreditEvent.LimitChanged c => line with { LimitFen = c.LimitFen },
        CreditEvent.LineAccepted => line with { Accepted = true },
        CreditEvent.MemberOffered m => line.With(m.Member, line.Of(m.Member) with { OfferedFen = m.LimitFen }),
        CreditEvent.MemberSet m => line.With(
            m.Member, line.Of(m.Member) with { LimitFen = m.LimitFen, OfferedFen = null }),
        CreditEvent.Frozen { Member: null } => line with { Frozen = true },
        CreditEvent.Frozen f => line.With(f.Member!, line.Of(f.Member!) with { Frozen = true }),
        CreditEvent.Unfrozen { Member: null } => line with { Frozen = false },
        CreditEvent.Unfrozen f => line.With(f.Member!, line.Of(f.Member!) with { Frozen = false }),
        CreditEvent.Reserved r => line
            .With(r.Member, line.Of(r.Member) with { ReservedFen = line.Of(r.Member).ReservedFen + r.Fen })
            .With(r.Voucher, new Taken(r.Member, r.Fen, r.Fen, false, [])),
        CreditEvent.Used u => line
            .With(u.Member, line.Of(u.Member) with
            {
                ReservedFen = line.Of(u.Member).ReservedFen - u.Fen,
                UsedFen = line.Of(u.Member).UsedFen + u.Fen,
            })
            .With(u.Voucher, line.Vouchers[u.Voucher] with { Issued = true }),
        CreditEvent.Released r => Release(line, line.Vouchers[r.Voucher], r),
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a credit line."),
    };

    private static CreditLine Release(CreditLine line, Taken taken, CreditEvent.Released released)
    {
        MemberLine member = line.Of(released.Member);
        return line
            .With(released.Member, taken.Issued
                ? member with { UsedFen = member.UsedFen - released.Fen }
                : member with { ReservedFen = member.ReservedFen - released.Fen })
            .With(released.Voucher, taken with
            {
                LeftFen = taken.LeftFen - released.Fen,
                Keys = taken.Keys.Add(released.Key),
            });
    }

    private CreditLine With(string member, MemberLine part) => this with { Members = Members.SetItem(member, part) };

    private CreditLine With(string voucher, Taken taken) => this with { Vouchers = Vouchers.SetItem(voucher, taken) };
}
