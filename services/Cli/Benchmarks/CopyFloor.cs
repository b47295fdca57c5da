using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace Cli.Benchmarks;

/// <summary>
/// The floor of a deposit: the rows of real events by COPY on the instance's own PostgreSQL, with the commit size of the
/// load, once into tables like the store's with all their indexes and once into a bare one. The copies are dropped.
/// </summary>
public static class CopyFloor
{
    public static async Task<(double SameTables, double BareTable)> MeasureAsync(int batch, TimeSpan duration, CancellationToken cancel)
    {
        var instance = Instance.Find();
        var configuration = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(instance.Configuration, "evidence.json"), cancel))!;
        await using var connection = new NpgsqlConnection(configuration["ConnectionStrings"]!["Store"]!.GetValue<string>());
        await connection.OpenAsync(cancel);
        var tables = new List<string>();
        await using (var list = new NpgsqlCommand("select table_schema || '.' || table_name from information_schema.tables where (table_schema, table_name) in (('store', 'events'), ('public', 'deposits'), ('evidence', 'deposits'))", connection))
        await using (var reader = await list.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel)) tables.Add(reader.GetString(0));
        }

        var same = await RateAsync(connection, [.. tables.Select(t => (t, 1))], "including all", batch, duration, cancel);
        var bare = await RateAsync(connection, [("store.events", 1)], "", batch, duration, cancel);
        return (same, bare);
    }

    internal static async Task<double> RateAsync(
        NpgsqlConnection connection, IReadOnlyList<(string Name, int Rows)> tables, string like, int batch, TimeSpan duration, CancellationToken cancel)
    {
        await RunAsync("drop schema if exists bench_floor cascade; create schema bench_floor");
        try
        {
            // The newest rows of each table are its sample; every copy gets fresh keys where a unique index asks for them.
            var copies = new List<(string Table, List<(string Name, string Type)> Columns, List<object?[]> Rows)>();
            foreach (var (table, _) in tables)
            {
                var copy = $"bench_floor.{table.Replace('.', '_')}";
                await RunAsync($"create table {copy} (like {table} {like})");
                copies.Add(await SampleAsync(connection, table, copy, cancel));
            }

            var time = TimeProvider.System;
            var begun = time.GetTimestamp();
            var rows = 0L;
            while (time.GetElapsedTime(begun) < duration)
            {
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                for (var t = 0; t < copies.Count; t++)
                {
                    var each = tables[t].Rows;
                    await CopyAsync(connection, copies[t].Table, copies[t].Columns, copies[t].Rows, rows * each, batch * each, cancel);
                }

                await transaction.CommitAsync(cancel);
                rows += batch;
            }

            return rows / time.GetElapsedTime(begun).TotalSeconds;
        }
        finally
        {
            await RunAsync("drop schema if exists bench_floor cascade");
        }

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    private static async Task<(string, List<(string, string)>, List<object?[]>)> SampleAsync(
        NpgsqlConnection connection, string table, string copy, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand($"select * from {table} limit 1000", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var columns = Enumerable.Range(0, reader.FieldCount).Select(i => (reader.GetName(i), reader.GetDataTypeName(i))).ToList();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync(cancel))
        {
            var row = new object?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++) row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            rows.Add(row);
        }

        return (copy, columns, rows);
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, string table, List<(string Name, string Type)> columns, List<object?[]> sample, long from, int batch, CancellationToken cancel)
    {
        await using var writer = await connection.BeginBinaryImportAsync($"copy {table} from stdin (format binary)", cancel);
        for (var i = 0; i < batch; i++)
        {
            await writer.StartRowAsync(cancel);
            var row = sample[(int)((from + i) % sample.Count)];
            for (var c = 0; c < columns.Count; c++)
            {
                var value = Fresh(columns[c], row[c], from + i);
                if (value is null) await writer.WriteNullAsync(cancel);
                else await writer.WriteAsync(value, columns[c].Type, cancel);
            }
        }

        await writer.CompleteAsync(cancel);
    }

    private static object? Fresh((string Name, string Type) column, object? sample, long number) => (column.Name, sample) switch
    {
        ("position" or "seq", _) => number + 1,
        ("uri", string uri) => uri + number.ToString("x", CultureInfo.InvariantCulture),
        ("stream", _) => "D-" + number.ToString("D20", CultureInfo.InvariantCulture),
        (_, Guid) => Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
        (_, byte[] { Length: 32 }) => RandomNumberGenerator.GetBytes(32),
        _ => sample,
    };
}
