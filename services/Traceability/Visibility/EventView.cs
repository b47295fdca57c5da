using System.Globalization;
using System.Text.Json;
using Traceability.Epcis.Documents;

namespace Traceability.Visibility;

/// <summary>Writes a stored event as one viewer may see it, with what the repository adds to it.</summary>
internal static class EventView
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Writes the event as a JSON object; values keep their text.</summary>
    /// <param name="writer">Takes the object.</param>
    /// <param name="body">The event as stored.</param>
    /// <param name="sight">What the viewer may see of it.</param>
    /// <param name="recordTime">When it was captured; one that the client stated is replaced (EPCIS 2.0
    /// §7.4.1).</param>
    public static void Write(
        Utf8JsonWriter writer, ReadOnlySpan<byte> body, Sight sight, DateTimeOffset recordTime)
    {
        writer.WriteStartObject();
        Utf8JsonReader json = new(body);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            json.Read();
            int start = (int)json.TokenStartIndex;
            if (name is "recordTime" or "eventID")
                json.Skip();
            else if (name == "ilmd" && json.TokenType == JsonTokenType.StartObject)
                WriteIlmd(writer, ref json, body, sight);
            else
            {
                json.Skip();
                ReadOnlySpan<byte> value = body[start..(int)json.BytesConsumed];
                if (sight.Shows(JsonPointer.Of(name)))
                {
                    writer.WritePropertyName(name);
                    writer.WriteRawValue(value, skipInputValidation: true);
                }
                else if (name == "errorDeclaration" && sight.MaySee("/errorDeclaration"))
                    WriteDeclaration(writer, value);
            }
            if (name == "type")
                WriteAdded(writer, sight.EventId, recordTime);
        }
        writer.WriteEndObject();
    }

    private static void WriteAdded(Utf8JsonWriter writer, string eventId, DateTimeOffset recordTime)
    {
        writer.WriteString("eventID", eventId);
        writer.WriteString("recordTime", recordTime.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
    }

    /// <summary>A declaration without the ids of correcting events that tell what those say.</summary>
    private static void WriteDeclaration(Utf8JsonWriter writer, ReadOnlySpan<byte> declaration)
    {
        using JsonDocument document = JsonDocument.Parse(declaration.ToArray());
        writer.WriteStartObject("errorDeclaration");
        foreach (JsonProperty member in document.RootElement.EnumerateObject())
        {
            if (member.Name != "correctiveEventIDs")
            {
                member.WriteTo(writer);
                continue;
            }
            writer.WriteStartArray(member.Name);
            foreach (JsonElement id in member.Value.EnumerateArray().Where(id => !Sight.IsContentId(id)))
                id.WriteTo(writer);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteIlmd(
        Utf8JsonWriter writer, ref Utf8JsonReader json, ReadOnlySpan<byte> body, Sight sight)
    {
        bool begun = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            json.Read();
            int start = (int)json.TokenStartIndex;
            json.Skip();
            if (!sight.MaySee(JsonPointer.Of(name, "/ilmd")))
                continue;
            if (!begun)
                writer.WriteStartObject("ilmd");
            begun = true;
            writer.WritePropertyName(name);
            writer.WriteRawValue(body[start..(int)json.BytesConsumed], skipInputValidation: true);
        }
        if (begun)
            writer.WriteEndObject();
    }
}
