using System.Text.Json.Serialization;
using EventStore;

namespace Receivables.Vouchers;

/// <summary>The stable names and stored forms of a family's events.</summary>
internal static class VoucherEvents
{
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(VoucherEvent.Issued)] = "receivables.voucher-issued.v1",
        [typeof(VoucherEvent.TakenOver)] = "receivables.voucher-taken-over.v1",
        [typeof(VoucherEvent.StatementConfirmed)] = "receivables.statement-confirmed.v1",
        [typeof(VoucherEvent.StatementDisputed)] = "receivables.statement-disputed.v1",
        [typeof(VoucherEvent.HandoverAgreed)] = "receivables.handover-agreed.v1",
        [typeof(VoucherEvent.HandoverFiled)] = "receivables.handover-filed.v1",
        [typeof(VoucherEvent.HandoverEnded)] = "receivables.handover-ended.v1",
        [typeof(VoucherEvent.Moved)] = "receivables.voucher-moved.v1",
        [typeof(VoucherEvent.Accepted)] = "receivables.voucher-accepted.v1",
        [typeof(VoucherEvent.TransferOffered)] = "receivables.transfer-offered.v1",
        [typeof(VoucherEvent.Transferred)] = "receivables.transferred.v1",
        [typeof(VoucherEvent.OfferRejected)] = "receivables.offer-rejected.v1",
        [typeof(VoucherEvent.OfferWithdrawn)] = "receivables.offer-withdrawn.v1",
        [typeof(VoucherEvent.OfferLapsed)] = "receivables.offer-lapsed.v1",
        [typeof(VoucherEvent.PledgeOffered)] = "receivables.pledge-offered.v1",
        [typeof(VoucherEvent.Pledged)] = "receivables.pledged.v1",
        [typeof(VoucherEvent.PledgeReleased)] = "receivables.pledge-released.v1",
        [typeof(VoucherEvent.SaleOffered)] = "receivables.sale-offered.v1",
        [typeof(VoucherEvent.Sold)] = "receivables.sold.v1",
        [typeof(VoucherEvent.RecourseClaimed)] = "receivables.recourse-claimed.v1",
        [typeof(VoucherEvent.Repurchased)] = "receivables.repurchased.v1",
        [typeof(VoucherEvent.Frozen)] = "receivables.frozen.v1",
        [typeof(VoucherEvent.Unfrozen)] = "receivables.unfrozen.v1",
        [typeof(VoucherEvent.ReturnOffered)] = "receivables.return-offered.v1",
        [typeof(VoucherEvent.Returned)] = "receivables.voucher-returned.v1",
        [typeof(VoucherEvent.Voided)] = "receivables.voucher-voided.v1",
        [typeof(VoucherEvent.Merged)] = "receivables.merged.v1",
        [typeof(VoucherEvent.SnapshotTaken)] = "receivables.snapshot-taken.v1",
        [typeof(VoucherEvent.PaymentRecorded)] = "receivables.payment-recorded.v1",
        [typeof(VoucherEvent.FellOverdue)] = "receivables.fell-overdue.v1",
        [typeof(VoucherEvent.SplittingAlarmed)] = "receivables.splitting-alarmed.v1",
    };

    /// <summary>The stable name of an event's kind.</summary>
    public static string NameOf(VoucherEvent e) => Names[e.GetType()];

    public static EventModel AddVoucherEvents(this EventModel model) => model
        .Event(Names[typeof(VoucherEvent.Issued)], VoucherJson.Default.Issued)
        .Event(Names[typeof(VoucherEvent.TakenOver)], VoucherJson.Default.TakenOver)
        .Event(Names[typeof(VoucherEvent.StatementConfirmed)], VoucherJson.Default.StatementConfirmed)
        .Event(Names[typeof(VoucherEvent.StatementDisputed)], VoucherJson.Default.StatementDisputed)
        .Event(Names[typeof(VoucherEvent.HandoverAgreed)], VoucherJson.Default.HandoverAgreed)
        .Event(Names[typeof(VoucherEvent.HandoverFiled)], VoucherJson.Default.HandoverFiled)
        .Event(Names[typeof(VoucherEvent.HandoverEnded)], VoucherJson.Default.HandoverEnded)
        .Event(Names[typeof(VoucherEvent.Moved)], VoucherJson.Default.Moved)
        .Event(Names[typeof(VoucherEvent.Accepted)], VoucherJson.Default.Accepted)
        .Event(Names[typeof(VoucherEvent.TransferOffered)], VoucherJson.Default.TransferOffered)
        .Event(Names[typeof(VoucherEvent.Transferred)], VoucherJson.Default.Transferred)
        .Event(Names[typeof(VoucherEvent.OfferRejected)], VoucherJson.Default.OfferRejected)
        .Event(Names[typeof(VoucherEvent.OfferWithdrawn)], VoucherJson.Default.OfferWithdrawn)
        .Event(Names[typeof(VoucherEvent.OfferLapsed)], VoucherJson.Default.OfferLapsed)
        .Event(Names[typeof(VoucherEvent.PledgeOffered)], VoucherJson.Default.PledgeOffered)
        .Event(Names[typeof(VoucherEvent.Pledged)], VoucherJson.Default.Pledged)
        .Event(Names[typeof(VoucherEvent.PledgeReleased)], VoucherJson.Default.PledgeReleased)
        .Event(Names[typeof(VoucherEvent.SaleOffered)], VoucherJson.Default.SaleOffered)
        .Event(Names[typeof(VoucherEvent.Sold)], VoucherJson.Default.Sold)
        .Event(Names[typeof(VoucherEvent.RecourseClaimed)], VoucherJson.Default.RecourseClaimed)
        .Event(Names[typeof(VoucherEvent.Repurchased)], VoucherJson.Default.Repurchased)
        .Event(Names[typeof(VoucherEvent.Frozen)], VoucherJson.Default.Frozen)
        .Event(Names[typeof(VoucherEvent.Unfrozen)], VoucherJson.Default.Unfrozen)
        .Event(Names[typeof(VoucherEvent.ReturnOffered)], VoucherJson.Default.ReturnOffered)
        .Event(Names[typeof(VoucherEvent.Returned)], VoucherJson.Default.Returned)
        .Event(Names[typeof(VoucherEvent.Voided)], VoucherJson.Default.Voided)
        .Event(Names[typeof(VoucherEvent.Merged)], VoucherJson.Default.Merged)
        .Event(Names[typeof(VoucherEvent.SnapshotTaken)], VoucherJson.Default.SnapshotTaken)
        .Event(Names[typeof(VoucherEvent.PaymentRecorded)], VoucherJson.Default.PaymentRecorded)
        .Event(Names[typeof(VoucherEvent.FellOverdue)], VoucherJson.Default.FellOverdue)
        .Event(Names[typeof(VoucherEvent.SplittingAlarmed)], VoucherJson.Default.SplittingAlarmed)
        .Aggregate(FamilyState.Initial, (state, e) => FamilyState.Evolve(state, (VoucherEvent)e));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(VoucherEvent.Issued))]
[JsonSerializable(typeof(VoucherEvent.TakenOver))]
[JsonSerializable(typeof(VoucherEvent.StatementConfirmed))]
[JsonSerializable(typeof(VoucherEvent.StatementDisputed))]
[JsonSerializable(typeof(VoucherEvent.HandoverAgreed))]
[JsonSerializable(typeof(VoucherEvent.HandoverFiled))]
[JsonSerializable(typeof(VoucherEvent.HandoverEnded))]
[JsonSerializable(typeof(VoucherEvent.Moved))]
[JsonSerializable(typeof(VoucherEvent.Accepted))]
[JsonSerializable(typeof(VoucherEvent.TransferOffered))]
[JsonSerializable(typeof(VoucherEvent.Transferred))]
[JsonSerializable(typeof(VoucherEvent.OfferRejected))]
[JsonSerializable(typeof(VoucherEvent.OfferWithdrawn))]
[JsonSerializable(typeof(VoucherEvent.OfferLapsed))]
[JsonSerializable(typeof(VoucherEvent.PledgeOffered))]
[JsonSerializable(typeof(VoucherEvent.Pledged))]
[JsonSerializable(typeof(VoucherEvent.PledgeReleased))]
[JsonSerializable(typeof(VoucherEvent.SaleOffered))]
[JsonSerializable(typeof(VoucherEvent.Sold))]
[JsonSerializable(typeof(VoucherEvent.RecourseClaimed))]
[JsonSerializable(typeof(VoucherEvent.Repurchased))]
[JsonSerializable(typeof(VoucherEvent.Frozen))]
[JsonSerializable(typeof(VoucherEvent.Unfrozen))]
[JsonSerializable(typeof(VoucherEvent.ReturnOffered))]
[JsonSerializable(typeof(VoucherEvent.Returned))]
[JsonSerializable(typeof(VoucherEvent.Voided))]
[JsonSerializable(typeof(VoucherEvent.Merged))]
[JsonSerializable(typeof(VoucherEvent.SnapshotTaken))]
[JsonSerializable(typeof(VoucherEvent.PaymentRecorded))]
[JsonSerializable(typeof(VoucherEvent.FellOverdue))]
[JsonSerializable(typeof(VoucherEvent.SplittingAlarmed))]
[JsonSerializable(typeof(VoucherCommand))]
internal sealed partial class VoucherJson : JsonSerializerContext;
