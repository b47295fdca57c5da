using System.Globalization;
using System.Text.Json.Serialization;
using EventStore;

namespace Traceability.Recalls;

/// <summary>The stable names and stored forms of a recall's events.</summary>
internal static class RecallEvents
{
    private const string StreamPrefix = "recall-";
    private const string Opened = "trace.recall-opened.v1";
    private const string ScopeFound = "trace.recall-scope-found.v1";
    private const string PlanFiled = "trace.recall-plan-filed.v1";
    private const string NoticeGiven = "trace.recall-notice-given.v1";
    private const string ProgressReported = "trace.recall-progress-reported.v1";
    private const string Disposed = "trace.recall-disposed.v1";
    private const string HolderConfirmed = "trace.recall-holder-confirmed.v1";
    private const string Ended = "trace.recall-ended.v1";

    public static string Stream(Guid id) => StreamPrefix + id;

    public static Guid IdOf(string stream) =>
        Guid.Parse(stream.AsSpan(StreamPrefix.Length), CultureInfo.InvariantCulture);

    public static string NameOf(RecallEvent e) => e switch
    {
        RecallEvent.Opened => Opened,
        RecallEvent.ScopeFound => ScopeFound,
        RecallEvent.PlanFiled => PlanFiled,
        RecallEvent.NoticeGiven => NoticeGiven,
        RecallEvent.ProgressReported => ProgressReported,
        RecallEvent.Disposed => Disposed,
        RecallEvent.HolderConfirmed => HolderConfirmed,
        RecallEvent.Ended => Ended,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddRecalls(this EventModel model) => model
        .Event(Opened, RecallEventJson.Default.Opened)
        .Event(ScopeFound, RecallEventJson.Default.ScopeFound)
        .Event(PlanFiled, RecallEventJson.Default.PlanFiled)
        .Event(NoticeGiven, RecallEventJson.Default.NoticeGiven)
        .Event(ProgressReported, RecallEventJson.Default.ProgressReported)
        .Event(Disposed, RecallEventJson.Default.Disposed)
        .Event(HolderConfirmed, RecallEventJson.Default.HolderConfirmed)
        .Event(Ended, RecallEventJson.Default.Ended)
        .Aggregate(RecallState.Initial, Evolve)
        .Inline(new RecallTables())
        .Migrate("trace-0411-recalls", RecallTables.Schema)
        .Migrate("trace-0412-recall-webhooks", RecallWebhooks.Schema)
        .Migrate("trace-0413-recall-authority", RecallTables.Authority)
        .Migrate("trace-0414-recall-claims", RecallTables.Claims)
        .Migrate("trace-0415-recall-languages", RecallTables.Languages)
        .Migrate("trace-0416-recall-confirmations", RecallTables.Confirmations);

    public static RecallState Evolve(RecallState state, StoredEvent e) =>
        RecallState.Evolve(state, (RecallEvent)e.Data, e.OccurredAt);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RecallEvent.Opened))]
[JsonSerializable(typeof(RecallEvent.ScopeFound))]
[JsonSerializable(typeof(RecallEvent.PlanFiled))]
[JsonSerializable(typeof(RecallEvent.NoticeGiven))]
[JsonSerializable(typeof(RecallEvent.ProgressReported))]
[JsonSerializable(typeof(RecallEvent.Disposed))]
[JsonSerializable(typeof(RecallEvent.HolderConfirmed))]
[JsonSerializable(typeof(RecallEvent.Ended))]
internal sealed partial class RecallEventJson : JsonSerializerContext;
