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
        var members = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(members, Compact))
        {
            writer.WriteStartObject();
            foreach (JsonProperty member in element.EnumerateObject())
            {
                if (member.NameEquals("@context"u8) || member.NameEquals("recordTime"u8)) continue;
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return scope.HasAdded ? WithContext(members.WrittenSpan, scope) : members.WrittenSpan.ToArray();
    }

    private static byte[] WithContext(ReadOnlySpan<byte> members, PrefixScope scope)
    {
        var context = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(context, Compact))
        {
            writer.WriteStartObject();
            scope.WriteUsed(writer, members);
            writer.WriteEndObject();
        }

        // Two objects, of which the first may be empty, become one; an event always has members.
        return context.WrittenCount == 2
            ? members.ToArray()
            : [.. context.WrittenSpan[..^1], (byte)',', .. members[1..]];
    }
}
