using System.Text.Json.Serialization;

namespace Prepaid.Risk;

/// <summary>Stored forms, requests and answers of grades; letters stand as they are written: <c>AAA</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(RiskEvent.Graded))]
[JsonSerializable(typeof(RiskEvent.Appealed))]
[JsonSerializable(typeof(RiskEvent.AppealDecided))]
[JsonSerializable(typeof(RiskEvent.AlertHandled))]
[JsonSerializable(typeof(AppealRequest))]
[JsonSerializable(typeof(AppealDecisionRequest))]
[JsonSerializable(typeof(HandleAlertRequest))]
[JsonSerializable(typeof(GradedDay))]
[JsonSerializable(typeof(RatedPage))]
[JsonSerializable(typeof(RatedDetails))]
[JsonSerializable(typeof(ObservedDays))]
internal sealed partial class RiskJson : JsonSerializerContext;
