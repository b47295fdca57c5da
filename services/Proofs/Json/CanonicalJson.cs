using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Proofs.Json;

/// <summary>
/// RFC 8785 (JCS) for JSON whose numbers are integers within ±(2⁵³−1). Reading accepts a text only if writing the
/// result gives the same bytes, so every value has one spelling.
/// </summary>
public static class CanonicalJson
{
    /// <summary>Arrays and objects may lie this deep in each other.</summary>
    public const int MaxDepth = 64;

    /// <summary>Reads UTF-8 JSON that is its own RFC 8785 form; null for everything else.</summary>
    public static JsonValue? Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read() || Read(ref reader) is not { } value || reader.Read())
                return null;
            return utf8.SequenceEqual(Write(value)) ? value : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // JsonException: not JSON. InvalidOperationException: a string that is not Unicode text.
            return null;
        }
    }

    /// <summary>The RFC 8785 form in UTF-8.</summary>
    public static byte[] Write(JsonValue value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static JsonValue? Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader),
        JsonTokenType.StartArray => ReadArray(ref reader),
        JsonTokenType.String => new JsonString(reader.GetString() ?? ""),
        JsonTokenType.Number => ReadInteger(ref reader),
        JsonTokenType.True => new JsonBoolean(true),
        JsonTokenType.False => new JsonBoolean(false),
        _ => JsonNull.Instance,
    };

    private static JsonObject? ReadObject(ref Utf8JsonReader reader)
    {
        var members = new Dictionary<string, JsonValue>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString() ?? "";
            if (!reader.Read() || Read(ref reader) is not { } value || !members.TryAdd(name, value))
                return null;
        }
        return new JsonObject(members);
    }

    private static JsonArray? ReadArray(ref Utf8JsonReader reader)
    {
        var items = new List<JsonValue>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Read(ref reader) is not { } item)
                return null;
            items.Add(item);
        }
        return new JsonArray(items);
    }

    private static JsonInteger? ReadInteger(ref Utf8JsonReader reader) =>
        reader.TryGetInt64(out var value) && value is >= -JsonInteger.Max and <= JsonInteger.Max
            ? new JsonInteger(value)
            : null;

    private static void Append(StringBuilder text, JsonValue value)
    {
        switch (value)
        {
            case JsonObject o:
                var names = o.Members.Keys.Order(StringComparer.Ordinal).ToList();
                AppendList(text, '{', '}', names, name =>
                {
                    AppendString(text, name);
                    text.Append(':');
                    Append(text, o.Members[name]);
                });
                break;
            case JsonArray a:
                AppendList(text, '[', ']', a.Items, item => Append(text, item));
                break;
            case JsonString s:
                AppendString(text, s.Value);
                break;
            case JsonInteger i:
                text.Append(i.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case JsonBoolean b:
                text.Append(b.Value ? "true" : "false");
                break;
            default:
                text.Append("null");
                break;
        }
    }

    private static void AppendList<T>(StringBuilder text, char open, char close, IReadOnlyList<T> items, Action<T> append)
    {
        text.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                text.Append(',');
            append(items[i]);
        }
        text.Append(close);
    }

    // RFC 8785 §3.2.2.2: two-character escapes where JSON has them, \u00xx for other controls, all else as it is.
    private static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }
        text.Append('"');
    }
}
