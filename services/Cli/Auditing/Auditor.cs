using System.Security.Cryptography;
using Chain.Client;
using Chain.Core;
using Npgsql;
using Proofs;
using Proofs.Merkle;
using Proofs.Notes;

namespace Cli.Auditing;

/// <summary>
/// Computes everything again from the stored bytes: each event's digest, the log's tree from its published entries, and
/// compares that tree with every signed checkpoint and with what the contract recorded. Reads the databases and the
/// public tiles directly and shares no code with the services that wrote them. Of a group with several epochs it audits
/// the last: the log of an earlier one was given up as lost.
/// </summary>
public sealed class Auditor(Instance instance, Api api, TimeProvider time)
{
    private long _events;
    private long _entries;
    private long _checkpoints;
    private long _waiting;

    /// <summary>Audits one service.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="group">The chain group that it anchors to.</param>
    /// <param name="since">Events recorded before this moment are taken as audited; the tree is always computed whole.</param>
    /// <param name="resume">Where an interrupted audit stopped; kept up to date.</param>
    /// <param name="cancel">Ends the audit; it can be resumed.</param>
    public async Task<AuditResult> RunAsync(string service, string group, DateTimeOffset? since, ResumePoint resume, CancellationToken cancel)
    {
        var begun = time.GetTimestamp();
        string? difference = null;
        try
        {
            await EventsAsync(service, group, since, resume, cancel);
            await TreeAsync(group, cancel);
        }
        catch (DifferenceException e)
        {
            difference = e.Message;
        }

        return new AuditResult(service, _events, _entries, _checkpoints, _waiting, difference, time.GetElapsedTime(begun));
    }

    /// <summary>Events in feed order side by side with the log's record of them: the same events, digests and order.</summary>
    private async Task EventsAsync(string service, string group, DateTimeOffset? since, ResumePoint resume, CancellationToken cancel)
    {
        await using var store = await OpenAsync(service, cancel);
        await using var log = await OpenAsync("anchor", cancel);
        var from = Math.Max(resume.Position, since is null ? 0 : await FirstPositionAsync(store, since.Value, cancel) - 1);

        await using var events = new NpgsqlCommand("select position, id, digest, body from store.events where position > $1 order by position", store)
        {
            Parameters = { new() { Value = from } },
        };
        await using var entries = new NpgsqlCommand($"select e.index, e.event_id, e.digest from entry e join source s on s.id = e.source where s.service = $1 and s.log = ({CurrentLog("$3")}) order by e.index offset $2", log)
        {
            Parameters = { new() { Value = service }, new() { Value = from }, new() { Value = group } },
        };
        // The log is read as of a moment before the events: what is recorded meanwhile waits, and is never missing.
        await using var logged = await entries.ExecuteReaderAsync(cancel);
        await using var stored = await events.ExecuteReaderAsync(cancel);
        var expected = from;
        while (await stored.ReadAsync(cancel))
        {
            var position = stored.GetInt64(0);
            if (position != ++expected) throw new DifferenceException($"{service}: event at position {expected} is missing.");
            var digest = SHA256.HashData((byte[])stored[3]);
            if (!digest.AsSpan().SequenceEqual((byte[])stored[2]))
            {
                throw new DifferenceException($"{service}: the bytes of event {stored.GetGuid(1)} (position {position}) hash to {Convert.ToHexStringLower(digest)}, its row says {Convert.ToHexStringLower((byte[])stored[2])}.");
            }

            _events++;
            if (await logged.ReadAsync(cancel)) Compare(service, position, stored.GetGuid(1), digest, logged);
            else _waiting++;
            if (_events % 10_000 == 0) resume.Save(position);
        }

        if (await logged.ReadAsync(cancel)) throw new DifferenceException($"{service}: log index {logged.GetInt64(0)} is of event {logged.GetGuid(1)}, which the service does not have.");
        resume.Clear();
    }

    private static void Compare(string service, long position, Guid id, byte[] digest, NpgsqlDataReader logged)
    {
        if (logged.GetGuid(1) != id || !digest.AsSpan().SequenceEqual((byte[])logged[2]))
        {
            throw new DifferenceException($"{service}: event {id} at position {position} has digest {Convert.ToHexStringLower(digest)}; log index {logged.GetInt64(0)} has event {logged.GetGuid(1)}, digest {Convert.ToHexStringLower((byte[])logged[2])}.");
        }
    }

    private static async Task<long> FirstPositionAsync(NpgsqlConnection store, DateTimeOffset since, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select coalesce(min(position), 1) from store.events where recorded_at >= $1", store)
        {
            Parameters = { new() { Value = since.UtcDateTime } },
        };
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>The tree from the published entries, compared at the size of every checkpoint.</summary>
    private async Task TreeAsync(string group, CancellationToken cancel)
    {
        var trust = TrustFile.Parse(await api.GetBytesAsync($"/api/anchor/groups/{group}/trust", cancel, open: true))
            ?? throw new DifferenceException($"{group}: the trust file that the anchor serves is not valid.");
        var signed = await SignedAsync(group, trust, cancel);
        var recorded = await RecordedAsync(group, trust, cancel);
        // A log that was never sealed has published nothing yet.
        if (signed.Count == 0 && recorded.Count == 0) return;
        var newest = recorded.Keys.DefaultIfEmpty().Max();
        var published = await Publication.AwaitAsync(() => PublishedAsync(group, trust, cancel), newest, time, cancel);
        signed[published.Size] = published.Root;

        var tree = new TiledTree();
        await using var log = await OpenAsync("anchor", cancel);
        await using var command = new NpgsqlCommand($"select digest from entry where log = ({CurrentLog("$1")}) order by index", log)
        {
            Parameters = { new() { Value = group } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancel);
        for (long first = 0; first < published.Size; first += TileId.FullWidth)
        {
            var width = (int)Math.Min(TileId.FullWidth, published.Size - first);
            var tile = new TileId(TileId.EntriesLevel, (ulong)(first / TileId.FullWidth), width);
            var entries = EntryBundle.Read(await api.GetBytesAsync($"/{group}/{tile.Path}", cancel, open: true));
            if (entries.Count < width) throw new DifferenceException($"{group}: {tile.Path} has {entries.Count} entries of {width}.");
            for (var i = 0; i < width; i++)
            {
                if (!await rows.ReadAsync(cancel) || !entries[i].AsSpan().SequenceEqual((byte[])rows[0]))
                {
                    throw new DifferenceException($"{group}: entry {first + i} in {tile.Path} is {Convert.ToHexStringLower(entries[i])}, the anchor's record differs.");
                }

                tree.Append(MerkleTree.LeafHash(entries[i]));
                _entries++;
                if (signed.TryGetValue((long)tree.Size, out var root)) CompareRoot(group, tree, root, "signed checkpoint");
                if (recorded.TryGetValue((long)tree.Size, out var onChain)) CompareRoot(group, tree, onChain, "contract");
            }

            tree.TakeTiles();
        }

        if (recorded.Keys.Any(size => size > published.Size))
        {
            throw new DifferenceException($"{group}: the contract has a checkpoint of {recorded.Keys.Max()} entries, the log publishes {published.Size}.");
        }
    }

    private void CompareRoot(string group, TiledTree tree, byte[] root, string source)
    {
        _checkpoints++;
        var computed = tree.Root();
        if (!computed.AsSpan().SequenceEqual(root))
        {
            throw new DifferenceException($"{group}: the tree of {tree.Size} entries has root {Convert.ToHexStringLower(computed)}, the {source} says {Convert.ToHexStringLower(root)}.");
        }
    }

    private async Task<Dictionary<long, byte[]>> SignedAsync(string group, TrustFile trust, CancellationToken cancel)
    {
        await using var log = await OpenAsync("anchor", cancel);
        await using var command = new NpgsqlCommand($"select note from checkpoint where log = ({CurrentLog("$1")})", log)
        {
            Parameters = { new() { Value = group } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var signed = new Dictionary<long, byte[]>();
        while (await rows.ReadAsync(cancel))
        {
            var checkpoint = ReadNote(rows.GetString(0), group, trust);
            signed[checkpoint.Size] = checkpoint.Root;
        }

        return signed;
    }

    private async Task<Checkpoint> PublishedAsync(string group, TrustFile trust, CancellationToken cancel) => ReadNote(
        System.Text.Encoding.UTF8.GetString(await api.GetBytesAsync($"/{group}/checkpoint", cancel, open: true)), group, trust);

    private static Checkpoint ReadNote(string text, string group, TrustFile trust)
    {
        var note = SignedNote.Parse(text);
        var checkpoint = note is null ? null : Checkpoint.Parse(note.Text);
        var key = trust.Logs.FirstOrDefault(l => l.Origin == checkpoint?.Origin);
        return checkpoint is not null && key is not null && new NoteKey(key.Origin, NoteAlgorithm.Ed25519, key.PublicKey).Verifies(note!.Text, note.Signatures[0])
            ? checkpoint
            : throw new DifferenceException($"{group}: a stored checkpoint is not signed by the log's key:\n{text}");
    }

    /// <summary>What the contract recorded, from all nodes that answer, by size.</summary>
    private async Task<Dictionary<long, byte[]>> RecordedAsync(string group, TrustFile trust, CancellationToken cancel)
    {
        using var http = new HttpClient();
        var nodes = Enumerable.Range(0, Supervision.ChainNetwork.Nodes).Select(i => new Uri($"http://127.0.0.1:{instance.NodeRpcPort + i}/{group}"));
        var chain = new ChainClient(new RpcClient(http, nodes));
        var topic = Keccak256.Hash("CheckpointRecorded(bytes32,uint64,bytes32,uint64)"u8);
        var origin = LogOrigin.Hash(trust.Logs[^1].Origin);
        var head = await chain.BlockNumberAsync(cancel);
        var recorded = new Dictionary<long, byte[]>();
        const ulong Page = 1000;
        for (ulong from = 0; from <= head; from += Page)
        {
            var logs = await chain.LogsAsync(trust.Registry.Address, [topic, origin], from, Math.Min(head, from + Page - 1), cancel);
            foreach (var entry in logs)
            {
                recorded[(long)UInt256.FromBigEndian(entry.Log.Topics[2].Bytes).Limb0] = entry.Log.Data.Span[..32].ToArray();
            }
        }

        return recorded;
    }

    private static string CurrentLog(string group) => $"select id from log where name = {group} order by epoch desc limit 1";

    private async Task<NpgsqlConnection> OpenAsync(string service, CancellationToken cancel)
    {
        var configuration = await instance.ReadConfigurationAsync(service, cancel)
            ?? throw new UserException($"{instance.ConfigurationFile(service)} is missing: an audit reads the databases and runs where the instance runs.", 1);
        var connection = new NpgsqlConnection(configuration["ConnectionStrings"]!["Store"]!.GetValue<string>() + ";Command Timeout=0");
        await connection.OpenAsync(cancel);
        return connection;
    }
}

/// <summary>Where an interrupted audit goes on.</summary>
public sealed class ResumePoint(string file)
{
    /// <summary>Last position that is known to be good.</summary>
    public long Position { get; private set; } = File.Exists(file) && long.TryParse(File.ReadAllText(file), out var position) ? position : 0;

    public void Save(long position)
    {
        Position = position;
        PrivateFile.Write(file, System.Text.Encoding.ASCII.GetBytes(position.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    public void Clear()
    {
        Position = 0;
        if (File.Exists(file)) File.Delete(file);
    }
}
