using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Proofs.Json;

namespace ReceivablesAudit;

/// <summary>One line of an export.</summary>
/// <param name="Number">Which, from 1.</param>
/// <param name="Json">Its members.</param>
/// <param name="Event">The event, where the line shows one.</param>
/// <param name="Digest">SHA-256 of the event's bytes, or the digest that stands in their place; else empty.</param>
public sealed record ExportLine(long Number, JsonElement Json, Event? Event, byte[] Digest)
{
    private static readonly string[] EventMembers =
        ["actor", "data", "id", "occurredAt", "salt", "service", "stream", "type", "version"];

    /// <summary>Whether the line has a member.</summary>
    public bool Has(string name) => Json.TryGetProperty(name, out _);

    /// <summary>Whether the line is an event or the digest of one.</summary>
    public bool IsEntry => Digest.Length > 0;

    /// <summary>Reads lines; what can't be read is reported.</summary>
    public static IEnumerable<ExportLine> Read(IEnumerable<string> lines, Findings findings)
    {
        long number = 0;
        foreach (string text in lines)
        {
            number++;
            if (text.Length > 0 && Parse(number, text, findings) is { } line)
                yield return line;
        }
    }

    private static ExportLine? Parse(long number, string text, Findings findings)
    {
        try
        {
            JsonElement json = JsonElement.Parse(text);
            if (json.TryGetProperty("digest", out JsonElement digest))
                return new ExportLine(number, json, null, Convert.FromHexString(digest.GetString()!));
            if (!json.TryGetProperty("event", out JsonElement content))
                return new ExportLine(number, json, null, []);
            byte[] bytes = Encoding.UTF8.GetBytes(content.GetRawText());
            // One reading only: sorted members, no duplicates, no other spelling (RFC 8785).
            bool canonical = CanonicalJson.Parse(bytes) is JsonObject form
                && form.Members.Count == EventMembers.Length && EventMembers.All(form.Members.ContainsKey);
            if (!canonical)
                findings.Report("event-form", $"line {number}", "the RFC 8785 form of an event", "another text");
            return new ExportLine(
                number, json, new Event(json.Number("position"), content), SHA256.HashData(bytes));
        }
        catch (Exception x) when (x is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or ArgumentException)
        {
            findings.Report("line-unreadable", $"line {number}", "a line of receivables-export/1", x.Message);
            return null;
        }
    }
}
