using System.Text.Json;
using System.Text.Json.Serialization;
using Traceability.MasterData;

namespace Traceability.Recalls;

/// <summary>
/// Title and notice of a recall: <c>{"zh", "en"}</c>, one of which may be missing. A plain text, as older events have it,
/// is in the language of its letters.
/// </summary>
public sealed class RecallWording : JsonConverter<Wording>
{
    /// <inheritdoc/>
    public override Wording Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return Wording.Of(reader.GetString()!);
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("Words are a text, or an object with zh and en.");
        string? zh = null, en = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool chinese = reader.ValueTextEquals("zh"u8);
            if (!chinese && !reader.ValueTextEquals("en"u8))
                throw new JsonException("Words have zh and en alone.");
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
                throw new JsonException("Words are text.");
            if (chinese)
                zh = reader.GetString();
            else
                en = reader.GetString();
        }
        return new Wording(zh, en);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Wording value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        if (value.Zh is { } zh)
            writer.WriteString("zh"u8, zh);
        if (value.En is { } en)
            writer.WriteString("en"u8, en);
        writer.WriteEndObject();
    }
}
