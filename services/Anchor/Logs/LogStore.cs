using Npgsql;
using NpgsqlTypes;

namespace Anchor.Logs;

/// <summary>One event that a service recorded.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="Digest">SHA-256 of its canonical bytes.</param>
/// <param name="Position">Its feed position; 0 if no feed names it.</param>
public readonly record struct LogEntry(Guid EventId, byte[] Digest, long Position);

/// <summary>Consecutive events of one service.</summary>
/// <param name="Service">The service.</param>
/// <param name="After">Feed position before the first.</param>
/// <param name="Through">Feed position of the last.</param>
/// <param name="Entries">The events in feed order.</param>
public sealed record EntryBatch(string Service, long After, long Through, IReadOnlyList<LogEntry> Entries);

/// <summary>One entry of a rebuilt log.</summary>
/// <param name="Service">The service that wrote the event; null if none names it any more.</param>
/// <param name="Entry">The entry.</param>
public sealed record LogRow(string? Service, LogEntry Entry);

/// <summary>What became of a batch.</summary>
public enum Applied
{
    /// <summary>Its entries are in the log now.</summary>
    Appended,

    /// <summary>The log had them.</summary>
    Known,

    /// <summary>Events before it are missing; nothing was changed.</summary>
    Gap,
}

/// <summary>A signed checkpoint.</summary>
/// <param name="Size">Number of entries.</param>
/// <param name="Root">Root hash.</param>
/// <param name="Note">Signed note.</param>
public sealed record SignedCheckpoint(long Size, byte[] Root, string Note);

/// <summary>A checkpoint in a final block.</summary>
/// <param name="Size">Number of entries.</param>
/// <param name="Note">Signed note.</param>
/// <param name="Block">Number of the block.</param>
/// <param name="BlockTime">Time of the block, seconds since 1970.</param>
/// <param name="Evidence">The chain's part of a proof, RFC 8785.</param>
/// <param name="IsWitnessed">Whether the note has the cosignatures of enough witnesses.</param>
public sealed record FinalCheckpoint(
    long Size, string Note, long Block, long BlockTime, byte[] Evidence, bool IsWitnessed = false);

/// <summary>Where an event is in the log.</summary>
/// <param name="Index">Log index.</param>
/// <param name="Digest">The entry.</param>
public sealed record LoggedEvent(long Index, byte[] Digest);

/// <summary>The tables of one log.</summary>
public sealed class LogStore
{
    // Entries whose event no service names any more.
    private const short UnknownSource = 0;

    private const string Finals =
        """
        select size, coalesce(witnessed, note), block_number, block_time, evidence, witnessed is not null from checkpoint
        where log = $1 and evidence is not null
        """;

    private readonly NpgsqlDataSource _database;
    private readonly short _log;
    private readonly IReadOnlyDictionary<string, short> _sources;

    private LogStore(NpgsqlDataSource database, short log, IReadOnlyDictionary<string, short> sources)
    {
        (_database, _log, _sources) = (database, log, sources);
        Cosignatures = new CosignatureTable(database, log);
    }

    /// <summary>What witnesses signed.</summary>
    public CosignatureTable Cosignatures { get; }

    /// <summary>Services whose events the log takes.</summary>
    public IEnumerable<string> Services => _sources.Keys;

    /// <summary>Creates the tables where they are missing.</summary>
    public static async Task CreateTablesAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var stream = typeof(LogStore).Assembly.GetManifestResourceStream("Anchor.Logs.Schema.sql")!;
        using var reader = new StreamReader(stream);
        await using var command = database.CreateCommand(await reader.ReadToEndAsync(cancellation));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Epoch of the newest log of a group; 0 before the first.</summary>
    public static async Task<long> EpochAsync(NpgsqlDataSource database, string group, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select coalesce(max(epoch), 0) from log where name = $1");
        command.Parameters.Add(new() { Value = group });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Opens the log of a group's epoch, with a source for each service.</summary>
    public static async Task<LogStore> OpenAsync(NpgsqlDataSource database, string group, long epoch,
        IEnumerable<string> services, CancellationToken cancellation)
    {
        await using var log = database.CreateCommand(
            """
            with added as (insert into log (name, epoch) values ($1, $2) on conflict do nothing returning id)
            select id from added union all select id from log where name = $1 and epoch = $2 limit 1
            """);
        log.Parameters.Add(new() { Value = group });
        log.Parameters.Add(new() { Value = epoch });
        var id = (short)(await log.ExecuteScalarAsync(cancellation))!;
        var sources = new Dictionary<string, short>(StringComparer.Ordinal);
        foreach (var service in services)
        {
            await using var source = database.CreateCommand(
                """
                with added as (insert into source (log, service) values ($1, $2) on conflict do nothing returning id)
                select id from added union all select id from source where log = $1 and service = $2 limit 1
                """);
            source.Parameters.Add(new() { Value = id });
            source.Parameters.Add(new() { Value = service });
            sources[service] = (short)(await source.ExecuteScalarAsync(cancellation))!;
        }
        return new LogStore(database, id, sources);
    }

    /// <summary>Appends a batch if it begins at the cursor of its service; entries and cursor change together.</summary>
    public async Task<Applied> ApplyAsync(EntryBatch batch, CancellationToken cancellation)
    {
        var source = _sources[batch.Service];
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        long size, cursor;
        await using (var read = new NpgsqlCommand(
            "select l.size, s.cursor from log l join source s on s.log = l.id where s.id = $1 for update", connection))
        {
            read.Parameters.Add(new() { Value = source });
            await using var row = await read.ExecuteReaderAsync(cancellation);
            await row.ReadAsync(cancellation);
            (size, cursor) = (row.GetInt64(0), row.GetInt64(1));
        }
        if (batch.After != cursor)
            return batch.Through <= cursor ? Applied.Known : Applied.Gap;
        await CopyAsync(connection, size, batch.Entries.Select(e => (source, e)), cancellation);
        await using (var advance = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("update source set cursor = $2 where id = $1")
                    { Parameters = { new() { Value = source }, new() { Value = batch.Through } } },
                new("update log set size = $2 where id = $1")
                    { Parameters = { new() { Value = _log }, new() { Value = size + batch.Entries.Count } } },
            },
        })
        {
            await advance.ExecuteNonQueryAsync(cancellation);
        }
        await transaction.CommitAsync(cancellation);
        return Applied.Appended;
    }

    /// <summary>Number of entries.</summary>
    public async Task<long> SizeAsync(CancellationToken cancellation)
    {
        await using var command = Command("select size from log where id = $1");
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Feed position through which the log has a service's events.</summary>
    public async Task<long> CursorAsync(string service, CancellationToken cancellation)
    {
        await using var command = _database.CreateCommand("select cursor from source where id = $1");
        command.Parameters.Add(new() { Value = _sources[service] });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Entries from <paramref name="start"/> on, in order, at most <paramref name="count"/>.</summary>
    /// <exception cref="InvalidDataException">An index is missing.</exception>
    public async Task<List<byte[]>> EntriesAsync(long start, int count, CancellationToken cancellation)
    {
        await using var command = Command(
            "select index, digest from entry where log = $1 and index >= $2 and index < $3 order by index", start, start + count);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var entries = new List<byte[]>(count);
        while (await rows.ReadAsync(cancellation))
        {
            if (rows.GetInt64(0) != start + entries.Count)
                throw new InvalidDataException($"Log index {start + entries.Count} is missing.");
            entries.Add(rows.GetFieldValue<byte[]>(1));
        }
        return entries;
    }

    /// <summary>Where an event is, or null if the log has not got it.</summary>
    public async Task<LoggedEvent?> FindAsync(string service, Guid eventId, CancellationToken cancellation)
    {
        if (!_sources.TryGetValue(service, out var source))
            return null;
        await using var command = _database.CreateCommand(
            "select index, digest from entry where source = $1 and event_id = $2");
        command.Parameters.Add(new() { Value = source });
        command.Parameters.Add(new() { Value = eventId });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new LoggedEvent(row.GetInt64(0), row.GetFieldValue<byte[]>(1))
            : null;
    }

    /// <summary>Saves a checkpoint before anybody sees it.</summary>
    public async Task SaveAsync(SignedCheckpoint checkpoint, CancellationToken cancellation)
    {
        await using var command = Command(
            "insert into checkpoint (log, size, root, note) values ($1, $2, $3, $4) on conflict (log, size) do nothing",
            checkpoint.Size, checkpoint.Root, checkpoint.Note);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The signed checkpoint of a size, or of the largest size; null if there is none.</summary>
    public async Task<SignedCheckpoint?> CheckpointAsync(long? size, CancellationToken cancellation)
    {
        await using var command = Command(
            "select size, root, note from checkpoint where log = $1 and size = coalesce($2, size) order by size desc limit 1",
            new NpgsqlParameter { Value = (object?)size ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new SignedCheckpoint(row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetString(2))
            : null;
    }

    /// <summary>Sizes of signed checkpoints up to a size that are not final, ascending.</summary>
    public async Task<List<long>> OpenSizesAsync(long through, CancellationToken cancellation)
    {
        await using var command = Command(
            "select size from checkpoint where log = $1 and size <= $2 and evidence is null order by size", through);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var sizes = new List<long>();
        while (await rows.ReadAsync(cancellation))
            sizes.Add(rows.GetInt64(0));
        return sizes;
    }

    /// <summary>Forgets a signed checkpoint that never was recorded and never will be.</summary>
    public async Task ForgetAsync(long size, CancellationToken cancellation)
    {
        await using var command = Command("delete from checkpoint where log = $1 and size = $2 and evidence is null", size);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Makes a checkpoint final, once.</summary>
    public async Task FinishAsync(FinalCheckpoint final, long epoch, CancellationToken cancellation)
    {
        await using var command = Command(
            """
            update checkpoint set block_number = $3, block_time = $4, evidence = $5, epoch = $6
            where log = $1 and size = $2 and evidence is null
            """,
            final.Size, final.Block, final.BlockTime, final.Evidence, epoch);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The trust file that was kept last, or null.</summary>
    public async Task<byte[]?> TrustFileAsync(CancellationToken cancellation)
    {
        await using var command = Command("select trust from log where id = $1");
        return await command.ExecuteScalarAsync(cancellation) as byte[];
    }

    /// <summary>Keeps the trust file.</summary>
    public async Task SaveTrustFileAsync(byte[] trust, CancellationToken cancellation)
    {
        await using var command = Command("update log set trust = $2 where id = $1", trust);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The first final checkpoint of more than <paramref name="size"/> entries, or null.</summary>
    public Task<FinalCheckpoint?> FirstFinalAsync(long size, CancellationToken cancellation) =>
        FinalAsync(Command(Finals + " and size > $2 order by size limit 1", size), cancellation);

    /// <summary>The first final checkpoint of more than <paramref name="size"/> entries that is witnessed, or null.</summary>
    public Task<FinalCheckpoint?> FirstWitnessedAsync(long size, CancellationToken cancellation) => FinalAsync(
        Command(Finals + " and size > $2 and witnessed is not null order by size limit 1", size), cancellation);

    /// <summary>The last final checkpoint, or null.</summary>
    public Task<FinalCheckpoint?> LastFinalAsync(CancellationToken cancellation) =>
        FinalAsync(Command(Finals + " order by size desc limit 1"), cancellation);

    /// <summary>The last final checkpoint that is witnessed, or null.</summary>
    public Task<FinalCheckpoint?> LastWitnessedAsync(CancellationToken cancellation) =>
        FinalAsync(Command(Finals + " and witnessed is not null order by size desc limit 1"), cancellation);

    /// <summary>Replaces the whole log: entries, cursors and checkpoints, together.</summary>
    public async Task ReplaceAsync(IReadOnlyList<LogRow> rows, IReadOnlyDictionary<string, long> cursors,
        IReadOnlyList<SignedCheckpoint> checkpoints, CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var clear = new NpgsqlBatch(connection))
        {
            var sizes = checkpoints.Select(c => c.Size).ToArray();
            Add(clear, "delete from entry where log = $1", _log);
            Add(clear, "delete from cosignature where log = $1", _log);
            // Evidence of a checkpoint that stays is kept: proofs made from it must not change.
            Add(clear, "delete from checkpoint where log = $1 and not (size = any($2))", _log, sizes);
            foreach (var c in checkpoints)
            {
                Add(clear, "delete from checkpoint where log = $1 and size = $2 and root <> $3", _log, c.Size, c.Root);
                Add(clear, "insert into checkpoint (log, size, root, note) values ($1, $2, $3, $4) on conflict do nothing",
                    _log, c.Size, c.Root, c.Note);
            }
            Add(clear, "update log set size = $2 where id = $1", _log, (long)rows.Count);
            foreach (var (service, id) in _sources)
                Add(clear, "update source set cursor = $2 where id = $1", id, cursors.GetValueOrDefault(service));
            await clear.ExecuteNonQueryAsync(cancellation);
        }
        await CopyAsync(connection, 0,
            rows.Select(r => (r.Service is null ? UnknownSource : _sources[r.Service], r.Entry)), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static void Add(NpgsqlBatch batch, string text, params object[] values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        batch.BatchCommands.Add(command);
    }

    private static async Task<FinalCheckpoint?> FinalAsync(NpgsqlCommand query, CancellationToken cancellation)
    {
        await using var command = query;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new FinalCheckpoint(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3),
                row.GetFieldValue<byte[]>(4), row.GetBoolean(5))
            : null;
    }

    private async Task CopyAsync(NpgsqlConnection connection, long size, IEnumerable<(short Source, LogEntry Entry)> rows,
        CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy entry (log, index, source, event_id, digest) from stdin (format binary)", cancellation);
        foreach (var (source, entry) in rows)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(_log, cancellation);
            await copy.WriteAsync(size++, cancellation);
            await copy.WriteAsync(source, cancellation);
            await copy.WriteAsync(entry.EventId, cancellation);
            await copy.WriteAsync(entry.Digest, cancellation);
        }
        await copy.CompleteAsync(cancellation);
    }

    // The log's id is the first parameter of every statement made here.
    private NpgsqlCommand Command(string text, params object[] values)
    {
        var command = _database.CreateCommand(text);
        command.Parameters.Add(new() { Value = _log });
        foreach (var value in values)
            command.Parameters.Add(value as NpgsqlParameter ?? new() { Value = value });
        return command;
    }
}
