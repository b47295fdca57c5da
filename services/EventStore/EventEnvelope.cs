using System.Globalization;
using System.Text.Json;

namespace EventStore;

/// <summary>The canonical bytes <c>{actor, data, id, occurredAt, salt, service, stream, type, version}</c>.</summary>
internal sealed record EventEnvelope(string Actor, DateTimeOffset OccurredAt, Range Data)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Member names are written in RFC 8785 order, so only the data needs sorting.</summary>
    public static byte[] Write(EventModel model, string service, string stream, long version, NewEvent e)
    {
        var output = new Utf8Buffer(512);
        output.Write("{\"actor\":"u8);
        CanonicalJson.WriteString(e.Actor, output);
        output.Write(",\"data\":"u8);
        var data = output.Length;
        CanonicalJson.Write(model.Encode(e.Type, e.Data), output);
        if (output.Written[data] != '{') throw new JsonFormException("The data of an event must be a JSON object.");
        output.Write(",\"id\":\""u8);
        output.WriteAscii(e.Id.ToString("D"));
        output.Write("\",\"occurredAt\":\""u8);
        output.WriteAscii(e.OccurredAt.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
        output.Write("\",\"salt\":\""u8);
        output.WriteAscii(Convert.ToHexStringLower(e.Salt.Span));
        output.Write("\",\"service\":"u8);
        CanonicalJson.WriteString(service, output);
        output.Write(",\"stream\":"u8);
        CanonicalJson.WriteString(stream, output);
        output.Write(",\"type\":"u8);
        CanonicalJson.WriteString(e.Type, output);
        output.Write(",\"version\":"u8);
        output.WriteAscii(version.ToString(CultureInfo.InvariantCulture));
        output.Write("}"u8);
        return output.Written.ToArray();
    }

    public static EventEnvelope Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        string? actor = null, occurredAt = null;
        Range data = default;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "actor": actor = reader.GetString(); break;
                case "occurredAt": occurredAt = reader.GetString(); break;
                case "data":
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    data = start..(int)reader.BytesConsumed;
                    break;
                default: reader.Skip(); break;
            }
        }
        if (actor is null || occurredAt is null) throw new JsonFormException("A stored event lacks its actor or time.");
        return new EventEnvelope(actor, DateTimeOffset.ParseExact(
            occurredAt, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal), data);
    }
}
