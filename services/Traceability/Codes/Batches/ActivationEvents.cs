using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using Traceability.Codes.Keys;
using Traceability.Codes.Validation;
using Traceability.Epcis;
using Traceability.Gs1;

namespace Traceability.Codes.Batches;

/// <summary>
/// An activation as standard events: commissioning of its items with their lot, a chunk of items an event. The range
/// alone is decided on; the events follow from it, always the same, each with an id of its own, and
/// <see cref="ActivationCapture"/> captures them.
/// </summary>
internal static class ActivationEvents
{
    /// <summary>Items of one event.</summary>
    public const int ChunkItems = 1_000;

    private const int ChunksMax = 100;

    public static void Map(IEndpointRouteBuilder codes) =>
        codes.MapGet("/batches/{id:guid}/activations/{activation:guid}/events", HandleAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ActivationEvents").WithSummary("An activation as an EPCIS 2.0 document; go on with chunk.");

    private static async Task<IResult> HandleAsync(
        Guid id, Guid activation, HttpContext http, Caller caller, CodeValidator validator, CodeKeys keys,
        int chunk = 0, int chunks = ChunksMax)
    {
        KnownBatch batch = BatchAccess.Known(validator, caller.Tenant, id);
        if (batch.Activations.FirstOrDefault(a => a.Id == activation) is not { } bound)
            return Problem.Of("not-found");
        int all = (bound.Range.Count + ChunkItems - 1) / ChunkItems;
        if (chunk < 0 || chunk >= all || chunks is < 1 or > ChunksMax)
            return Problem.Of("code-query-form", ("field", nameof(chunk)));
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        int end = Math.Min(all, chunk + chunks);
        if (end < all)
            http.Response.Headers.Link = $"<?chunk={end.ToString(CultureInfo.InvariantCulture)}>; rel=\"next\"";
        await using Utf8JsonWriter json = new(http.Response.BodyWriter);
        WriteDocument(json, batch, bound, keys, chunk, end);
        await json.FlushAsync(http.RequestAborted);
        return Results.Empty;
    }

    /// <summary>Writes the chunks in [<paramref name="from"/>, <paramref name="to"/>) as a document.</summary>
    internal static void WriteDocument(
        Utf8JsonWriter json, KnownBatch batch, CodeActivation bound, CodeKeys keys, int from, int to)
    {
        Begin(json, bound.At);
        for (int i = from; i < to; i++)
            Write(json, batch, bound, keys, i);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>A document of events that are written already, as their stored bodies are.</summary>
    internal static byte[] Document(JsonArray events) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["@context"] = new JsonArray(
            EpcisDocuments.ContextUri, new JsonObject { ["cbvmda"] = "urn:epcglobal:cbv:mda:" }),
        ["type"] = "EPCISDocument",
        ["schemaVersion"] = "2.0",
        // The document's own date is no part of any event.
        ["creationDate"] = "2000-01-01T00:00:00.000Z",
        ["epcisBody"] = new JsonObject { ["eventList"] = events },
    });

    /// <summary>Writes the event of one chunk. Destroyed labels are on no item.</summary>
    internal static void Write(Utf8JsonWriter json, KnownBatch batch, CodeActivation bound, CodeKeys keys, int chunk)
    {
        int from = bound.Range.From + (chunk * ChunkItems);
        int to = Math.Min(bound.Range.To, from + ChunkItems);
        string at = bound.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        json.WriteStartObject();
        json.WriteString("type", "ObjectEvent");
        json.WriteString("eventID", $"urn:uuid:{IdOf(bound.Id, chunk)}");
        json.WriteString("eventTime", at);
        json.WriteString("eventTimeZoneOffset", "+00:00");
        json.WriteString("action", "ADD");
        json.WriteString("bizStep", "commissioning");
        json.WriteString("disposition", "active");
        json.WriteStartArray("epcList");
        for (int counter = from; counter < to; counter++)
        {
            if (!batch.Destroyed.Contains(counter))
                json.WriteStringValue(
                    $"{DigitalLink.CanonicalStem}/01/{batch.Gtin}/21/"
                    + batch.SerialOf(keys[batch.Opened.KeyVersion], counter));
        }
        json.WriteEndArray();
        json.WriteStartObject("ilmd");
        json.WriteString("cbvmda:lotNumber", bound.Lot);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // A UUIDv8 (RFC 9562 section 5.8) of activation and chunk, so that sending the events twice is seen.
    internal static Guid IdOf(Guid activation, int chunk)
    {
        Span<byte> bytes = stackalloc byte[20];
        activation.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bytes[16..], chunk);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    private static void Begin(Utf8JsonWriter json, DateTimeOffset at)
    {
        json.WriteStartObject();
        json.WriteStartArray("@context");
        json.WriteStringValue("https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld");
        json.WriteStartObject();
        json.WriteString("cbvmda", "urn:epcglobal:cbv:mda:");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("type", "EPCISDocument");
        json.WriteString("schemaVersion", "2.0");
        json.WriteString("creationDate", at.UtcDateTime);
        json.WriteStartObject("epcisBody");
        json.WriteStartArray("eventList");
    }
}
