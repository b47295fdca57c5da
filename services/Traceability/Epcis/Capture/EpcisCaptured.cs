using System.Text.Json.Serialization;

namespace Traceability.Epcis.Capture;

/// <summary>
/// That an EPCIS event was captured: what is anchored of it, and shown to everybody. The body stands beside it, in a
/// table.
/// </summary>
/// <param name="Statements">Commitment to the CBV event hash and to every statement of the body.</param>
/// <param name="EventId">
/// The client's id in events from before it stood among the statements alone, where it gave one that is no hash of the event.
/// </param>
/// <param name="Capture">The capture job, where there was one.</param>
/// <param name="Counted">
/// Whether the statements say of each item how many events there were before; missing in events from before this.
/// </param>
internal sealed record EpcisCaptured(
    StatementsRoot Statements, string? EventId = null, Guid? Capture = null, bool? Counted = null)
{
    public const string Type = "trace.epcis-captured.v1";
}

/// <summary>The tree over an event's statements.</summary>
/// <param name="Count">Its leaves, a power of two.</param>
/// <param name="Root">RFC 6962 root, in lower-case hexadecimal.</param>
internal sealed record StatementsRoot(int Count, string Root);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EpcisCaptured))]
internal sealed partial class CaptureEventJson : JsonSerializerContext;
