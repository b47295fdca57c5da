using System.Text.Json.Serialization;
using Receivables.Vouchers;

namespace Receivables.Ledger;

/// <summary>Answers of the ledger.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(InstantConverter), typeof(StageConverter)])]
[JsonSerializable(typeof(LedgerAnswer))]
[JsonSerializable(typeof(VoucherPage))]
[JsonSerializable(typeof(DueDays))]
[JsonSerializable(typeof(VoucherDetails))]
[JsonSerializable(typeof(FragmentPage))]
[JsonSerializable(typeof(MovementPage))]
[JsonSerializable(typeof(BalanceAnswer))]
[JsonSerializable(typeof(OfferPage))]
[JsonSerializable(typeof(TreeAnswer))]
internal sealed partial class LedgerJson : JsonSerializerContext;

/// <summary>Stages by name: <c>overdue</c>.</summary>
internal sealed class StageConverter()
    : JsonStringEnumConverter<Stage>(System.Text.Json.JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
