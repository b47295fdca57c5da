using System.Text.Json.Serialization;
using Receivables.Signatures;

namespace Receivables.Vouchers;

/// <summary>Fen of a root from <paramref name="Start"/> up to, and not including, <paramref name="End"/>.</summary>
public readonly record struct Interval(long Start, long End)
{
    /// <summary>How many fen.</summary>
    [JsonIgnore]
    public long Fen => End - Start;
}

/// <summary>An interval on offer to one party.</summary>
public readonly record struct OfferedPart(long Start, long End, string To)
{
    /// <summary>The interval without the receiver.</summary>
    [JsonIgnore]
    public Interval Interval => new(Start, End);
}

/// <summary>What one fragment gets of a receipt.</summary>
public readonly record struct LeafPayment(long Start, long End, long Fen);

/// <summary>What one fragment got of a receipt, whose it is and who was paid.</summary>
public readonly record struct LeafPaid(long Start, long End, string Holder, string Payee, long Fen);

/// <summary>
/// Facts about a family. They tell intervals, never balances: who holds which fen follows from them. Nothing of the
/// trade documents stands in them but digests.
/// </summary>
/// <param name="Command">The command that led to it; for facts that nobody commanded, the worker's own name for the
/// run.</param>
public abstract record VoucherEvent(string Command)
{
    /// <summary>Who approved the command; on the first event of a command only.</summary>
    public Approved? Approved { get; init; }

    /// <summary>
    /// A voucher was issued and offered to its first holder. <c>PayDay</c> is the due date, or the next day that is none
    /// of rest (Civil Code art. 203), by the calendar at issue; null where that calendar was not known yet.
    /// </summary>
    public sealed record Issued(
        string Command, string Root, string Issuer, string Debtor, string Holder, long FaceFen, DateOnly IssueDate,
        DateOnly DueDate, IReadOnlyList<TradeReference> Trade, Terms Terms,
        DateTimeOffset Expires, DateOnly? PayDay = null) : VoucherEvent(Command)
    {
        /// <summary>The credit line that it takes of; null where the issuer may issue without one.</summary>
        public Guid? Line { get; init; }
    }

    /// <summary>
    /// It came from another platform, which states who holds which fen; nothing of it is anybody's to dispose of before
    /// that holder has confirmed it. Follows <see cref="Issued"/> in one transaction.
    /// </summary>
    public sealed record TakenOver(
        string Command, string Platform, string Number, string FileSha256, IReadOnlyList<StatedPart> Stated)
        : VoucherEvent(Command);

    /// <summary>A holder confirmed what the other platform stated of it.</summary>
    public sealed record StatementConfirmed(
        string Command, string Offer, string Holder, IReadOnlyList<Interval> Intervals) : VoucherEvent(Command);

    /// <summary>A holder says that what the other platform stated of it is not so; it may confirm it later.</summary>
    public sealed record StatementDisputed(
        string Command, string Offer, string Holder, IReadOnlyList<Interval> Intervals) : VoucherEvent(Command);

    /// <summary>The debtor has another platform keep it: from now on nothing of it moves.</summary>
    /// <param name="Command">The debtor's command; names the handover until it is filed.</param>
    /// <param name="By">The debtor.</param>
    /// <param name="Platform">Which platform.</param>
    /// <param name="FaceFen">Its face.</param>
    public sealed record HandoverAgreed(string Command, string By, string Platform, long FaceFen) : VoucherEvent(Command);

    /// <summary>A signed file states it to the other platform, which may take it over from now on.</summary>
    public sealed record HandoverFiled(string Command, string Platform, string Number) : VoucherEvent(Command);

    /// <summary>It stays here.</summary>
    /// <param name="Command">What ended it.</param>
    /// <param name="Handover">The debtor's command that had begun it.</param>
    /// <param name="Reason">
    /// <c>withdrawn</c> by the debtor, <c>frozen</c> by a court, <c>lapsed</c> at the cut-off, or <c>declined</c> by the other
    /// platform.
    /// </param>
    public sealed record HandoverEnded(string Command, string Handover, string Reason) : VoucherEvent(Command);

    /// <summary>The other platform has it, by its signed word; here it is closed.</summary>
    /// <param name="Command">The name of the run.</param>
    /// <param name="Platform">Which platform.</param>
    /// <param name="Number">The handover.</param>
    /// <param name="ReceiptSha256">Digest of the other platform's receipt.</param>
    /// <param name="Stated">Who held which fen here at last.</param>
    public sealed record Moved(
        string Command, string Platform, string Number, string ReceiptSha256, IReadOnlyList<StatedPart> Stated)
        : VoucherEvent(Command);

    /// <summary>The first holder accepted it.</summary>
    public sealed record Accepted(string Command, string Offer, string Holder) : VoucherEvent(Command);

    /// <summary>Parts were offered to receivers.</summary>
    public sealed record TransferOffered(
        string Command, string From, IReadOnlyList<OfferedPart> Parts, DateTimeOffset Expires) : VoucherEvent(Command)
    {
        /// <summary>Every voucher of a payment from several: it is accepted in all of them or in none.</summary>
        public IReadOnlyList<string>? Roots { get; init; }
    }

    /// <summary>A receiver accepted its parts and holds them.</summary>
    public sealed record Transferred(
        string Command, string Offer, string From, string To,
            IReadOnlyList<Interval> Intervals) : VoucherEvent(Command);

    /// <summary>A receiver refused its parts; they are the sender's as before.</summary>
    public sealed record OfferRejected(string Command, string Offer, string By, IReadOnlyList<Interval> Intervals)
        : VoucherEvent(Command);

    /// <summary>The sender took the offer back.</summary>
    public sealed record OfferWithdrawn(string Command, string Offer, IReadOnlyList<Interval> Intervals)
        : VoucherEvent(Command);

    /// <summary>Nobody answered in time; the reservation expired.</summary>
    public sealed record OfferLapsed(string Command, string Offer, IReadOnlyList<Interval> Intervals)
        : VoucherEvent(Command);

    /// <summary>A pledge was offered.</summary>
    public sealed record PledgeOffered(
        string Command, string Holder, string Pledgee, IReadOnlyList<Interval> Intervals, string AgreementSha256,
        DateTimeOffset Expires) : VoucherEvent(Command);

    /// <summary>The pledgee confirmed: it is the payee.</summary>
    public sealed record Pledged(
        string Command, string Pledge, string Holder, string Pledgee, IReadOnlyList<Interval> Intervals)
        : VoucherEvent(Command);

    /// <summary>The pledgee released the pledge.</summary>
    public sealed record PledgeReleased(string Command, string Pledge, IReadOnlyList<Interval> Intervals)
        : VoucherEvent(Command);

    /// <summary>A sale to a bank or factor was offered.</summary>
    public sealed record SaleOffered(
        string Command, string Seller, string Buyer, IReadOnlyList<Interval> Intervals, bool WithRecourse,
        string AgreementSha256, DateTimeOffset Expires) : VoucherEvent(Command)
    {
        /// <summary>The application that it closes.</summary>
        public Guid? Financing { get; init; }
    }

    /// <summary>The buyer confirmed and holds the intervals.</summary>
    public sealed record Sold(
        string Command, string Sale, string Seller, string Buyer, IReadOnlyList<Interval> Intervals, bool WithRecourse)
        : VoucherEvent(Command)
    {
        /// <summary>The application that it closes.</summary>
        public Guid? Financing { get; init; }
    }

    /// <summary>After a default the holder turned to the seller.</summary>
    public sealed record RecourseClaimed(
        string Command, string Sale, string Holder, string Seller, IReadOnlyList<Interval> Intervals)
        : VoucherEvent(Command);

    /// <summary>The seller repurchased and is the holder again, with the recourse that it had before.</summary>
    public sealed record Repurchased(
        string Command, string Sale, string Seller, string Holder, IReadOnlyList<Interval> Intervals)
        : VoucherEvent(Command);

    /// <summary>A court froze intervals; where others are frozen already, it waits its turn.</summary>
    public sealed record Frozen(
        string Command, string By, string Holder, IReadOnlyList<Interval> Intervals, string LegalBasis,
        string CaseNumber, string Account) : VoucherEvent(Command);

    /// <summary>A freeze was lifted.</summary>
    public sealed record Unfrozen(
        string Command, string Order, IReadOnlyList<Interval> Intervals, string LegalBasis, string CaseNumber)
        : VoucherEvent(Command);

    /// <summary>The first holder offered the whole voucher back.</summary>
    public sealed record ReturnOffered(string Command, string From, DateTimeOffset Expires) : VoucherEvent(Command);

    /// <summary>The issuer took it back; nothing is owed.</summary>
    public sealed record Returned(string Command, string Offer) : VoucherEvent(Command);

    /// <summary>The voucher is void: refused or withdrawn before it was accepted, or come home.</summary>
    public sealed record Voided(string Command, string Reason) : VoucherEvent(Command);

    /// <summary>Adjacent fragments of one holder became one.</summary>
    public sealed record Merged(string Command, string Holder, long Start, long End) : VoucherEvent(Command);

    /// <summary>The cut-off before the due date: whoever is payee of a fragment now will be paid.</summary>
    /// <param name="Command">The worker's name for the run.</param>
    /// <param name="Fragments">How many there are.</param>
    /// <param name="PayeesSha256">SHA-256 of the list of payees, one line <c>start-end payee</c> each.</param>
    public sealed record SnapshotTaken(string Command, int Fragments, string PayeesSha256) : VoucherEvent(Command);

    /// <summary>A receipt of the bank was allocated.</summary>
    public sealed record PaymentRecorded(string Command, string Receipt, IReadOnlyList<LeafPaid> Payments)
        : VoucherEvent(Command);

    /// <summary>The due date passed and something is unpaid.</summary>
    public sealed record FellOverdue(string Command) : VoucherEvent(Command);

    /// <summary>Splitting looked abnormal; whoever watches should look.</summary>
    /// <param name="Command">The command that set it off.</param>
    /// <param name="Party">Who split.</param>
    /// <param name="Reason"><c>many-fragments</c>, <c>many-small-parts</c> or <c>deep</c>.</param>
    /// <param name="Fragments">How many the family has now.</param>
    public sealed record SplittingAlarmed(string Command, string Party, string Reason, int Fragments)
        : VoucherEvent(Command);
}
