using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Proofs;

namespace Traceability.Sensors;

/// <summary>One reading.</summary>
/// <param name="At">When, UTC, in whole milliseconds.</param>
/// <param name="Value">What, in the device's unit.</param>
public readonly record struct Reading(DateTime At, decimal Value);

/// <summary>Reads the series that devices send, and cuts it into statements.</summary>
internal static class Readings
{
    /// <summary>As many as a block of statements may have.</summary>
    public const int CountMax = 1 << 16;

    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>
    /// Reads CSV lines <c>time,value</c>, the time in ISO 8601 or milliseconds since 1970; a first line that begins
    /// with a letter is a heading. Null where a line is none, times don't rise, or there are too many.
    /// </summary>
    public static List<Reading>? FromCsv(ReadOnlySpan<byte> text)
    {
        List<Reading> readings = [];
        bool first = true;
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = (end < 0 ? text : text[..end]).TrimEnd((byte)'\r');
            text = end < 0 ? default : text[(end + 1)..];
            bool heading = first && !line.IsEmpty && char.IsAsciiLetter((char)line[0]);
            first = false;
            if (line.IsEmpty || heading)
                continue;
            int comma = line.IndexOf((byte)',');
            if (comma <= 0 || !TryTime(line[..comma], out DateTime at)
                || !TryValue(line[(comma + 1)..], out decimal value)
                || !TryAdd(readings, at, value))
                return null;
        }
        return readings.Count > 0 ? readings : null;
    }

    /// <summary>Reads JSON <c>[["2026-01-01T00:00:00Z", 4.2], …]</c>; null where it is not that.</summary>
    public static List<Reading>? FromJson(ReadOnlySpan<byte> text)
    {
        List<Reading> readings = [];
        try
        {
            Utf8JsonReader json = new(text);
            json.Read();
            if (json.TokenType != JsonTokenType.StartArray)
                return null;
            while (json.Read() && json.TokenType == JsonTokenType.StartArray)
            {
                json.Read();
                if (json.TokenType is not (JsonTokenType.String or JsonTokenType.Number)
                    || !TryTime(json.ValueSpan, out DateTime at))
                    return null;
                json.Read();
                if (json.TokenType != JsonTokenType.Number || !TryValue(json.ValueSpan, out decimal value)
                    || !TryAdd(readings, at, value) || !json.Read() || json.TokenType != JsonTokenType.EndArray)
                    return null;
            }
            if (json.TokenType != JsonTokenType.EndArray || json.Read())
                return null;
        }
        catch (JsonException)
        {
            return null;
        }
        return readings.Count > 0 ? readings : null;
    }

    /// <summary>
    /// A statement for each reading: <c>/readings/0</c> with <c>["2026-01-01T00:00:00.000Z",4.2]</c>.
    /// </summary>
    public static IReadOnlyList<Statement> Statements(IReadOnlyList<Reading> readings)
    {
        Statement[] statements = new Statement[readings.Count];
        for (int i = 0; i < statements.Length; i++)
        {
            statements[i] = new Statement(
                string.Create(CultureInfo.InvariantCulture, $"/readings/{i}"),
                string.Create(CultureInfo.InvariantCulture,
                    $"[\"{readings[i].At.ToString(TimeForm, CultureInfo.InvariantCulture)}\",{Plain(readings[i].Value)}]"));
        }
        return statements;
    }

    /// <summary>Without zeros at the end, so that 4.20 and 4.2 are one value.</summary>
    private static decimal Plain(decimal value) => value / 1.0000000000000000000000000000m;

    private static bool TryAdd(List<Reading> readings, DateTime at, decimal value)
    {
        if (readings.Count == CountMax || (readings.Count > 0 && at <= readings[^1].At))
            return false;
        readings.Add(new Reading(at, Plain(value)));
        return true;
    }

    private static bool TryValue(ReadOnlySpan<byte> text, out decimal value) =>
        Utf8Parser.TryParse(text, out value, out int used) && used == text.Length && text.Length <= 30;

    private static bool TryTime(ReadOnlySpan<byte> text, out DateTime at)
    {
        at = default;
        if (text.Length <= 15 && Utf8Parser.TryParse(text, out long milliseconds, out int used) && used == text.Length)
        {
            if (milliseconds is < 0 or > 253_402_300_799_999)
                return false;
            at = DateTime.UnixEpoch.AddMilliseconds(milliseconds);
            return true;
        }
        Span<char> characters = stackalloc char[40];
        if (text.Length > characters.Length || !Encoding.UTF8.TryGetChars(text, characters, out int length)
            || !DateTimeOffset.TryParse(characters[..length], CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            return false;
        at = time.UtcDateTime;
        at = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond));
        return true;
    }
}
