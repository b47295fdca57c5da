using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Traceability.Epcis.Documents;

/// <summary>Writes an event as it is kept and returned.</summary>
internal static class EventBody
{
    public static readonly JsonWriterOptions Compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true
    };

    public static ReadOnlyMemory<byte> Write(JsonElement element, PrefixScope scope)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            scope.WriteUsed(writer, element);
            foreach (JsonProperty member in element.EnumerateObject())
            {
                if (member.NameEquals("@context"u8) || member.NameEquals("recordTime"u8)) continue;
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory.ToArray();
    }
}
