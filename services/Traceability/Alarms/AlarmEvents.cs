using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;
using Traceability.MasterData;
using Traceability.Scanning;

namespace Traceability.Alarms;

/// <summary>Facts about an alarm. Its stream is what both sides can prove.</summary>
public abstract record AlarmEvent
{
    private AlarmEvent()
    {
    }

    /// <summary>A formula found that a limit is passed.</summary>
    /// <param name="Finding">What it found, with all numbers and settings.</param>
    public sealed record Raised(AlarmFinding Finding) : AlarmEvent;

    /// <summary>
    /// What the finding stands on, as it was then: rows of scans are deleted elsewhere, so their facts are kept here.
    /// </summary>
    public sealed record EvidenceFixed(AlarmEvidence Evidence) : AlarmEvent;

    /// <summary>The owner put it to an organisation, which has until then to answer.</summary>
    public sealed record Put(string Organisation, DateTimeOffset AnswerBy, string? Note) : AlarmEvent;

    /// <summary>That organisation answered.</summary>
    public sealed record Answered(string Text, IReadOnlyList<AlarmAttachment> Attachments) : AlarmEvent;

    /// <summary>Somebody who takes part added something.</summary>
    public sealed record Commented(string Text) : AlarmEvent;

    /// <summary>The owner closed it.</summary>
    public sealed record Closed(AlarmOutcome Outcome, string Grounds) : AlarmEvent;

    /// <summary>The organisation chose its own limits for alarms to come.</summary>
    public sealed record LimitsSet(SuspicionLimits Limits) : AlarmEvent;
}

/// <summary>A file that belongs to an answer; it stays with whoever answered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Size">Bytes.</param>
public sealed record AlarmAttachment(string Name, string Sha256, long? Size = null);

/// <summary>How an alarm ended.</summary>
public enum AlarmOutcome
{
    /// <summary>The owner holds that what was suspected is so.</summary>
    Upheld,

    /// <summary>There is an explanation.</summary>
    Explained,

    /// <summary>It should not have been raised.</summary>
    Withdrawn,
}

/// <summary>The stable names and stored forms of these events.</summary>
internal static class AlarmEvents
{
    private const string StreamPrefix = "alarm-";

    public const string LimitsSet = "trace.alarm-limits-set.v1";

    public static string Stream(Guid id) => $"{StreamPrefix}{id}";

    public static string LimitsStream(string tenant) => $"alarmlimits-{tenant}";

    public static Guid IdOf(string stream) =>
        Guid.Parse(stream.AsSpan(StreamPrefix.Length), CultureInfo.InvariantCulture);

    public static string NameOf(AlarmEvent e) => e switch
    {
        AlarmEvent.Raised => "trace.alarm-raised.v1",
        AlarmEvent.EvidenceFixed => "trace.alarm-evidence-fixed.v1",
        AlarmEvent.Put => "trace.alarm-put.v1",
        AlarmEvent.Answered => "trace.alarm-answered.v1",
        AlarmEvent.Commented => "trace.alarm-commented.v1",
        AlarmEvent.Closed => "trace.alarm-closed.v1",
        AlarmEvent.LimitsSet => LimitsSet,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddAlarms(this EventModel model) => model
        .Event("trace.alarm-raised.v1", AlarmEventJson.Default.Raised)
        .Event("trace.alarm-evidence-fixed.v1", AlarmEventJson.Default.EvidenceFixed)
        .Event("trace.alarm-put.v1", AlarmEventJson.Default.Put)
        .Event("trace.alarm-answered.v1", AlarmEventJson.Default.Answered)
        .Event("trace.alarm-commented.v1", AlarmEventJson.Default.Commented)
        .Event("trace.alarm-closed.v1", AlarmEventJson.Default.Closed)
        .Event(ChecksReported.Type, AlarmEventJson.Default.ChecksReported)
        .Event(LimitsSet, AlarmEventJson.Default.LimitsSet)
        .Aggregate(AlarmState.Initial, (AlarmState state, StoredEvent e) =>
            AlarmState.Evolve(state, e.Tenant, (AlarmEvent)e.Data))
        .Aggregate(SuspicionLimits.Default, (SuspicionLimits _, StoredEvent e) =>
            ((AlarmEvent.LimitsSet)e.Data).Limits)
        .Inline(new AlarmRows())
        .Migrate("trace-0501-alarms", AlarmRows.Schema)
        .Migrate("trace-0502-checks", AlarmRows.Checks)
        .Migrate("trace-0503-address-regions", ScanRecorder.AddressRegions)
        .Migrate("trace-0504-check-reports", ReportChecks.Schema);
}

/// <summary>
/// Figures that are no whole numbers as decimal text: canonical events hold none (RFC 8785 would tie them to binary64).
/// </summary>
internal sealed class DecimalConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number
            ? reader.GetDouble()
            : double.TryParse(reader.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
              && double.IsFinite(number)
                ? number
                : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString("0.############", CultureInfo.InvariantCulture));
}

/// <summary>Names of outcomes: <c>upheld</c>, <c>explained</c>, <c>withdrawn</c>.</summary>
internal sealed class OutcomeConverter() : JsonStringEnumConverter<AlarmOutcome>(
    JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>Names of kinds: <c>clone</c>, <c>clone-lot</c>, <c>diversion</c>.</summary>
internal sealed class KindConverter() : JsonStringEnumConverter<AlarmKind>(
    JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(InstantConverter), typeof(DecimalConverter), typeof(OutcomeConverter), typeof(KindConverter)])]
[JsonSerializable(typeof(AlarmEvent.Raised))]
[JsonSerializable(typeof(AlarmEvent.EvidenceFixed))]
[JsonSerializable(typeof(AlarmEvent.Put))]
[JsonSerializable(typeof(AlarmEvent.Answered))]
[JsonSerializable(typeof(AlarmEvent.Commented))]
[JsonSerializable(typeof(AlarmEvent.Closed))]
[JsonSerializable(typeof(AlarmEvent.LimitsSet))]
[JsonSerializable(typeof(AlarmFinding))]
[JsonSerializable(typeof(ChecksReported))]
internal sealed partial class AlarmEventJson : JsonSerializerContext;
