namespace Receivables.Credit;

/// <summary>Facts about a credit line. Every amount is in fen.</summary>
public abstract record CreditEvent
{
    private CreditEvent()
    {
    }

    /// <summary>A line was granted to a group.</summary>
    /// <param name="Grantor">Who granted it.</param>
    /// <param name="Group">The organisation that heads the group.</param>
    /// <param name="LimitFen">The whole line.</param>
    public sealed record Granted(string Grantor, string Group, long LimitFen) : CreditEvent;

    /// <summary>The line's limit is another now.</summary>
    public sealed record LimitChanged(long LimitFen) : CreditEvent;

    /// <summary>The head of the group accepted the line; nothing is issued under it before.</summary>
    public sealed record LineAccepted() : CreditEvent;

    /// <summary>The head of the group offers a member a larger part; it counts once the member accepts.</summary>
    public sealed record MemberOffered(string Member, long LimitFen) : CreditEvent;

    /// <summary>A member's part of the line was set.</summary>
    public sealed record MemberSet(string Member, long LimitFen) : CreditEvent;

    /// <summary>Nothing new may be issued under the line, or by one member.</summary>
    /// <param name="Member">The member; null for the whole line.</param>
    /// <param name="LegalBasis">On what ground.</param>
    public sealed record Frozen(string? Member, string LegalBasis) : CreditEvent;

    /// <summary>A freeze was lifted.</summary>
    public sealed record Unfrozen(string? Member, string LegalBasis) : CreditEvent;

    /// <summary>A voucher that is to be issued holds part of the line.</summary>
    public sealed record Reserved(string Voucher, string Member, long Fen) : CreditEvent;

    /// <summary>The voucher was issued: what was reserved is used.</summary>
    public sealed record Used(string Voucher, string Member, long Fen) : CreditEvent;

    /// <summary>
    /// Part of the line is free again: the voucher came to nothing, or so much of it was paid or returned.
    /// </summary>
    /// <param name="Voucher">The voucher.</param>
    /// <param name="Member">Whose part it was.</param>
    /// <param name="Key">What freed it, for example the receipt; counted once.</param>
    /// <param name="Fen">How much.</param>
    public sealed record Released(string Voucher, string Member, string Key, long Fen) : CreditEvent;
}

/// <summary>What somebody wants done with a line.</summary>
public abstract record CreditCommand
{
    private CreditCommand()
    {
    }

    /// <summary>Grants a line.</summary>
    public sealed record Grant(string Grantor, string Group, long LimitFen) : CreditCommand;

    /// <summary>Changes its limit.</summary>
    public sealed record ChangeLimit(long LimitFen) : CreditCommand;

    /// <summary>Sets a member's part; what is more than it has, another than the member only offers.</summary>
    /// <param name="Member">Whose part.</param>
    /// <param name="LimitFen">What it may take.</param>
    /// <param name="By">Who sets it.</param>
    public sealed record SetMember(string Member, long LimitFen, string By) : CreditCommand;

    /// <summary>Accepts what is offered: the head of the group the line, a member its part.</summary>
    public sealed record Accept(string By) : CreditCommand;

    /// <summary>Freezes the line or a member.</summary>
    public sealed record Freeze(string? Member, string LegalBasis) : CreditCommand;

    /// <summary>Lifts that freeze.</summary>
    public sealed record Unfreeze(string? Member, string LegalBasis) : CreditCommand;

    /// <summary>Holds part of the line for a voucher.</summary>
    /// <param name="Voucher">Its name; the same reservation twice is one.</param>
    /// <param name="Member">The member that will issue it.</param>
    /// <param name="Fen">Its face.</param>
    /// <param name="Standing">How the debtor stands (77号 art. 15).</param>
    /// <param name="Today">The day in China.</param>
    public sealed record Reserve(string Voucher, string Member, long Fen, Rules.Standing Standing, DateOnly Today)
        : CreditCommand;

    /// <summary>Turns a reservation into use.</summary>
    public sealed record Use(string Voucher) : CreditCommand;

    /// <summary>Frees part or all of what a voucher takes.</summary>
    /// <param name="Voucher">The voucher.</param>
    /// <param name="Key">What frees it; a key counts once.</param>
    /// <param name="Fen">How much; null for all that is left.</param>
    public sealed record Release(string Voucher, string Key, long? Fen) : CreditCommand;
}
