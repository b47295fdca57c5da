using Receivables.Rules;
using ServiceDefaults;

namespace Receivables.Credit;

/// <summary>Decides on credit lines; pure.</summary>
public static class CreditDecider
{
    /// <summary>There is no such line.</summary>
    public const string Missing = "credit-line-not-found";

    /// <summary>There is one already.</summary>
    public const string Exists = "credit-line-exists";

    /// <summary>Less than is split to members or taken.</summary>
    public const string BelowTaken = "credit-limit-below-taken";

    /// <summary>More than the line has left to split.</summary>
    public const string Exceeded = "credit-split-exceeded";

    /// <summary>More than is free.</summary>
    public const string NotFree = "credit-not-free";

    /// <summary>The line or the member is frozen.</summary>
    public const string IsFrozen = "credit-frozen";

    /// <summary>The debtor is stopped by 77号 art. 15.</summary>
    public const string Stopped = "credit-debtor-stopped";

    /// <summary>The voucher has another reservation, or had one that ended.</summary>
    public const string Differs = "credit-voucher-differs";

    /// <summary>The voucher takes nothing of the line.</summary>
    public const string NotReserved = "credit-voucher-not-reserved";

    /// <summary>More than it takes.</summary>
    public const string TooMuch = "credit-release-too-much";

    /// <summary>Only a bank or a factor grants lines.</summary>
    public const string NotGrantor = "credit-grantor-not-financier";

    /// <summary>The head of the group has not accepted the line.</summary>
    public const string NotAccepted = "credit-line-not-accepted";

    /// <summary>Nothing of the line is offered to the party.</summary>
    public const string NothingOffered = "credit-nothing-offered";

    /// <summary>An issue names the line that it takes of.</summary>
    public const string NotNamed = "credit-line-not-named";

    private const string StandingRule = "77-15-standing";

    /// <summary>What a command comes to. Nothing to do is accepted without events.</summary>
    public static Decision<CreditEvent> Decide(CreditLine line, CreditCommand command) => (line, command) switch
    {
        ({ Exists: false }, CreditCommand.Grant g) => Accept(new CreditEvent.Granted(g.Grantor, g.Group, g.LimitFen)),
        (_, CreditCommand.Grant) => Refuse(Exists),
        ({ Exists: false }, _) => Refuse(Missing),
        (_, CreditCommand.ChangeLimit c) =>
            c.LimitFen < line.SplitFen ? Refuse(BelowTaken) : Accept(new CreditEvent.LimitChanged(c.LimitFen)),
        (_, CreditCommand.Accept a) => AcceptBy(line, a.By),
        (_, CreditCommand.SetMember m) => SetMember(line, m),
        (_, CreditCommand.Freeze f) => IsFrozenNow(line, f.Member)
            ? Nothing : Accept(new CreditEvent.Frozen(f.Member, f.LegalBasis)),
        (_, CreditCommand.Unfreeze f) => IsFrozenNow(line, f.Member)
            ? Accept(new CreditEvent.Unfrozen(f.Member, f.LegalBasis)) : Nothing,
        (_, CreditCommand.Reserve r) => Reserve(line, r),
        (_, CreditCommand.Use u) => Use(line, u),
        (_, CreditCommand.Release r) => Release(line, r),
        _ => throw new InvalidOperationException($"{command.GetType().Name} is no command of a credit line."),
    };

    /// <summary>Whether art. 15 of 77号 stops debtors on a day.</summary>
    internal static bool GateInForce(DateOnly day) => RuleBook.Get(StandingRule).InForce(day);

    private static bool IsFrozenNow(CreditLine line, string? member) =>
        member is null ? line.Frozen : line.Of(member).Frozen;

    private static Decision<CreditEvent> SetMember(CreditLine line, CreditCommand.SetMember set)
    {
        MemberLine member = line.Of(set.Member);
        if (set.LimitFen < member.ReservedFen + member.UsedFen)
            return Refuse(BelowTaken);
        // Not a sum of both: that could overflow.
        if (set.LimitFen > line.LimitFen - (line.SplitFen - member.BoundFen))
            return Refuse(Exceeded);
        return set.LimitFen > member.LimitFen && set.By != set.Member
            ? Accept(new CreditEvent.MemberOffered(set.Member, set.LimitFen))
            : Accept(new CreditEvent.MemberSet(set.Member, set.LimitFen));
    }

    private static Decision<CreditEvent> AcceptBy(CreditLine line, string by) =>
        by == line.Group && !line.Accepted ? Accept(new CreditEvent.LineAccepted())
        : line.Of(by).OfferedFen is { } offered ? Accept(new CreditEvent.MemberSet(by, offered))
        : by == line.Group || line.Members.ContainsKey(by) ? Refuse(NothingOffered)
        : Refuse(Missing);

    private static Decision<CreditEvent> Reserve(CreditLine line, CreditCommand.Reserve reserve)
    {
        if (line.Vouchers.TryGetValue(reserve.Voucher, out Taken? taken))
        {
            return taken.Member == reserve.Member && taken.FaceFen == reserve.Fen && taken.LeftFen > 0
                ? Nothing : Refuse(Differs);
        }
        // To whoever has no part of it a line is not there: it learns nothing of a stranger's.
        if (!line.Members.TryGetValue(reserve.Member, out MemberLine? part))
            return Refuse(Missing);
        if (!line.Accepted)
            return Refuse(NotAccepted);
        if (line.Frozen || part.Frozen)
            return Refuse(IsFrozen);
        if (GateInForce(reserve.Today) && reserve.Standing != Standing.Good)
            return Refuse(Stopped);
        return reserve.Fen > part.FreeFen
            ? Refuse(NotFree)
            : Accept(new CreditEvent.Reserved(reserve.Voucher, reserve.Member, reserve.Fen));
    }

    private static Decision<CreditEvent> Use(CreditLine line, CreditCommand.Use use)
    {
        if (!line.Vouchers.TryGetValue(use.Voucher, out Taken? taken) || taken is { Issued: false, LeftFen: 0 })
            return Refuse(NotReserved);
        if (taken.Issued)
            return Nothing;
        return line.Frozen || line.Of(taken.Member).Frozen
            ? Refuse(IsFrozen)
            : Accept(new CreditEvent.Used(use.Voucher, taken.Member, taken.LeftFen));
    }

    private static Decision<CreditEvent> Release(CreditLine line, CreditCommand.Release release)
    {
        if (!line.Vouchers.TryGetValue(release.Voucher, out Taken? taken))
            return Refuse(NotReserved);
        if (taken.Keys.Contains(release.Key))
            return Nothing;
        long fen = release.Fen ?? taken.LeftFen;
        if (fen == 0)
            return Nothing;
        return fen > taken.LeftFen
            ? Refuse(TooMuch)
            : Accept(new CreditEvent.Released(release.Voucher, taken.Member, release.Key, fen));
    }

    private static Decision<CreditEvent> Nothing => new Decision<CreditEvent>.Accepted([]);

    private static Decision<CreditEvent> Accept(CreditEvent e) => new Decision<CreditEvent>.Accepted([e]);

    private static Decision<CreditEvent> Refuse(string rule) => new Decision<CreditEvent>.Refused(rule);
}
