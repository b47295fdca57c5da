using System.Text.Json.Serialization;
using Prepaid.Cards;
using Prepaid.Clauses;
using Prepaid.Custody;
using Prepaid.Days;
using Prepaid.Merchants;
using Prepaid.Receipts;
using Prepaid.Refunds;

namespace Prepaid;

/// <summary>Stored forms, requests and answers of the service.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CardEvent.Opened))]
[JsonSerializable(typeof(CardEvent.Confirmed))]
[JsonSerializable(typeof(CardEvent.Disputed))]
[JsonSerializable(typeof(CardEvent.Sold))]
[JsonSerializable(typeof(CardEvent.Redeemed))]
[JsonSerializable(typeof(CardEvent.Reversed))]
[JsonSerializable(typeof(CardEvent.LostByMerchant))]
[JsonSerializable(typeof(CardEvent.Refunded))]
[JsonSerializable(typeof(CardEvent.Reactivated))]
[JsonSerializable(typeof(CardEvent.KeyChanged))]
[JsonSerializable(typeof(CardEvent.Frozen))]
[JsonSerializable(typeof(CardEvent.Unfrozen))]
[JsonSerializable(typeof(MerchantEvent.Filed))]
[JsonSerializable(typeof(MerchantEvent.SaleStopped))]
[JsonSerializable(typeof(MerchantEvent.SaleResumed))]
[JsonSerializable(typeof(MerchantEvent.KeyRegistered))]
[JsonSerializable(typeof(MerchantEvent.KeyRevoked))]
[JsonSerializable(typeof(CustodyEvent.AccountOpened))]
[JsonSerializable(typeof(CustodyEvent.StatementImported))]
[JsonSerializable(typeof(CustodyEvent.Ordered))]
[JsonSerializable(typeof(CustodyEvent.OrderRejected))]
[JsonSerializable(typeof(CustodyEvent.OffsetGiven))]
[JsonSerializable(typeof(CustodyEvent.DayReconciled))]
[JsonSerializable(typeof(CustodyDetails))]
[JsonSerializable(typeof(Reconciliation))]
[JsonSerializable(typeof(OpenAccountRequest))]
[JsonSerializable(typeof(OrderRequest))]
[JsonSerializable(typeof(RejectRequest))]
[JsonSerializable(typeof(OffsetRequest))]
[JsonSerializable(typeof(IReadOnlyList<VoidClause>))]
[JsonSerializable(typeof(ClauseAnswer))]
[JsonSerializable(typeof(ClauseRequest))]
[JsonSerializable(typeof(CardAnswer))]
[JsonSerializable(typeof(CardOpenedAnswer))]
[JsonSerializable(typeof(CardDetails))]
[JsonSerializable(typeof(MerchantDetails))]
[JsonSerializable(typeof(RefundAnswerDetails))]
[JsonSerializable(typeof(RequirementDetails))]
[JsonSerializable(typeof(ClosedDay))]
[JsonSerializable(typeof(LiabilityDay))]
[JsonSerializable(typeof(ReplayedDay))]
[JsonSerializable(typeof(OpenCardRequest))]
[JsonSerializable(typeof(SellLotRequest))]
[JsonSerializable(typeof(RedeemRequest))]
[JsonSerializable(typeof(QueueRequest))]
[JsonSerializable(typeof(QueueAnswer))]
[JsonSerializable(typeof(PinAnswer))]
[JsonSerializable(typeof(ReverseRequest))]
[JsonSerializable(typeof(FileMerchantRequest))]
[JsonSerializable(typeof(SaleOrderRequest))]
[JsonSerializable(typeof(RegisterKeyRequest))]
[JsonSerializable(typeof(SignReceiptRequest))]
[JsonSerializable(typeof(TakeOverAnswer))]
[JsonSerializable(typeof(DisputeRequest))]
[JsonSerializable(typeof(RefundRequest))]
internal sealed partial class PrepaidJson : JsonSerializerContext;
