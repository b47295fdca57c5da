using EventStore;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Stores;
using Traceability.Codes.Batches;
using Traceability.Codes.Foreign;
using Traceability.Codes.Keys;

namespace Traceability.Codes.Validation;

/// <summary>
/// Loads the validator at start and keeps it up to date: after a command of this process at once, after one of another
/// process as soon as the feed shows it.
/// </summary>
internal sealed partial class CodeTables(
    Store store, CodeValidator validator, CodeKeys keys, ILogger<CodeTables> log)
    : BackgroundService, IStoreStartupStep
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _one = new(1, 1);
    private long _seen = -1;

    /// <summary>Whether everything committed before the start is known.</summary>
    public bool Loaded => Volatile.Read(ref _seen) >= 0;

    /// <inheritdoc />
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await CatchUpAsync(cancellationToken);
        if (keys.IsNew && validator.BatchCount > 0)
        {
            // With other keys every printed code would be called not ours.
            keys.Discard();
            throw new InvalidOperationException(
                "There are code batches and no key file: restore keys/serials.json from its backup.");
        }
        await KeyChecks.CompareAsync(store, keys, cancellationToken);
    }

    /// <summary>Learns everything that was committed before the call.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            long head = await store.FeedHeadAsync(cancellationToken);
            if (head == _seen)
                return;
            // What is committed meanwhile waits for the next round: the tables are read one after the other.
            (ILookup<Guid, CodeActivation> whole, ILookup<Guid, CodeActivation> added) =
                await ActivationsAsync(head, cancellationToken);
            await BatchesAsync(whole, head, cancellationToken);
            foreach (IGrouping<Guid, CodeActivation> activated in added)
            {
                if (validator.Batch(activated.Key) is { } batch)
                    validator.Learn(activated.Aggregate(batch, (known, a) => known.With(a)));
            }
            await ListsAsync(head, cancellationToken);
            Volatile.Write(ref _seen, head);
        }
        finally
        {
            _one.Release();
        }
    }

    public override void Dispose()
    {
        _one.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (!Loaded)
            {
                await Task.Delay(Breath, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            try
            {
                await CatchUpAsync(stoppingToken);
                using var poll = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                poll.CancelAfter(Pause);
                await store.WaitForFeedAsync(_seen, poll.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                // Events of other kinds come by the thousand; looking a few times a second is enough.
                await Task.Delay(Breath, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The service goes on with what it knows; the fault is logged and tried again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                NotCurrent(log, e);
                await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>
    /// Activations up to the head of every batch that changed, which is learnt whole, and new ones of the others, which
    /// may have thousands already.
    /// </summary>
    private async Task<(ILookup<Guid, CodeActivation> Whole, ILookup<Guid, CodeActivation> Added)> ActivationsAsync(
        long head, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select a.batch, a.id, a.event_id, a.from_code, a.to_code, a.lot, a.line, a.dealer, a.at,
                b.changed > $1 and b.changed <= $2
            from code_activations a join code_batches b on b.id = a.batch
            where a.id in (
                select id from code_activations where changed > $1 and changed <= $2
                union all
                select x.id from code_batches c join code_activations x on x.batch = c.id
                where c.changed > $1 and c.changed <= $2)
            order by a.batch, a.from_code
            """);
        command.Parameters.Add(new() { Value = _seen });
        command.Parameters.Add(new() { Value = head });
        List<(Guid Batch, CodeActivation Activation, bool Whole)> rows = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetGuid(0), new CodeActivation(
                reader.GetGuid(1), reader.GetGuid(2), new CodeRange(reader.GetInt32(3), reader.GetInt32(4)),
                reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetString(6),
                reader.IsDBNull(7) ? null : reader.GetString(7), reader.GetFieldValue<DateTimeOffset>(8)),
                reader.GetBoolean(9)));
        }
        return (Lookup(whole: true), Lookup(whole: false));

        ILookup<Guid, CodeActivation> Lookup(bool whole) =>
            rows.Where(r => r.Whole == whole).ToLookup(r => r.Batch, r => r.Activation);
    }

    private async Task BatchesAsync(
        ILookup<Guid, CodeActivation> activations, long head, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select id, tenant, gtin, number, count, mode, first, key_version, stem, activation, purpose,
                printed, destroyed, opened_at
            from code_batches where changed > $1 and changed <= $2
            """);
        command.Parameters.Add(new() { Value = _seen });
        command.Parameters.Add(new() { Value = head });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            Guid id = reader.GetGuid(0);
            CodeBatchEvent.Opened opened = new(
                reader.GetString(2), reader.GetInt32(3), reader.GetInt32(4),
                Enum.Parse<SerialMode>(reader.GetString(5)), reader.GetInt64(6), reader.GetInt32(7),
                reader.GetString(8), Enum.Parse<Activation>(reader.GetString(9)),
                reader.IsDBNull(10) ? null : reader.GetString(10));
            validator.Learn(new KnownBatch(
                id, reader.GetString(1), opened.Gtin, opened, Ranges(reader, 11), Ranges(reader, 12),
                [.. activations[id]])
            {
                OpenedAt = reader.GetFieldValue<DateTimeOffset>(13),
            });
        }
    }

    private async Task ListsAsync(long head, CancellationToken cancellationToken)
    {
        List<KnownList> lists = [];
        await using (NpgsqlCommand command = store.DataSource.CreateCommand(
            "select id, tenant, name, kind, count from code_lists where changed > $1 and changed <= $2"))
        {
            command.Parameters.Add(new() { Value = _seen });
            command.Parameters.Add(new() { Value = head });
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                lists.Add(new KnownList(
                    reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
                    reader.GetInt32(4)));
            }
        }
        foreach (KnownList list in lists)
        {
            List<UInt128> digests = new(list.Count);
            await using NpgsqlCommand command = store.DataSource.CreateCommand(
                "select digests from code_list_chunks where list = $1 order by chunk");
            command.Parameters.Add(new() { Value = list.Id });
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                ForeignCodes.Read(reader.GetFieldValue<byte[]>(0), digests);
            validator.Foreign.Learn(list, [.. digests]);
        }
    }

    private static RangeSet Ranges(NpgsqlDataReader reader, int column) => RangeSet.Of(
        reader.GetFieldValue<NpgsqlRange<int>[]>(column).Select(r => new CodeRange(r.LowerBound, r.UpperBound)));

    [LoggerMessage(3101, LogLevel.Warning, "What is known of codes is not current; it is read again")]
    private static partial void NotCurrent(ILogger log, Exception fault);
}
