using System.Globalization;
using System.Text.Json;

namespace Traceability.Sensors;

/// <summary>Reads temperatures from the sensor elements of an EPCIS event (EPCIS 2.0, section 7.3.7).</summary>
internal static class SensorElements
{
    private const string Type = "Temperature";

    /// <summary>Temperatures in °C, in the order of the event; what has no time of its own has the event's.</summary>
    public static IReadOnlyList<Reading> Celsius(ReadOnlyMemory<byte> body, DateTime eventTime)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        if (!document.RootElement.TryGetProperty("sensorElementList", out JsonElement elements)
            || elements.ValueKind != JsonValueKind.Array)
            return [];
        List<Reading> readings = [];
        foreach (JsonElement element in elements.EnumerateArray())
        {
            DateTime time = Time(element, "sensorMetadata") ?? eventTime;
            if (element.ValueKind != JsonValueKind.Object
                || !element.TryGetProperty("sensorReport", out JsonElement reports)
                || reports.ValueKind != JsonValueKind.Array)
                continue;
            foreach (JsonElement report in reports.EnumerateArray())
            {
                if (Value(report) is { } value)
                    readings.Add(new Reading(Time(report) ?? time, value));
            }
        }
        return readings;
    }

    private static decimal? Value(JsonElement report)
    {
        if (Text(report, "type") is not { } type || type[(type.LastIndexOfAny(['-', ':', '/']) + 1)..] != Type)
            return null;
        foreach (string member in (ReadOnlySpan<string>)["value", "meanValue"])
        {
            if (report.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.Number
                && value.TryGetDecimal(out decimal number))
            {
                return Text(report, "uom") switch
                {
                    null or "CEL" => number,
                    "KEL" => number - 273.15m,
                    "FAH" => Math.Round((number - 32) * 5 / 9, 4),
                    _ => null,
                };
            }
        }
        return null;
    }

    private static DateTime? Time(JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out JsonElement metadata)
            ? Time(metadata) : null;

    private static DateTime? Time(JsonElement element) =>
        Text(element, "time") is { } text && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time.UtcDateTime : null;

    private static string? Text(JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out JsonElement value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
