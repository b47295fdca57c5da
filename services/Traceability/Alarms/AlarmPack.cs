using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.Options;
using Npgsql;
using Proofs;
using ServiceDefaults;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Problems;
using Traceability.Epcis;
using Traceability.Epcis.Storage;
using Traceability.Gs1;

namespace Traceability.Alarms;

/// <summary>An archive, and how many proofs it lacks.</summary>
internal sealed record PackResult(byte[] Zip, int Missing);

/// <summary>
/// Makes the evidence pack of an alarm: report, figures, every event with its proof, what the events behind the dealer
/// chain say about these goods, the trust file, and how to check it without this service.
/// </summary>
internal sealed class AlarmPack(
    Store store, ProofBundles bundles, AnchorClient anchor, AlarmReading reading, IOptions<ServiceOptions> service)
{
    public const string Format = "alarm-pack/1";

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // Besides what happened the dealer chain needs the items; everything else stays with whoever captured it.
    private static readonly string[] ItemLists = ["/epcList/", "/childEPCs/"];

    /// <summary>Makes it. Proofs that don't come in time are named as missing.</summary>
    public async Task<PackResult> MakeAsync(
        Guid id, IReadOnlyList<StoredEvent> events, AlarmState state, TimeSpan patience, CancellationToken cancellation)
    {
        Files files = new();
        List<JsonObject> missing = [];
        AlarmFinding finding = ((AlarmEvent.Raised)events[0].Data).Finding;
        AlarmEvidence evidence = events.Select(e => e.Data).OfType<AlarmEvent.EvidenceFixed>().First().Evidence;
        byte[]? trust = await anchor.TrustAsync(cancellation);
        if (trust is null)
            missing.Add(new JsonObject { ["file"] = "trust.json", ["state"] = "anchor-unavailable" });
        else
            files.Add("trust.json", trust, "trust file of the chain group; compare its fingerprint");
        foreach (StoredEvent e in events)
        {
            string name = $"{e.Version:D2}-{e.Type["trace.alarm-".Length..^3]}";
            files.Add($"events/{name}.json", e.Bytes.ToArray(), $"event {e.Id}: {e.Type}");
            await ProveAsync(files, missing, e, $"events/{name}.proof.json", patience, cancellation);
        }
        foreach (AlarmSource source in evidence.Sources)
            await AddSourceAsync(files, missing, source, state.Owner, evidence, patience, cancellation);
        files.Add("facts.json", Facts(events), "the finding and its evidence as events 01 and 02 hold them");
        files.Add("report.html", PackReport.Write(id, finding, evidence, events, state, trust, missing.Count),
            "report in Chinese and English, for print");
        files.Add("README.txt", Encoding.UTF8.GetBytes(PackReport.Readme(trust)), "how to verify offline");
        return new PackResult(files.ToZip(Manifest(id, files, missing)), missing.Count(m => m["eventId"] is not null));
    }

    /// <summary>What an event behind the alarm says of it: a movement only what bears on these goods.</summary>
    private async Task AddSourceAsync(
        Files files, List<JsonObject> missing, AlarmSource source, string owner, AlarmEvidence evidence,
        TimeSpan patience, CancellationToken cancellation)
    {
        if (await store.FindEventAsync(source.EventId, cancellation) is not { } e)
            return;
        string name = $"sources/{source.What}-{source.EventId}";
        if (source.What != "movement")
        {
            // Sales of other items stand in the same report, so of another's report only the digest is shown.
            bool whole = e.Tenant == owner && source.What != "sale";
            await ProveAsync(files, missing, e, $"{name}.proof.json", patience, cancellation, whole);
            return;
        }
        await ProveAsync(files, missing, e, $"{name}.proof.json", patience, cancellation);
        if (e.Tenant == owner && await StatementsAsync(e.Id, evidence, cancellation) is { } statements)
            files.Add($"{name}.statements.json", statements, $"what event {e.Id} says of these goods");
    }

    private async Task ProveAsync(
        Files files, List<JsonObject> missing, StoredEvent e, string name, TimeSpan patience,
        CancellationToken cancellation, bool withEvent = true)
    {
        string state;
        try
        {
            (byte[]? bundle, AnchorState now) =
                await bundles.GetAsync(e.Id, e.Bytes, e.Digest, withEvent, patience, cancellation);
            if (bundle is not null)
            {
                files.Add(name, bundle, $"proof of event {e.Id}");
                return;
            }
            state = now.State;
        }
        catch (ProblemException)
        {
            state = "anchor-unavailable";
        }
        missing.Add(new JsonObject { ["file"] = name, ["eventId"] = e.Id.ToString(), ["type"] = e.Type, ["state"] = state });
    }

    private async Task<byte[]?> StatementsAsync(Guid id, AlarmEvidence evidence, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = reading.Command(
            "select secret, hash, body, counts from epcis_bodies where event_id = $1", id);
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellation);
        if (!await row.ReadAsync(cancellation))
            return null;
        HashSet<string> goods =
            [.. evidence.Checks.Select(c => c.Item), .. evidence.Chain.SelectMany(l => new[] { l.Item, l.To })];
        IReadOnlyList<Statement> statements = EventStatements.Of(
            EventRows.HashText(row.GetFieldValue<byte[]>(1)), row.GetFieldValue<byte[]>(2),
            row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3));
        int[] shown = [.. Enumerable.Range(0, statements.Count).Where(i => IsShown(statements[i], goods))];
        return StatementTree.Scattered(row.GetFieldValue<byte[]>(0), statements).Disclose(shown);
    }

    private static bool IsShown(Statement statement, HashSet<string> goods)
    {
        if (EventStatements.WhatHappened.Contains(statement.Pointer))
            return true;
        if (ItemLists.Any(l => statement.Pointer.StartsWith(l, StringComparison.Ordinal)))
            return Uri(statement.Value, null) is { } item && goods.Contains(item);
        // Where it went; what it was bought for and by whom else stays out.
        return statement.Pointer.StartsWith("/destinationList/", StringComparison.Ordinal)
            && Uri(statement.Value, "destination") is { } place && goods.Contains(place);
    }

    private static string? Uri(string json, string? member)
    {
        using JsonDocument value = JsonDocument.Parse(json);
        JsonElement at = value.RootElement;
        if (member is not null && (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(member, out at)))
            return null;
        return at.ValueKind == JsonValueKind.String ? Epc.ToCanonicalUri(at.GetString()!) : null;
    }

    private static byte[] Facts(IReadOnlyList<StoredEvent> events) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["raised"] = Data(events.First(e => e.Data is AlarmEvent.Raised)),
        ["evidence"] = Data(events.First(e => e.Data is AlarmEvent.EvidenceFixed)),
    }.ToJsonString(Readable));

    private static JsonNode? Data(StoredEvent e) => JsonNode.Parse(e.Bytes.Span)!["data"]!.DeepClone();

    private byte[] Manifest(Guid id, Files files, List<JsonObject> missing) =>
        Encoding.UTF8.GetBytes(new JsonObject
        {
            ["format"] = Format,
            ["alarm"] = id.ToString(),
            ["group"] = service.Value.Group,
            ["complete"] = missing.Count == 0,
            ["files"] = new JsonArray([.. files.All.Select(f => new JsonObject
            {
                ["path"] = f.Path,
                ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(f.Bytes)),
                ["size"] = f.Bytes.Length,
                ["about"] = f.About,
            })]),
            ["missing"] = new JsonArray([.. missing]),
        }.ToJsonString(Readable));

    /// <summary>Files of an archive; with the same ones it has the same bytes.</summary>
    private sealed class Files
    {
        private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public List<(string Path, byte[] Bytes, string About)> All { get; } = [];

        public void Add(string path, byte[] bytes, string about) => All.Add((path, bytes, about));

        public byte[] ToZip(byte[] manifest)
        {
            using MemoryStream bytes = new();
            using (ZipArchive zip = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach ((string path, byte[] content, _) in All.Append(("manifest.json", manifest, "")))
                {
                    ZipArchiveEntry entry = zip.CreateEntry(path, CompressionLevel.Optimal);
                    entry.LastWriteTime = Epoch;
                    using Stream stream = entry.Open();
                    stream.Write(content);
                }
            }
            return bytes.ToArray();
        }
    }
}
