using System.Text.Json.Serialization;
using EventStore;

namespace Receivables.Pledges;

/// <summary>What happened to this platform's claim to one thing. Numbers of things never stand in an event.</summary>
public abstract record PledgeEvent
{
    private PledgeEvent()
    {
    }

    /// <summary>A claim was begun; written before anything is sent, so that a crash forgets nothing.</summary>
    /// <param name="Kind">The canonical number's prefix, for example <c>cn-einvoice/1</c>.</param>
    /// <param name="Keys">Claim keys by epoch, the oldest first, hex.</param>
    /// <param name="Epoch">The newest epoch among them.</param>
    /// <param name="Supplier">The account that confirms transfers, hex; zero for none.</param>
    /// <param name="Salt">Secret of the commitment, hex.</param>
    /// <param name="GrossFen">Worth of the thing: an invoice's amount with tax.</param>
    public sealed record Claiming(
        string Kind, IReadOnlyList<string> Keys, int Epoch, string Supplier, string Salt, long GrossFen) : PledgeEvent;

    /// <summary>The chain gave the claim to this platform.</summary>
    /// <param name="ClaimedAt">Unix seconds of the block.</param>
    public sealed record Claimed(long ClaimedAt) : PledgeEvent;

    /// <summary>The thing is claimed by another platform, or the claim lapsed or was refused.</summary>
    /// <param name="Platform">Who has it, hex; empty where nobody has.</param>
    /// <param name="ClaimedAt">Since when, Unix seconds; 0 where nobody has.</param>
    /// <param name="Block">Block whose state shows it.</param>
    /// <param name="BlockHash">Its hash.</param>
    /// <param name="Transaction">Our transaction that was reverted, if one was in a block.</param>
    public sealed record Refused(
        string Platform, long ClaimedAt, long Block, string BlockHash, string? Transaction) : PledgeEvent;

    /// <summary>An amount is set aside for a voucher that is about to be issued.</summary>
    public sealed record Locked(string Voucher, long Fen) : PledgeEvent;

    /// <summary>The voucher's digest is bound to the claim on the chain.</summary>
    public sealed record Bound(string Voucher) : PledgeEvent;

    /// <summary>The voucher was issued: its amount stays used, also when it is paid.</summary>
    public sealed record Issued(string Voucher) : PledgeEvent;

    /// <summary>
    /// A voucher of another platform goes on here: what it uses was counted as used there and is counted as its own now.
    /// </summary>
    public sealed record TakenOver(string Voucher, long Fen) : PledgeEvent;

    /// <summary>The voucher was not issued after all, or is void or returned: its amount is free again.</summary>
    public sealed record Unlocked(string Voucher) : PledgeEvent;

    /// <summary>A credit note (红字发票) takes away from the thing's worth.</summary>
    /// <param name="Reference">Names the note once.</param>
    /// <param name="Fen">By how much.</param>
    /// <param name="OverdrawnFen">How much more is used than is left: top-up or return is due; 0 normally.</param>
    public sealed record CreditNote(string Reference, long Fen, long OverdrawnFen) : PledgeEvent;

    /// <summary>The claim has the key of a newer epoch too.</summary>
    public sealed record Linked(int Epoch, string Key) : PledgeEvent;

    /// <summary>The claim was given up on the chain.</summary>
    public sealed record Released : PledgeEvent;

    /// <summary>Handing the unused rest to another platform was begun.</summary>
    /// <param name="To">The other platform's account.</param>
    /// <param name="Statement">What is said of the rest: JSON text whose SHA-256 the chain gets.</param>
    /// <param name="Signature">The supplier's confirmation, r ‖ s ‖ v, hex.</param>
    public sealed record Moving(string To, string Statement, string Signature) : PledgeEvent;

    /// <summary>The other platform has the claim.</summary>
    public sealed record Moved : PledgeEvent;

    /// <summary>The chain refused the transfer; the claim stays here.</summary>
    public sealed record MoveRefused : PledgeEvent;

    /// <summary>Another platform's claim came here with its unused rest.</summary>
    /// <param name="Kind">As in <see cref="Claiming"/>.</param>
    /// <param name="Keys">As in <see cref="Claiming"/>.</param>
    /// <param name="Epoch">As in <see cref="Claiming"/>.</param>
    /// <param name="Supplier">As in <see cref="Claiming"/>.</param>
    /// <param name="GrossFen">As in <see cref="Claiming"/>.</param>
    /// <param name="TakenFen">Credit notes and what other platforms' vouchers use, by the statement.</param>
    /// <param name="Statement">The statement.</param>
    public sealed record Received(
        string Kind, IReadOnlyList<string> Keys, int Epoch, string Supplier, long GrossFen, long TakenFen,
        string Statement) : PledgeEvent;
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PledgeEvent.Claiming))]
[JsonSerializable(typeof(PledgeEvent.Claimed))]
[JsonSerializable(typeof(PledgeEvent.Refused))]
[JsonSerializable(typeof(PledgeEvent.Locked))]
[JsonSerializable(typeof(PledgeEvent.Bound))]
[JsonSerializable(typeof(PledgeEvent.Issued))]
[JsonSerializable(typeof(PledgeEvent.TakenOver), TypeInfoPropertyName = "ThingTakenOver")]
[JsonSerializable(typeof(PledgeEvent.Unlocked))]
[JsonSerializable(typeof(PledgeEvent.CreditNote))]
[JsonSerializable(typeof(PledgeEvent.Linked))]
[JsonSerializable(typeof(PledgeEvent.Released))]
[JsonSerializable(typeof(PledgeEvent.Moving))]
[JsonSerializable(typeof(PledgeEvent.Moved))]
[JsonSerializable(typeof(PledgeEvent.MoveRefused))]
[JsonSerializable(typeof(PledgeEvent.Received))]
[JsonSerializable(typeof(RestStatement))]
internal sealed partial class PledgeJson : JsonSerializerContext;

/// <summary>What the events, state and tables of pledges are called.</summary>
public static class PledgeModel
{
    /// <summary>Name of an event's type.</summary>
    public static string NameOf(PledgeEvent e) => e switch
    {
        PledgeEvent.Claiming => "receivables.thing-claiming.v1",
        PledgeEvent.Claimed => "receivables.thing-claimed.v1",
        PledgeEvent.Refused => "receivables.thing-refused.v1",
        PledgeEvent.Locked => "receivables.thing-locked.v1",
        PledgeEvent.Bound => "receivables.thing-bound.v1",
        PledgeEvent.Issued => "receivables.thing-issued.v1",
        PledgeEvent.TakenOver => "receivables.thing-taken-over.v1",
        PledgeEvent.Unlocked => "receivables.thing-unlocked.v1",
        PledgeEvent.CreditNote => "receivables.thing-credit-note.v1",
        PledgeEvent.Linked => "receivables.thing-linked.v1",
        PledgeEvent.Released => "receivables.thing-released.v1",
        PledgeEvent.Moving => "receivables.thing-moving.v1",
        PledgeEvent.Moved => "receivables.thing-moved.v1",
        PledgeEvent.MoveRefused => "receivables.thing-move-refused.v1",
        PledgeEvent.Received => "receivables.thing-received.v1",
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    /// <summary>Adds them to the service's model.</summary>
    public static EventModel AddPledgeEvents(this EventModel model) => model
        .Event("receivables.thing-claiming.v1", PledgeJson.Default.Claiming)
        .Event("receivables.thing-claimed.v1", PledgeJson.Default.Claimed)
        .Event("receivables.thing-refused.v1", PledgeJson.Default.Refused)
        .Event("receivables.thing-locked.v1", PledgeJson.Default.Locked)
        .Event("receivables.thing-bound.v1", PledgeJson.Default.Bound)
        .Event("receivables.thing-issued.v1", PledgeJson.Default.Issued)
        .Event("receivables.thing-taken-over.v1", PledgeJson.Default.ThingTakenOver)
        .Event("receivables.thing-unlocked.v1", PledgeJson.Default.Unlocked)
        .Event("receivables.thing-credit-note.v1", PledgeJson.Default.CreditNote)
        .Event("receivables.thing-linked.v1", PledgeJson.Default.Linked)
        .Event("receivables.thing-released.v1", PledgeJson.Default.Released)
        .Event("receivables.thing-moving.v1", PledgeJson.Default.Moving)
        .Event("receivables.thing-moved.v1", PledgeJson.Default.Moved)
        .Event("receivables.thing-move-refused.v1", PledgeJson.Default.MoveRefused)
        .Event("receivables.thing-received.v1", PledgeJson.Default.Received)
        .Aggregate(PledgeState.Initial, PledgeState.Evolve)
        .Migrate("receivables-0401-pledge-transactions", PledgeTransactions.Schema)
        .Inline(new PledgeRows())
        .Migrate("receivables-0402-pledge-subjects", PledgeSubjects.Schema)
        .Migrate("receivables-0403-pledge-things", "create index pledge_subject_thing on pledge_subject (thing);")
        .Migrate("receivables-0404-pledge-locks", PledgeRows.Schema)
        .Migrate("receivables-0405-pledge-quota", ClaimQuota.Schema)
        .Migrate("receivables-0405-pledge-nonces", PledgeTransactions.Many)
        .Migrate("receivables-0406-pledge-epochs", PledgeSubjects.Epoch);
}
