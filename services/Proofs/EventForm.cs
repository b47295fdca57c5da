using Proofs.Json;

namespace Proofs;

/// <summary>
/// What a verifier demands of an event's bytes: that they have one reading. They are an RFC 8785 object of exactly the
/// members of an event; what the members mean is the business of the service that wrote it.
/// </summary>
internal static class EventForm
{
    private static readonly string[] Names =
        ["actor", "data", "id", "occurredAt", "salt", "service", "stream", "type", "version"];

    public static JsonObject? Read(ReadOnlySpan<byte> utf8) =>
        CanonicalJson.Parse(utf8) is JsonObject form
        && form.Members.Count == Names.Length && Names.All(form.Members.ContainsKey)
            ? form
            : null;

    /// <summary>SHA-256 of the file that the event attests, as its <c>data.content.sha256</c> says; null if none.</summary>
    public static string? FileDigest(JsonObject form) =>
        form.Members["data"] is JsonObject data
        && data.Members.GetValueOrDefault("content") is JsonObject content
        && content.Members.GetValueOrDefault("sha256") is JsonString { Value: var digest }
        && HexText.Decode(digest, 32) is not null
            ? digest
            : null;
}
