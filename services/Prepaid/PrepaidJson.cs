using System.Text.Json.Serialization;
using Prepaid.Cards;
using Prepaid.Custody;
using Prepaid.Merchants;
using Prepaid.Refunds;

namespace Prepaid;

/// <summary>Stored forms, requests and answers of the service.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CardEvent.Opened))]
[JsonSerializable(typeof(CardEvent.Confirmed))]
[JsonSerializable(typeof(CardEvent.Sold))]
[JsonSerializable(typeof(CardEvent.Redeemed))]
[JsonSerializable(typeof(CardEvent.Reversed))]
[JsonSerializable(typeof(CardEvent.Refunded))]
[JsonSerializable(typeof(CardEvent.Reactivated))]
[JsonSerializable(typeof(CardEvent.KeyChanged))]
[JsonSerializable(typeof(CardEvent.Frozen))]
[JsonSerializable(typeof(CardEvent.Unfrozen))]
[JsonSerializable(typeof(MerchantEvent.Filed))]
[JsonSerializable(typeof(MerchantEvent.SaleStopped))]
[JsonSerializable(typeof(MerchantEvent.SaleResumed))]
[JsonSerializable(typeof(CardAnswer))]
[JsonSerializable(typeof(CardOpenedAnswer))]
[JsonSerializable(typeof(CardDetails))]
[JsonSerializable(typeof(MerchantDetails))]
[JsonSerializable(typeof(RefundAnswerDetails))]
[JsonSerializable(typeof(RequirementDetails))]
[JsonSerializable(typeof(OpenCardRequest))]
[JsonSerializable(typeof(SellLotRequest))]
[JsonSerializable(typeof(RedeemRequest))]
[JsonSerializable(typeof(ReverseRequest))]
[JsonSerializable(typeof(FileMerchantRequest))]
[JsonSerializable(typeof(SaleOrderRequest))]
[JsonSerializable(typeof(RefundRequest))]
internal sealed partial class PrepaidJson : JsonSerializerContext;
