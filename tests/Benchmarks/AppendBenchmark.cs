using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using NpgsqlTypes;
using TestKit;

namespace Benchmarks;

/// <summary>An event of about the size that a deposit has.</summary>
internal sealed record Noted(string Digest, string BusinessId, string Remark);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Noted))]
internal sealed partial class NotedJson : JsonSerializerContext;

/// <summary>
/// Appends through the store next to INSERT and COPY of the same rows into a table with the same columns and indexes,
/// on a durable cluster of its own.
/// </summary>
internal static class AppendBenchmark
{
    private const int BulkSize = 10_000;
    private const string Columns = "position, version, id, stream, type, tenant, digest, body";

    public static async Task RunAsync(Report report, TimeSpan time)
    {
        await using var server = await PostgresServer.StartAsync(Durability.Durable);
        await using var store = Store.Open(new StoreOptions
        {
            ConnectionString = await server.CreateDatabaseAsync(),
            Service = "bench",
            Model = new EventModel()
                .Event("bench.noted.v1", NotedJson.Default.Noted)
                .Migrate("bench-0001-raw", "create table raw (like store.events including all); create sequence raw_position;")
        });
        await store.MigrateAsync();
        var row = await SampleRowAsync(store);

        foreach (var writers in (int[])[1, 8, 32])
            await CompareAsync(report, store, row, $"one event a stream, {writers} writers", writers, 1, time);
        await CompareAsync(report, store, row, "ten events a stream, 32 writers", 32, 10, time);
        report.Add($"bulk of {BulkSize} events, 1 writer", "events/s",
            await Sample.TakeAsync(1, BulkSize, time, _ => () => AppendAsync(store, BulkSize)),
            await Sample.TakeAsync(1, BulkSize, time, _ => () => CopyAsync(store.DataSource, row)));
    }

    private static async Task CompareAsync(
        Report report, Store store, StoredEvent row, string name, int writers, int events, TimeSpan time)
    {
        var floor = await Sample.TakeAsync(writers, events, time, _ => () => InsertAsync(store.DataSource, row, events));
        var figure = await Sample.TakeAsync(writers, events, time, _ => () => AppendAsync(store, events));
        report.Add(name, "events/s", figure, floor);
    }

    private static async Task<StoredEvent> SampleRowAsync(Store store)
    {
        await AppendAsync(store, 1);
        return (await store.ReadEventsAsync(0, 1))[0];
    }

    private static async Task AppendAsync(Store store, int events)
    {
        await using var session = store.OpenSession(new EventContext(TimeProvider.System, "u-bench", "t-bench"));
        session.StartStream(
            $"note/{session.Context.NewId()}",
            Enumerable.Range(0, events).Select(_ => new Noted(
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "contract 2026/118", "as agreed")));
        await session.SaveChangesAsync();
    }

    private static async Task InsertAsync(NpgsqlDataSource source, StoredEvent row, int rows)
    {
        var values = Enumerable.Range(0, rows).Select(i =>
            $"(nextval('raw_position'), {i + 1}, ${3 * i + 1}, ${3 * i + 2}, 'bench.noted.v1', 't-bench', ${3 * i + 3}, ${3 * rows + 1})");
        await using var command = source.CreateCommand($"insert into raw ({Columns}) values {string.Join(',', values)}");
        var stream = $"note/{Guid.CreateVersion7()}";
        for (var i = 0; i < rows; i++)
        {
            command.Parameters.Add(new() { Value = Guid.CreateVersion7() });
            command.Parameters.Add(new() { Value = stream });
            command.Parameters.Add(new() { Value = row.Digest, NpgsqlDbType = NpgsqlDbType.Bytea });
        }
        command.Parameters.Add(new() { Value = row.Bytes, NpgsqlDbType = NpgsqlDbType.Bytea });
        await command.ExecuteNonQueryAsync();
    }

    private static async Task CopyAsync(NpgsqlDataSource source, StoredEvent row)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var next = new NpgsqlCommand($"select setval('raw_position', nextval('raw_position') + {BulkSize})", connection);
        var position = (long)(await next.ExecuteScalarAsync())! - BulkSize;
        var stream = $"note/{Guid.CreateVersion7()}";
        await using var copy = await connection.BeginBinaryImportAsync($"copy raw ({Columns}) from stdin (format binary)");
        for (var i = 1; i <= BulkSize; i++)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(position + i, NpgsqlDbType.Bigint);
            await copy.WriteAsync((long)i, NpgsqlDbType.Bigint);
            await copy.WriteAsync(Guid.CreateVersion7(), NpgsqlDbType.Uuid);
            await copy.WriteAsync(stream, NpgsqlDbType.Text);
            await copy.WriteAsync("bench.noted.v1", NpgsqlDbType.Text);
            await copy.WriteAsync("t-bench", NpgsqlDbType.Text);
            await copy.WriteAsync(row.Digest, NpgsqlDbType.Bytea);
            await copy.WriteAsync(row.Bytes, NpgsqlDbType.Bytea);
        }
        await copy.CompleteAsync();
    }
}
