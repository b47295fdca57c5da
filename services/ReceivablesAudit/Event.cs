using System.Globalization;
using System.Text.Json;

namespace ReceivablesAudit;

/// <summary>Fen [Start, End) of a voucher.</summary>
public readonly record struct Interval(long Start, long End)
{
    /// <summary>How many fen.</summary>
    public long Fen => End - Start;

    /// <inheritdoc/>
    public override string ToString() => $"[{Start},{End})";
}

/// <summary>One recorded event, read from its canonical bytes.</summary>
/// <param name="Position">Its place in the service's feed, from 1.</param>
/// <param name="Json">Its members.</param>
public sealed record Event(long Position, JsonElement Json)
{
    /// <summary>Stable name, without the service and version around it: <c>voucher-issued</c>.</summary>
    public string Kind { get; } = ShortName(Json.Text("type"));

    /// <summary>The stream that it belongs to.</summary>
    public string Stream { get; } = Json.Text("stream");

    /// <summary>Its place in the stream, from 1.</summary>
    public long Version { get; } = Json.Number("version");

    /// <summary>Its id.</summary>
    public string Id { get; } = Json.Text("id");

    /// <summary>Who acted: of a signed command the maker's key.</summary>
    public string Actor { get; } = Json.Text("actor");

    /// <summary>When the service says it was written.</summary>
    public DateTimeOffset At { get; } = Json.Time("occurredAt");

    /// <summary>What it says.</summary>
    public JsonElement Data { get; } = Json.GetProperty("data");

    /// <summary>How findings name it.</summary>
    public string Place => $"event {Position} ({Kind}, {Stream} #{Version})";

    private static string ShortName(string type)
    {
        string[] parts = type.Split('.');
        return parts.Length == 3 ? parts[1] : type;
    }
}

/// <summary>Short ways to read members; one that is missing or of another type makes the event unreadable.</summary>
internal static class Members
{
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    public static string Text(this JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");

    public static string? TextOr(this JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    public static long Number(this JsonElement json, string name) => json.GetProperty(name).GetInt64();

    public static bool Flag(this JsonElement json, string name) => json.GetProperty(name).GetBoolean();

    public static IEnumerable<JsonElement> List(this JsonElement json, string name) =>
        json.GetProperty(name).EnumerateArray();

    public static Interval Interval(this JsonElement json) => new(json.Number("start"), json.Number("end"));

    public static Interval[] Intervals(this JsonElement json) => [.. json.List("intervals").Select(Interval)];

    public static DateTimeOffset Time(this JsonElement json, string name) => DateTimeOffset.Parse(
        json.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public static DateOnly Day(this JsonElement json, string name) =>
        DateOnly.ParseExact(json.Text(name), "yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly? DayOr(this JsonElement json, string name) =>
        json.TryGetProperty(name, out _) ? json.Day(name) : null;

    /// <summary>The day in Beijing.</summary>
    public static DateOnly Day(this DateTimeOffset time) => DateOnly.FromDateTime(time.ToOffset(Beijing).DateTime);

    /// <summary>18:00 in Beijing on the day before.</summary>
    public static DateTimeOffset CutOff(this DateOnly payDay) =>
        new(payDay.AddDays(-1).ToDateTime(new TimeOnly(18, 0)), Beijing);
}
