using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EventStore;
using Proofs;
using ReceivablesAudit;

namespace Services.Integration.Receivables.Export;

/// <summary>An export that a test changes, line by line.</summary>
internal sealed class ExportText
{
    private ExportText(IEnumerable<JsonObject> lines) => Lines = [.. lines];

    public List<JsonObject> Lines { get; }

    public JsonObject Head => Lines[0];

    public JsonObject End => (JsonObject)Lines[^1]["end"]!;

    public IEnumerable<JsonObject> Entries => Lines.Where(l => l.ContainsKey("event") || l.ContainsKey("digest"));

    public static ExportText Read(string text) => new(text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(l => (JsonObject)JsonNode.Parse(l)!));

    public ExportText Copy() => new(Lines.Select(l => (JsonObject)l.DeepClone()));

    public IEnumerable<string> Write() =>
        Lines.Select(l =>
            Encoding.UTF8.GetString(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(l.ToJsonString()))));

    public AuditResult Audit(IReadOnlyDictionary<string, string> firstKeys, byte[]? trust) =>
        Auditor.Run(Write(), trust, firstKeys);

    /// <summary>The first event of a kind that fits.</summary>
    public JsonObject Line(string kind, Func<JsonObject, bool>? fits = null) => Entries.First(l =>
        l["event"] is JsonObject e && (string)e["type"]! == $"receivables.{kind}.v1"
        && (fits is null || fits((JsonObject)e["data"]!)));

    /// <summary>What the first event of a kind that fits says.</summary>
    public JsonObject Data(string kind, Func<JsonObject, bool>? fits = null) =>
        (JsonObject)Line(kind, fits)["event"]!["data"]!;

    /// <summary>Makes it an export of somebody who wrote it so from the beginning, and anchored it.</summary>
    public ExportText Anchored(int? seals = null)
    {
        JsonObject[] entries = [.. Entries];
        Dictionary<string, int> versions = [];
        for (int i = 0; i < entries.Length; i++)
        {
            string stream = (string)entries[i]["event"]!["stream"]!;
            entries[i]["event"]!["version"] = versions[stream] = versions.GetValueOrDefault(stream) + 1;
            entries[i]["position"] = i + 1;
        }
        TestAnchor.TestLog log = new([.. entries.Select(Digest)]);
        for (int i = 0; i < entries.Length; i++)
        {
            LogPart part = log.Part(i);
            entries[i]["log"] = new JsonObject
            {
                ["index"] = i,
                ["path"] = new JsonArray([.. part.Path.Select(h => (JsonNode)Convert.ToHexStringLower(h))]),
            };
        }
        Head["checkpoint"] = log.Note;
        Head["chain"] = JsonNode.Parse(Proofs.Json.CanonicalJson.Write(log.Chain(seals).ToJson()));
        (End["events"], End["position"]) = (entries.Length, entries.Length);
        return this;
    }

    private static byte[] Digest(JsonObject line) => SHA256.HashData(
        CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(line["event"]!.ToJsonString())));
}
