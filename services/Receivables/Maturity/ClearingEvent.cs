namespace Receivables.Maturity;

/// <summary>An interval that is to be paid, as the cut-off has it.</summary>
/// <param name="Start">First fen of [start, end).</param>
/// <param name="End">First fen after it.</param>
/// <param name="Payee">Who is paid: holder, pledgee, or what the court's order names.</param>
/// <param name="Court">Whether the payee is a court's account.</param>
public sealed record PayeeLeaf(long Start, long End, string Payee, bool Court)
{
    /// <summary>True while whose it is is disputed: nobody is paid, and no interest runs; null elsewhere.</summary>
    public bool? Held { get; init; }

    /// <summary>The last day of payment of what was held, once that is decided; null where it is the voucher's.</summary>
    public DateOnly? PayBy { get; init; }
}

/// <summary>An amount on a leaf.</summary>
public readonly record struct LeafFen(long Start, long Fen);

/// <summary>What a leaf got of a receipt: costs, interest, principal.</summary>
public readonly record struct LeafShare(long Start, long Costs, long Interest, long Principal);

/// <summary>Facts about the payment of one voucher at maturity. Every amount is in fen.</summary>
public abstract record ClearingEvent
{
    private ClearingEvent()
    {
    }

    /// <summary>The payees were fixed at the cut-off.</summary>
    /// <param name="Root">The voucher.</param>
    /// <param name="Debtor">Who pays.</param>
    /// <param name="DueDate">The day agreed.</param>
    /// <param name="PayDay">The day it falls on (Civil Code art. 203).</param>
    /// <param name="Notices">The notices of the calendar that decided it.</param>
    /// <param name="Terms">For interest on late payment.</param>
    /// <param name="Leaves">Whom to pay.</param>
    /// <param name="PayeesRoot">RFC 6962 root over the lines <c>start-end payee</c>, in hexadecimal.</param>
    public sealed record Opened(
        string Root, string Debtor, DateOnly DueDate, DateOnly PayDay, IReadOnlyList<string> Notices, LateTerms Terms,
        IReadOnlyList<PayeeLeaf> Leaves, string PayeesRoot) : ClearingEvent;

    /// <summary>
    /// What is unpaid of some fen is paid to others than the cut-off had it: a court froze it or lifted its freeze, a
    /// pledge was released, it was repurchased, or a dispute about it was decided. What was accrued on a leaf stays with the part whose payee stays.
    /// </summary>
    /// <param name="Command">The command that led to it.</param>
    /// <param name="Leaves">Whom to pay from now on.</param>
    public sealed record PayeesChanged(string Command, IReadOnlyList<PayeeLeaf> Leaves) : ClearingEvent;

    /// <summary>A bank was told to pay; instructions given before are void.</summary>
    public sealed record Instructed(IReadOnlyList<Instruction> Instructions) : ClearingEvent;

    /// <summary>Interest on what is late, up to and with a day.</summary>
    /// <param name="Through">The day.</param>
    /// <param name="Basis">Where the rate comes from.</param>
    /// <param name="Article">The article, where there is one.</param>
    /// <param name="Lines">What each leaf is charged more than before.</param>
    public sealed record InterestCharged(
        DateOnly Through, LateBasis Basis, string? Article, IReadOnlyList<LeafFen> Lines) : ClearingEvent;

    /// <summary>Costs of enforcing a leaf.</summary>
    public sealed record CostsCharged(long Start, long Fen, string Reason, string Sha256) : ClearingEvent;

    /// <summary>The terms of late interest are others than was thought.</summary>
    /// <param name="Terms">The terms.</param>
    /// <param name="Sha256">Digest of the contract, or of what the parties agreed.</param>
    public sealed record TermsSettled(LateTerms Terms, string Sha256) : ClearingEvent;

    /// <summary>A receipt of the bank, allocated once and for all.</summary>
    /// <param name="Receipt">The bank's number of it.</param>
    /// <param name="Fen">Its amount.</param>
    /// <param name="ValueDate">The day of payment.</param>
    /// <param name="Sha256">Digest of the imported file.</param>
    /// <param name="Shares">What each leaf gets.</param>
    /// <param name="OverFen">What nothing is due for: a line in suspense.</param>
    public sealed record ReceiptAllocated(
        string Receipt, long Fen, DateOnly ValueDate, string Sha256, IReadOnlyList<LeafShare> Shares, long OverFen)
        : ClearingEvent;

    /// <summary>A payee's bank sent money back; the debt stays paid and the money waits in suspense.</summary>
    public sealed record PayoutReturned(string Return, long Start, long Fen, string Sha256) : ClearingEvent;

    /// <summary>Money left suspense.</summary>
    /// <param name="Line">The line.</param>
    /// <param name="Fen">How much.</param>
    /// <param name="How"><c>paid-again</c> or <c>sent-back</c>.</param>
    /// <param name="Sha256">Digest of the bank's receipt.</param>
    public sealed record SuspenseSettled(string Line, long Fen, string How, string Sha256) : ClearingEvent;

    /// <summary>The day passed and something is unpaid.</summary>
    public sealed record FellOverdue(DateOnly Day, long OutstandingFen) : ClearingEvent;
}
