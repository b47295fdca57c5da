using System.Diagnostics;
using EventStore.Idempotency;
using EventStore.Projections;
using Npgsql;
using NpgsqlTypes;

namespace EventStore;

/// <summary>
/// One short transaction: takes the append lock of the database, drops the appends whose expectations fail, writes the
/// others with dense positions and commits. Two round trips, and one more where COPY pays.
/// </summary>
internal sealed class AppendTransaction(
    NpgsqlDataSource source, EventModel model, TimeProvider time, FeedHead feed)
{
    /// <summary>From here on COPY is faster than its extra round trips cost.</summary>
    private const int CopyFrom = 200;

    /// <summary>Commits what can be; every append gets its own outcome.</summary>
    public async Task CommitAsync(List<PendingAppend> appends)
    {
        try
        {
            await TryCommitAsync(appends);
        }
        catch (PostgresException e) when (!IsUnavailable(e))
        {
            await FailOrSplitAsync(appends, e.SqlState == PostgresErrorCodes.UniqueViolation && e.ConstraintName == "events_id"
                ? new DuplicateEventException(e)
                : e);
        }
        catch (NpgsqlException e)
        {
            // The other pooled connections have most likely lost their server too.
            source.Clear();
            Fail(appends, new StoreUnavailableException(e));
        }
        catch (TimeoutException e)
        {
            Fail(appends, new StoreUnavailableException(e));
        }
#pragma warning disable CA1031 // A projection's own fault fails its append, never the writer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await FailOrSplitAsync(appends, e);
        }
    }

    /// <summary>Nothing was committed. One of several appends is at fault: try each alone.</summary>
    private async Task FailOrSplitAsync(List<PendingAppend> appends, Exception fault)
    {
        var open = appends.FindAll(append => !append.Done.Task.IsCompleted);
        if (open.Count == 1) open[0].Done.TrySetException(fault);
        else
            foreach (var append in open) await CommitAsync([append]);
    }

    private async Task TryCommitAsync(List<PendingAppend> appends)
    {
        var begun = Stopwatch.GetTimestamp();
        await using var connection = await source.OpenConnectionAsync();
        var (head, refused) = await LockAndCheckAsync(connection, appends);
        var accepted = appends.FindAll(append => !refused.ContainsKey(append));
        if (accepted.Count > 0)
        {
            List<StoredEvent> events = [.. accepted.SelectMany(append => append.Events)];
            foreach (var e in events) e.Position = ++head;
            if (events.Count >= CopyFrom) await CopyAsync(connection, events);
            await WriteAndCommitAsync(connection, accepted, events, head);
            feed.Advance(head);
            StoreMetrics.Committed(events.Count, accepted.Count, Stopwatch.GetElapsedTime(begun));
            foreach (var append in accepted) append.Done.TrySetResult();
        }
        else
        {
            await using var rollback = new NpgsqlCommand("rollback", connection);
            await rollback.ExecuteNonQueryAsync();
        }
        StoreMetrics.Refused(refused.Count);
        foreach (var (append, fault) in refused) append.Done.TrySetException(fault);
    }

    private async Task<(long Head, Dictionary<PendingAppend, Exception> Refused)> LockAndCheckAsync(
        NpgsqlConnection connection, List<PendingAppend> appends)
    {
        await using var batch = new NpgsqlBatch(connection);
        var sql = new SqlBatch(batch);
        // Each statement sees what was committed when it began, so those after the lock see every earlier append.
        sql.Add("begin");
        sql.Add("select head from store.feed for update");
        AddVersionCheck(sql, appends);
        var answers = appends.FindAll(append => append.Answer is not null);
        if (answers.Count > 0) AddAnswerCheck(sql, answers);
        var personal = appends.FindAll(append => append.Persons.Count > 0);
        if (personal.Count > 0)
            sql.Add("select person from store.erased where person = any($1)",
                (object)personal.SelectMany(append => append.Persons).Distinct().ToArray());

        Dictionary<PendingAppend, Exception> refused = [];
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.ReadAsync();
        var head = reader.GetInt64(0);
        await reader.NextResultAsync();
        await ReadVersionsAsync(reader, appends, refused);
        if (answers.Count > 0)
        {
            await reader.NextResultAsync();
            await ReadAnswersAsync(reader, answers, refused);
        }
        if (personal.Count > 0)
        {
            await reader.NextResultAsync();
            await ReadErasedAsync(reader, personal, refused);
        }
        return (head, refused);
    }

    private static void AddVersionCheck(SqlBatch sql, List<PendingAppend> appends)
    {
        List<string> streams = [];
        List<long> expected = [];
        List<int> indexes = [];
        for (var i = 0; i < appends.Count; i++)
        {
            foreach (var stream in appends[i].Streams)
            {
                streams.Add(stream.Stream);
                expected.Add(stream.Expected);
                indexes.Add(i);
            }
        }
        sql.Add(
            """
            select s.append, s.stream, s.expected, coalesce(e.version, 0)
            from unnest($1, $2, $3) as s (append, stream, expected)
            left join lateral (
                select version from store.events where stream = s.stream order by version desc limit 1) e on true
            where coalesce(e.version, 0) <> s.expected
            """, indexes, streams, expected);
    }

    private static async Task ReadVersionsAsync(
        NpgsqlDataReader reader, List<PendingAppend> appends, Dictionary<PendingAppend, Exception> refused)
    {
        while (await reader.ReadAsync())
        {
            refused.TryAdd(appends[reader.GetInt32(0)],
                new ConcurrencyException(reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3)));
        }
    }

    private void AddAnswerCheck(SqlBatch sql, List<PendingAppend> answers) => sql.Add(
        """
        select s.append, r.request_hash
        from unnest($1, $2, $3, $4, $5) as s (append, tenant, client, operation, key)
        join store.responses r using (tenant, client, operation, key)
        where r.expires_at > $6
        """,
        Enumerable.Range(0, answers.Count).ToArray(),
        answers.ConvertAll(append => append.Answer!.Value.Key.Tenant),
        answers.ConvertAll(append => append.Answer!.Value.Key.Client),
        answers.ConvertAll(append => append.Answer!.Value.Key.Operation),
        answers.ConvertAll(append => append.Answer!.Value.Key.Key),
        time.GetUtcNow());

    private static async Task ReadAnswersAsync(
        NpgsqlDataReader reader, List<PendingAppend> answers, Dictionary<PendingAppend, Exception> refused)
    {
        while (await reader.ReadAsync())
        {
            var append = answers[reader.GetInt32(0)];
            var key = append.Answer!.Value.Key;
            // An answered request outranks a stale version: its own events are what moved the stream on.
            refused[append] = reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(key.RequestHash.Span)
                ? new AlreadyAnsweredException(key.Key)
                : new IdempotencyMismatchException(key.Key);
        }
    }

    private static async Task ReadErasedAsync(
        NpgsqlDataReader reader, List<PendingAppend> personal, Dictionary<PendingAppend, Exception> refused)
    {
        while (await reader.ReadAsync())
        {
            var person = reader.GetString(0);
            foreach (var append in personal.FindAll(append => append.Persons.Contains(person)))
                refused[append] = new PersonErasedException(person);
        }
    }

    private static async Task CopyAsync(NpgsqlConnection connection, List<StoredEvent> events)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy store.events (position, version, id, stream, type, tenant, digest, body) from stdin (format binary)");
        foreach (var e in events)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(e.Position, NpgsqlDbType.Bigint);
            await copy.WriteAsync(e.Version, NpgsqlDbType.Bigint);
            await copy.WriteAsync(e.Id, NpgsqlDbType.Uuid);
            await copy.WriteAsync(e.Stream, NpgsqlDbType.Text);
            await copy.WriteAsync(e.Type, NpgsqlDbType.Text);
            await copy.WriteAsync(e.Tenant, NpgsqlDbType.Text);
            await copy.WriteAsync(e.DigestArray, NpgsqlDbType.Bytea);
            await copy.WriteAsync(e.BytesArray, NpgsqlDbType.Bytea);
        }
        await copy.CompleteAsync();
    }

    private async Task WriteAndCommitAsync(
        NpgsqlConnection connection, List<PendingAppend> accepted, List<StoredEvent> events, long head)
    {
        await using var batch = new NpgsqlBatch(connection);
        var sql = new SqlBatch(batch);
        if (events.Count is > 0 and < CopyFrom) AddInsert(sql, events);
        if (events.Count > 0)
        {
            sql.Add("update store.feed set head = $1", head);
            foreach (var projection in model.InlineProjections) projection.Project(events, sql);
        }
        foreach (var (statement, parameters) in accepted.SelectMany(append => append.Statements))
            sql.Add(statement, parameters);
        foreach (var rows in accepted.SelectMany(append => append.Rows).GroupBy(rows => rows.Sql))
            sql.Add(rows.Key, Join([.. rows.Select(r => r.Columns)]));
        AddAnswers(sql, accepted.FindAll(append => append.Answer is not null));
        sql.Add("commit");
        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>Column by column, one after the other.</summary>
    private static object[] Join(List<Array[]> parts)
    {
        if (parts.Count == 1) return [.. parts[0]];
        var joined = new object[parts[0].Length];
        for (var column = 0; column < joined.Length; column++)
        {
            var all = Array.CreateInstance(
                parts[0][column].GetType().GetElementType()!, parts.Sum(part => part[column].Length));
            var at = 0;
            foreach (var part in parts)
            {
                part[column].CopyTo(all, at);
                at += part[column].Length;
            }
            joined[column] = all;
        }
        return joined;
    }

    private static void AddInsert(SqlBatch sql, List<StoredEvent> events) => sql.Add(
        """
        insert into store.events (position, version, id, stream, type, tenant, digest, body)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        events.ConvertAll(e => e.Position),
        events.ConvertAll(e => e.Version),
        events.ConvertAll(e => e.Id),
        events.ConvertAll(e => e.Stream),
        events.ConvertAll(e => e.Type),
        events.ConvertAll(e => e.Tenant),
        events.ConvertAll(e => e.DigestArray),
        events.ConvertAll(e => e.BytesArray));

    private void AddAnswers(SqlBatch sql, List<PendingAppend> answers)
    {
        foreach (var (key, response, persons) in answers.Select(
                     append => (append.Answer!.Value.Key, append.Answer.Value.Response, append.Persons)))
        {
            sql.Add(
                """
                insert into store.responses
                    (tenant, client, operation, key, request_hash, status, content_type, location, body, persons, expires_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                on conflict (tenant, client, operation, key) do update set
                    request_hash = excluded.request_hash, status = excluded.status, content_type = excluded.content_type,
                    location = excluded.location, body = excluded.body, persons = excluded.persons,
                    expires_at = excluded.expires_at
                """,
                key.Tenant, key.Client, key.Operation, key.Key, key.RequestHash.ToArray(), response.Status,
                response.ContentType,
                new NpgsqlParameter { Value = (object?)response.Location ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                response.Body.ToArray(), persons.ToArray(), time.GetUtcNow() + IdempotencyKey.Kept);
        }
    }

    private static void Fail(List<PendingAppend> appends, Exception fault)
    {
        foreach (var append in appends) append.Done.TrySetException(fault);
    }

    /// <summary>SQLSTATE classes 08, 53, 57 and 58: the server goes away or has no room; nothing is said about the append.</summary>
    private static bool IsUnavailable(PostgresException e) => e.SqlState[..2] is "08" or "53" or "57" or "58";
}
