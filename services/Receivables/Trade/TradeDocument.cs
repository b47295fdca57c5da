using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ServiceDefaults;

namespace Receivables.Trade;

/// <summary>What a document of the underlying trade is.</summary>
[JsonConverter(typeof(KebabEnum<TradeKind>))]
public enum TradeKind
{
    /// <summary>A contract.</summary>
    Contract,

    /// <summary>An e-invoice.</summary>
    Invoice,

    /// <summary>A delivery note, signed for by the buyer.</summary>
    Delivery,

    /// <summary>The contract's clause on the time for payment.</summary>
    TermClause,

    /// <summary>The contract's clause on payment by voucher.</summary>
    VoucherClause,

    /// <summary>Proof of a norm or custom of the industry.</summary>
    Custom,

    /// <summary>A paper about the creditor's consent to a longer time; what counts is the consent that it signs itself.</summary>
    Consent,

    /// <summary>Examined grounds for an exception; count where the issuer or debtor deposited them.</summary>
    Grounds,

    /// <summary>The contract's clause that makes payment wait for a third party's; counts whoever deposited it.</summary>
    PayWhenPaidClause,

    /// <summary>The creditor's statement that it is forced to take vouchers; counts where the creditor deposited it.</summary>
    ForcedComplaint,

    /// <summary>An arrangement from before the notice on vouchers; counts where the creditor deposited it.</summary>
    OlderArrangement,

    /// <summary>A right to land or a building, claimed whole.</summary>
    LandRight,

    /// <summary>A farm animal by its ear tag, claimed whole.</summary>
    Animal,

    /// <summary>A warehouse receipt, claimed whole.</summary>
    WarehouseReceipt,
}

/// <summary>What comparing an invoice with the tax administration's record came to.</summary>
[JsonConverter(typeof(KebabEnum<CheckResult>))]
public enum CheckResult
{
    /// <summary>What was looked up agrees with the invoice.</summary>
    Matches,

    /// <summary>It does not agree.</summary>
    Differs,

    /// <summary>No such invoice was found.</summary>
    NotFound,
}

/// <summary>A file by its digest.</summary>
public sealed record TradeContent(string Sha256);

/// <summary>Commitment to what a document says, statement by statement (event-statements/1).</summary>
public sealed record TradeStatements(int Count, string Root);

/// <summary>Facts about a document. What it says stands in them as commitments alone.</summary>
public abstract record TradeEvent
{
    private TradeEvent()
    {
    }

    /// <summary>A document was deposited.</summary>
    public sealed record Deposited(TradeKind Kind, TradeContent Content, TradeStatements Statements) : TradeEvent;

    /// <summary>An invoice was compared with the tax administration's record.</summary>
    /// <param name="Method"><c>manual</c>: a person looked it up. Nothing else exists yet.</param>
    /// <param name="Result">What it came to.</param>
    /// <param name="EvidenceSha256">Digest of what was seen, such as a picture of the answer.</param>
    public sealed record Checked(string Method, CheckResult Result, string EvidenceSha256) : TradeEvent;

    /// <summary>A red-letter note takes back part of an invoice.</summary>
    public sealed record Reversed(TradeContent Content, TradeStatements Statements) : TradeEvent;

    /// <summary>A voucher rests on so much of the invoice.</summary>
    public sealed record Used(string Voucher, long Fen) : TradeEvent;

    /// <summary>A voucher no longer rests on so much of it.</summary>
    public sealed record Released(string Voucher, long Fen, string Reason) : TradeEvent;

    /// <summary>Vouchers rest on more than the invoice is worth since a red-letter note: top up, or return.</summary>
    public sealed record ShortfallAlarmed(long ShortfallFen, IReadOnlyList<string> Vouchers, string Asked) : TradeEvent;

    /// <summary>The shortfall is covered.</summary>
    public sealed record ShortfallCleared(string Reason) : TradeEvent;
}

/// <summary>What decisions about a document need.</summary>
/// <param name="Kind">What it is; null where there is none.</param>
/// <param name="Uses">Fen that each voucher rests on.</param>
/// <param name="Alarmed">Whether a shortfall is open.</param>
public sealed record TradeState(TradeKind? Kind, ImmutableSortedDictionary<string, long> Uses, bool Alarmed)
{
    /// <summary>Before the first event.</summary>
    public static readonly TradeState Initial =
        new(null, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal), Alarmed: false);

    /// <summary>Fen in use.</summary>
    public long UsedFen => Uses.Values.Sum();

    /// <summary>Folds one event.</summary>
    public static TradeState Evolve(TradeState state, TradeEvent e) => e switch
    {
        TradeEvent.Deposited d => state with { Kind = d.Kind },
        TradeEvent.Checked or TradeEvent.Reversed => state,
        TradeEvent.Used u => Rest(state, u.Voucher, u.Fen),
        TradeEvent.Released r => Rest(state, r.Voucher, -r.Fen),
        TradeEvent.ShortfallAlarmed => state with { Alarmed = true },
        TradeEvent.ShortfallCleared => state with { Alarmed = false },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not an event of a document."),
    };

    private static TradeState Rest(TradeState state, string voucher, long more)
    {
        long fen = state.Uses.GetValueOrDefault(voucher) + more;
        return state with { Uses = fen == 0 ? state.Uses.Remove(voucher) : state.Uses.SetItem(voucher, fen) };
    }
}

/// <summary>Decides about documents; pure. Amounts come from the document, which only its parties see.</summary>
public static class TradeDocument
{
    /// <summary>There is no such document, or the caller may not see it.</summary>
    public const string Missing = "trade-document-not-found";

    /// <summary>Only invoices are checked and taken back; what is used is an invoice or another whole thing.</summary>
    public const string NoInvoice = "trade-not-an-invoice";

    /// <summary>More would be used than the invoice is worth.</summary>
    public const string Exhausted = "invoice-exhausted";

    /// <summary>More would be taken back than the invoice is worth.</summary>
    public const string ReversedTooFar = "invoice-reversed-too-far";

    /// <summary>The voucher does not rest on this invoice.</summary>
    public const string NotUsed = "invoice-not-used";

    /// <summary>Whether a document is a whole thing that can be financed once: others are papers about it.</summary>
    public static bool IsThing(TradeKind? kind) =>
        kind is TradeKind.Invoice or TradeKind.LandRight or TradeKind.Animal or TradeKind.WarehouseReceipt;

    /// <summary>The stream of a document.</summary>
    public static string Stream(Guid id) => $"trade/{id}";

    /// <summary>The document of a stream.</summary>
    public static Guid IdOf(string stream) => Guid.Parse(stream["trade/".Length..]);

    /// <summary>Whether a stream is a document's.</summary>
    public static bool IsStream(string stream) => stream.StartsWith("trade/", StringComparison.Ordinal);

    /// <summary>Records a check.</summary>
    public static Decision<TradeEvent> Check(TradeState state, TradeEvent.Checked check) =>
        state.Kind == TradeKind.Invoice ? Accept(check) : Refuse(NoInvoice);

    /// <summary>A voucher comes to rest on part of an invoice.</summary>
    /// <param name="state">The invoice.</param>
    /// <param name="worthFen">Gross less red-letter notes.</param>
    /// <param name="voucher">The voucher.</param>
    /// <param name="fen">How much.</param>
    public static Decision<TradeEvent> Use(TradeState state, long worthFen, string voucher, long fen)
    {
        if (!IsThing(state.Kind))
            return Refuse(NoInvoice);
        return fen > 0 && fen <= worthFen - state.UsedFen ? Accept(new TradeEvent.Used(voucher, fen)) : Refuse(Exhausted);
    }

    /// <summary>A red-letter note takes part of the invoice back; what vouchers lack then is an alarm.</summary>
    /// <param name="state">The invoice.</param>
    /// <param name="note">The note.</param>
    /// <param name="worthFen">Gross less the notes before.</param>
    /// <param name="fen">What this note takes back.</param>
    public static Decision<TradeEvent> Reverse(TradeState state, TradeEvent.Reversed note, long worthFen, long fen)
    {
        if (state.Kind != TradeKind.Invoice)
            return Refuse(NoInvoice);
        if (fen <= 0 || fen > worthFen)
            return Refuse(ReversedTooFar);
        long shortfall = state.UsedFen - (worthFen - fen);
        return shortfall > 0
            ? Accept(note, new TradeEvent.ShortfallAlarmed(shortfall, [.. state.Uses.Keys], "top-up-or-return"))
            : Accept(note);
    }

    /// <summary>A voucher no longer rests on part of an invoice.</summary>
    /// <param name="state">The invoice.</param>
    /// <param name="worthFen">Gross less red-letter notes.</param>
    /// <param name="voucher">The voucher.</param>
    /// <param name="fen">How much.</param>
    /// <param name="reason"><c>topped-up</c> or <c>ended</c>.</param>
    public static Decision<TradeEvent> Release(TradeState state, long worthFen, string voucher, long fen, string reason)
    {
        if (!IsThing(state.Kind))
            return Refuse(NoInvoice);
        if (fen <= 0 || state.Uses.GetValueOrDefault(voucher) < fen)
            return Refuse(NotUsed);
        TradeEvent.Released released = new(voucher, fen, reason);
        return state.Alarmed && state.UsedFen - fen <= worthFen
            ? Accept(released, new TradeEvent.ShortfallCleared(reason))
            : Accept(released);
    }

    private static Decision<TradeEvent> Accept(params TradeEvent[] events) => new Decision<TradeEvent>.Accepted(events);

    private static Decision<TradeEvent> Refuse(string rule) => new Decision<TradeEvent>.Refused(rule);
}
