using System.Globalization;
using System.Text.Json;

namespace Traceability.Visibility;

/// <summary>Writes a stored event as one viewer may see it, with what the repository adds to it.</summary>
internal static class EventView
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Writes the event as a JSON object; values keep their text.</summary>
    /// <param name="writer">Takes the object.</param>
    /// <param name="body">The event as stored.</param>
    /// <param name="eventId">Its id, the client's or the hash.</param>
    /// <param name="recordTime">When it was captured; one that the client stated is replaced (EPCIS 2.0
    /// §7.4.1).</param>
    /// <param name="relation">How the viewer stands to it.</param>
    /// <param name="policy">Of its owner.</param>
    public static void Write(
        Utf8JsonWriter writer, ReadOnlySpan<byte> body, string eventId, DateTimeOffset recordTime, Relation relation,
        DisclosurePolicy policy)
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
                WriteIlmd(writer, ref json, body, relation, policy);
            else
            {
                json.Skip();
                if (VisibilityRule.MaySee(relation, policy, "/" + name))
                {
                    writer.WritePropertyName(name);
                    writer.WriteRawValue(body[start..(int)json.BytesConsumed], skipInputValidation: true);
                }
            }
            if (name == "type")
                WriteAdded(writer, eventId, recordTime);
        }
        writer.WriteEndObject();
    }

    private static void WriteAdded(Utf8JsonWriter writer, string eventId, DateTimeOffset recordTime)
    {
        writer.WriteString("eventID", eventId);
        writer.WriteString("recordTime", recordTime.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
    }

    private static void WriteIlmd(
        Utf8JsonWriter writer, ref Utf8JsonReader json, ReadOnlySpan<byte> body, Relation relation,
        DisclosurePolicy policy)
    {
        bool begun = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            json.Read();
            int start = (int)json.TokenStartIndex;
            json.Skip();
            if (!VisibilityRule.MaySee(relation, policy, "/ilmd/" + name))
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
