using System.Text.Json.Serialization;
using EventStore;

namespace Receivables.Vouchers;

/// <summary>The stable names and stored forms of a family's events.</summary>
internal static class VoucherEvents
{
    public static EventModel AddVoucherEvents(this EventModel model) => model
        .Event("receivables.voucher-issued.v1", VoucherJson.Default.Issued)
        .Event("receivables.voucher-accepted.v1", VoucherJson.Default.Accepted)
        .Event("receivables.transfer-offered.v1", VoucherJson.Default.TransferOffered)
        .Event("receivables.transferred.v1", VoucherJson.Default.Transferred)
        .Event("receivables.offer-rejected.v1", VoucherJson.Default.OfferRejected)
        .Event("receivables.offer-withdrawn.v1", VoucherJson.Default.OfferWithdrawn)
        .Event("receivables.offer-lapsed.v1", VoucherJson.Default.OfferLapsed)
        .Event("receivables.pledge-offered.v1", VoucherJson.Default.PledgeOffered)
        .Event("receivables.pledged.v1", VoucherJson.Default.Pledged)
        .Event("receivables.pledge-released.v1", VoucherJson.Default.PledgeReleased)
        .Event("receivables.sale-offered.v1", VoucherJson.Default.SaleOffered)
        .Event("receivables.sold.v1", VoucherJson.Default.Sold)
        .Event("receivables.recourse-claimed.v1", VoucherJson.Default.RecourseClaimed)
        .Event("receivables.repurchased.v1", VoucherJson.Default.Repurchased)
        .Event("receivables.frozen.v1", VoucherJson.Default.Frozen)
        .Event("receivables.unfrozen.v1", VoucherJson.Default.Unfrozen)
        .Event("receivables.return-offered.v1", VoucherJson.Default.ReturnOffered)
        .Event("receivables.voucher-returned.v1", VoucherJson.Default.Returned)
        .Event("receivables.voucher-voided.v1", VoucherJson.Default.Voided)
        .Event("receivables.merged.v1", VoucherJson.Default.Merged)
        .Event("receivables.snapshot-taken.v1", VoucherJson.Default.SnapshotTaken)
        .Event("receivables.payment-recorded.v1", VoucherJson.Default.PaymentRecorded)
        .Event("receivables.fell-overdue.v1", VoucherJson.Default.FellOverdue)
        .Event("receivables.splitting-alarmed.v1", VoucherJson.Default.SplittingAlarmed)
        .Aggregate(FamilyState.Initial, (state, e) => FamilyState.Evolve(state, (VoucherEvent)e));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(VoucherEvent.Issued))]
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
