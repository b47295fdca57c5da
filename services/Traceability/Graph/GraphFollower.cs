using EventStore;
using Npgsql;
using NpgsqlTypes;

namespace Traceability.Graph;

/// <summary>
/// Keeps the graph's tables behind the EPCIS tables. Captures don't wait for it; whoever asks the graph waits until it
/// has what was captured before the question.
/// </summary>
internal sealed partial class GraphFollower(Store store, ILogger<GraphFollower> log) : BackgroundService
{
    private const int EventsPerTransaction = 1_000;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Follows up to the present head of the feed.</summary>
    public async Task CatchUpAsync(CancellationToken cancellation)
    {
        long head = await store.FeedHeadAsync(cancellation);
        while (await AdvanceAsync(head, cancellation) < head)
        {
        }
    }

    /// <summary>Empties the graph and builds it anew from the EPCIS tables; questions wait meanwhile.</summary>
    public async Task RebuildAsync(CancellationToken cancellation)
    {
        await using NpgsqlCommand reset = store.DataSource.CreateCommand(
            "truncate graph_steps, graph_links; update graph_progress set seq = 0");
        await reset.ExecuteNonQueryAsync(cancellation);
        await CatchUpAsync(cancellation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                long head = await store.FeedHeadAsync(stoppingToken);
                if (await AdvanceAsync(head, stoppingToken) < head)
                    continue;
                using CancellationTokenSource poll = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                poll.CancelAfter(Poll);
                await store.WaitForFeedAsync(head, poll.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                // The tables are made while the service starts.
                await Task.Delay(RetryPause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
#pragma warning disable CA1031 // A follower goes on: the fault is logged and the same events are tried again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                FollowingFailed(log, e);
                await Task.Delay(RetryPause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public override void Dispose()
    {
        _one.Dispose();
        base.Dispose();
    }

    private async Task<long> AdvanceAsync(long head, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            await using NpgsqlConnection connection = await store.DataSource.OpenConnectionAsync(cancellation);
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
            // The row lock keeps another process from writing the same events.
            long progress = (long)(await Command("select seq from graph_progress for update")
                .ExecuteScalarAsync(cancellation))!;
            if (progress >= head)
                return progress;
            List<CapturedRow> rows = await CapturedRow.ReadAsync(connection, progress, EventsPerTransaction,
                cancellation);
            if (rows.Count > 0)
                await new GraphWriter(connection).WriteAsync(rows, cancellation);
            long reached = rows.Count < EventsPerTransaction ? Math.Max(head, rows.Count > 0 ? rows[^1].Seq : 0)
                : rows[^1].Seq;
            await using NpgsqlCommand advance = Command("update graph_progress set seq = $1");
            advance.Parameters.Add(new() { Value = reached });
            await advance.ExecuteNonQueryAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return reached;

            NpgsqlCommand Command(string sql) => new(sql, connection);
        }
        finally
        {
            _one.Release();
        }
    }

    [LoggerMessage(4101, LogLevel.Error, "Following the captured events failed; the same events are tried again")]
    private static partial void FollowingFailed(ILogger log, Exception fault);
}

/// <summary>Writes captured events into the graph's tables, in the transaction of its connection.</summary>
internal sealed class GraphWriter(NpgsqlConnection connection)
{
    public async Task WriteAsync(IReadOnlyList<CapturedRow> rows, CancellationToken cancellation)
    {
        List<CapturedRow> steps = [.. rows.Where(r => !r.DeclaresError)];
        Dictionary<string, long> items = await NumbersAsync("graph_items", "uri", steps.SelectMany(ItemsOf),
            cancellation);
        Dictionary<string, int> words = (await NumbersAsync("graph_words", "word", steps.SelectMany(WordsOf), cancellation))
            .ToDictionary(w => w.Key, w => (int)w.Value);
        await using (NpgsqlBinaryImporter writer = await connection.BeginBinaryImportAsync(
            """
            copy graph_steps (number, at, recorded, event_id, place, destination, kind, action, tenant, biz_step,
                disposition, glns, items, roles, lots, quantities, units) from stdin (format binary)
            """, cancellation))
        {
            foreach (CapturedRow row in steps)
                await WriteAsync(writer, row, items, words, cancellation);
            await writer.CompleteAsync(cancellation);
        }
        await WriteLinksAsync(steps, items, cancellation);
        // In the order of the feed, so that a declaration may come right after its original.
        foreach (CapturedRow declaration in rows.Where(r => r.DeclaresError))
            await VoidAsync(declaration, cancellation);
    }

    private static IEnumerable<string> ItemsOf(CapturedRow row) => row.Items.Select(i => i.Uri)
        .Concat(row.Items.Select(i => LotOf(row, i)).OfType<string>())
        .Concat(new[] { row.Place, row.Destination, row.Process }.OfType<string>());

    private static IEnumerable<string> WordsOf(CapturedRow row) =>
        row.Glns.Concat(row.Items.Select(i => i.Unit)).Append(row.Tenant).Append(row.BizStep).Append(row.Disposition);

    /// <summary>A lot number in the instance data says the lot of every serial that the event begins.</summary>
    private static string? LotOf(CapturedRow row, CapturedItem item) =>
        row.Lot is { } lot && item is { Counted: false, Role: ItemRole.Item or ItemRole.Output }
            && GraphItem.KindOf(item.Uri) == GraphItemKind.Instance && GraphItem.GtinOf(item.Uri) is { } gtin
            ? GraphItem.LotUri(gtin, lot)
            : null;

    private static async Task WriteAsync(
        NpgsqlBinaryImporter writer, CapturedRow row, Dictionary<string, long> items, Dictionary<string, int> words,
        CancellationToken cancellation)
    {
        long[] lots = [.. row.Items.Select(i => LotOf(row, i) is { } lot ? items[lot] : 0)];
        long[] extra = [.. lots.Where(l => l != 0).Distinct()];
        if (row.Process is { } process)
            extra = [.. extra, items[process]];
        long[] all = [.. row.Items.Select(i => items[i.Uri]), .. extra];
        short[] roles =
        [
            .. row.Items.Select(i => (short)((int)i.Role + (i.Counted ? GraphTables.CountedFlag : 0))),
            .. extra.Select((_, n) =>
            (short)(row.Process is not null && n == extra.Length - 1 ? ItemRole.Process : ItemRole.Lot)),
        ];
        bool counted = row.Items.Exists(i => i.Counted);
        await writer.StartRowAsync(cancellation);
        await writer.WriteAsync(row.Seq, cancellation);
        await writer.WriteAsync(row.At, NpgsqlDbType.TimestampTz, cancellation);
        await writer.WriteAsync(row.Recorded, NpgsqlDbType.TimestampTz, cancellation);
        await writer.WriteAsync(row.Id, cancellation);
        await writer.WriteAsync(row.Place is { } place ? items[place] : 0L, cancellation);
        await writer.WriteAsync(row.Destination is { } destination ? items[destination] : 0L, cancellation);
        await writer.WriteAsync((short)row.Kind, cancellation);
        await writer.WriteAsync((short)row.Action, cancellation);
        await writer.WriteAsync(words[row.Tenant], cancellation);
        await writer.WriteAsync(words[row.BizStep], cancellation);
        await writer.WriteAsync(words[row.Disposition], cancellation);
        await WriteOrNullAsync(row.Glns.Count > 0 ? row.Glns.Select(g => words[g]).ToArray() : null);
        await writer.WriteAsync(all, cancellation);
        await writer.WriteAsync(roles, cancellation);
        await WriteOrNullAsync(Array.Exists(lots, l => l != 0) ? lots : null);
        await WriteOrNullAsync(counted ? row.Items.Select(i => i.Quantity).ToArray() : null);
        await WriteOrNullAsync(counted ? row.Items.Select(i => words[i.Unit]).ToArray() : null);

        Task WriteOrNullAsync<T>(T[]? values) =>
            values is null ? writer.WriteNullAsync(cancellation) : writer.WriteAsync(values, cancellation);
    }

    private async Task WriteLinksAsync(List<CapturedRow> steps, Dictionary<string, long> items,
        CancellationToken cancellation)
    {
        List<long> linked = [], numbers = [];
        List<bool> structural = [];
        foreach (CapturedRow row in steps)
        {
            // A product without a lot is no node: all of it would meet there.
            foreach (string uri in row.Items.Select(i => i.Uri)
                .Concat(row.Items.Select(i => LotOf(row, i)).OfType<string>())
                .Append(row.Process).OfType<string>().Distinct()
                .Where(u => GraphItem.KindOf(u) != GraphItemKind.Product))
            {
                linked.Add(items[uri]);
                numbers.Add(row.Seq);
                structural.Add(Step.IsStructural(row.Kind, row.Action, row.Lot is not null));
            }
        }
        await using NpgsqlCommand insert = new(
            "insert into graph_links (item, number, structural) select * from unnest($1, $2, $3)", connection);
        insert.Parameters.Add(new() { Value = linked });
        insert.Parameters.Add(new() { Value = numbers });
        insert.Parameters.Add(new() { Value = structural });
        await insert.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Only whoever captured an event can declare it an error.</summary>
    private async Task VoidAsync(CapturedRow declaration, CancellationToken cancellation)
    {
        await using NpgsqlCommand update = new(
            """
            update graph_steps set voided = $1 where voided is null and number in (
                select seq from epcis_events where hash = $2 and tenant = $3 and error_time is null and seq < $4)
            """, connection);
        update.Parameters.Add(new() { Value = declaration.Recorded });
        update.Parameters.Add(new() { Value = declaration.Hash });
        update.Parameters.Add(new() { Value = declaration.Tenant });
        update.Parameters.Add(new() { Value = declaration.Seq });
        await update.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<Dictionary<string, long>> NumbersAsync(
        string table, string column, IEnumerable<string> texts, CancellationToken cancellation)
    {
        // In the order of mention: what was made together gets numbers beside each other.
        string[] distinct = [.. texts.Distinct()];
        await using NpgsqlBatch batch = new(connection);
        foreach (string sql in (string[])
        [
            $"""
             insert into {table} ({column}) select u.text from unnest($1) with ordinality u (text, n)
             where (select true from {table} t where t.{column} = u.text limit 1) is null
             order by u.n on conflict do nothing
             """,
            $"""
             select u.text, t.id::bigint from unnest($1) u (text)
             cross join lateral (select id from {table} where {column} = u.text offset 0) t
             """,
        ])
        {
            NpgsqlBatchCommand command = new(sql);
            command.Parameters.Add(new() { Value = distinct });
            batch.BatchCommands.Add(command);
        }
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellation);
        Dictionary<string, long> numbers = new(distinct.Length, StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
            numbers.Add(reader.GetString(0), reader.GetInt64(1));
        return numbers;
    }
}
