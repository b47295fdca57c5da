using System.Text.Json.Serialization;
using EventStore;
using Traceability.Codes.Batches;
using Traceability.Codes.Covered;
using Traceability.Codes.Foreign;
using Traceability.Codes.Keys;
using Traceability.Codes.Quotas;
using Traceability.Codes.Validation;

namespace Traceability.Codes;

/// <summary>The stable names and stored forms of the events about codes.</summary>
internal static class CodeEvents
{
    public const string Opened = "trace.code-batch-opened.v1";
    public const string Printed = "trace.codes-printed.v1";
    public const string Destroyed = "trace.codes-destroyed.v1";
    public const string Activated = "trace.codes-activated.v1";
    public const string Unbound = "trace.codes-unbound.v1";
    public const string Set = "trace.labels-set.v1";
    public const string OutputCertified = "trace.output-certified.v1";
    public const string CodesAllotted = "trace.codes-allotted.v1";
    public const string CodesTakenOver = "trace.codes-taken-over.v1";
    public const string Imported = "trace.foreign-codes-imported.v1";
    public const string KeysRotated = "trace.code-keys-rotated.v1";

    public static string StreamOf(Guid batch) => $"codebatch-{batch:D}";

    public static string StreamOfGtin(string gtin) => $"gtin-codes-{gtin}";

    public static string StreamOfList(Guid list) => $"codelist-{list:D}";

    public static EventModel AddCodes(this EventModel model) => model
        .Event(Opened, CodeEventJson.Default.Opened)
        .Event(Printed, CodeEventJson.Default.Printed)
        .Event(Destroyed, CodeEventJson.Default.Destroyed)
        .Event(Activated, CodeEventJson.Default.Activated)
        .Event(Unbound, CodeEventJson.Default.Unbound)
        .Event(Set, CodeEventJson.Default.Set)
        .Event(OutputCertified, CodeEventJson.Default.OutputCertified)
        .Event(CodesAllotted, CodeEventJson.Default.CodesAllotted)
        .Event(CodesTakenOver, CodeEventJson.Default.CodesTakenOver)
        .Event(Imported, CodeEventJson.Default.ForeignCodesImported)
        .Event(KeysRotated, CodeEventJson.Default.CodeKeysRotated)
        .Aggregate(CodeBatchState.Initial, (state, e) => CodeBatchState.Evolve(state, (CodeBatchEvent)e))
        .Aggregate(GtinCodesState.Initial, (GtinCodesState state, StoredEvent e) => GtinCodesState.Evolve(state, e))
        .Inline(new CodeRows())
        .Async(new Quotas.QuotaRows())
        .Migrate("trace-codes-0001", CodeRows.Schema)
        .Migrate("trace-codes-0002-covers", CoveredCodes.Schema)
        .Migrate("trace-codes-0003-key-checks", KeyChecks.Schema)
        .Migrate("trace-0306-activation-captures", ActivationCapture.Schema)
        .Migrate("trace-0312-unbound-codes", UnbindCodes.Schema)
        .Migrate("trace-0308-code-quotas", Quotas.QuotaRows.Schema)
        .Migrate("trace-0314-quota-certifiers", Quotas.QuotaRows.Certifiers)
        .Migrate("trace-0315-quota-earlier", Quotas.QuotaRows.Earlier);
}

/// <summary>Stored forms.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(ModeConverter), typeof(ActivationConverter), typeof(MasterData.InstantConverter)])]
[JsonSerializable(typeof(CodeBatchEvent.Opened))]
[JsonSerializable(typeof(CodeBatchEvent.Printed))]
[JsonSerializable(typeof(CodeBatchEvent.Destroyed))]
[JsonSerializable(typeof(CodeBatchEvent.Activated))]
[JsonSerializable(typeof(CodeBatchEvent.Unbound))]
[JsonSerializable(typeof(CodeBatchEvent.Set))]
[JsonSerializable(typeof(GtinCodesEvent.OutputCertified))]
[JsonSerializable(typeof(GtinCodesEvent.CodesAllotted))]
[JsonSerializable(typeof(GtinCodesEvent.CodesTakenOver))]
[JsonSerializable(typeof(ForeignCodesImported))]
[JsonSerializable(typeof(CodeKeysRotated))]
internal sealed partial class CodeEventJson : JsonSerializerContext;

/// <summary>Requests, answers and files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(ModeConverter), typeof(ActivationConverter), typeof(AnswerConverter)])]
[JsonSerializable(typeof(List<QuotaRule>))]
[JsonSerializable(typeof(List<StoredKey>))]
[JsonSerializable(typeof(QuotaAnswer))]
[JsonSerializable(typeof(GtinQuotas))]
[JsonSerializable(typeof(BatchAnswer))]
[JsonSerializable(typeof(BatchPage))]
[JsonSerializable(typeof(ActivationAnswer))]
[JsonSerializable(typeof(ActivationPage))]
[JsonSerializable(typeof(UnbindAnswer))]
[JsonSerializable(typeof(SetAnswer))]
[JsonSerializable(typeof(SetMembers))]
[JsonSerializable(typeof(ValidateAnswer))]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(IReadOnlyList<KnownList>))]
[JsonSerializable(typeof(KeysAnswer))]
[JsonSerializable(typeof(CoverAnswer))]
internal sealed partial class CodeJson : JsonSerializerContext;

/// <summary>How requests are read; the strict rules come from the service's own options.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(ModeConverter), typeof(ActivationConverter)])]
[JsonSerializable(typeof(CertifyRequest))]
[JsonSerializable(typeof(OpenBatchRequest))]
[JsonSerializable(typeof(RangeRequest))]
[JsonSerializable(typeof(ActivateRequest))]
[JsonSerializable(typeof(UnbindRequest))]
[JsonSerializable(typeof(SetRequest))]
[JsonSerializable(typeof(ValidateRequest))]
[JsonSerializable(typeof(CoverRequest))]
internal sealed partial class CodeRequestJson : JsonSerializerContext;

/// <summary>Names of serial modes: <c>text</c>, <c>numeric</c>.</summary>
internal sealed class ModeConverter() : JsonStringEnumConverter<SerialMode>(
    System.Text.Json.JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>Names of activations: <c>required</c>, <c>on-print</c>.</summary>
internal sealed class ActivationConverter() : JsonStringEnumConverter<Activation>(
    System.Text.Json.JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>Names of answers: <c>not-ours</c>, <c>not-in-use</c>, <c>in-use</c>.</summary>
internal sealed class AnswerConverter() : JsonStringEnumConverter<CodeStanding>(
    System.Text.Json.JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
