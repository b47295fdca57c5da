using System.Text.Json.Nodes;
using Npgsql;

namespace Cli.Benchmarks;

/// <summary>
/// The floor: the rows that a command leaves, by plain INSERT on the instance's own durable PostgreSQL, into tables with
/// the same indexes and with nothing decided or signed. The copies are dropped.
/// </summary>
internal static class ReceivablesFloor
{
    private const int Sample = 2_000;

    private static readonly string[] Tables =
        ["store.events", "public.approvals", "public.voucher_commands", "public.voucher_offers", "public.voucher_movements"];

    public static async Task<NpgsqlConnection> OpenAsync(CancellationToken cancel)
    {
        var file = Path.Combine(Instance.Find().Configuration, "receivables.json");
        var configuration = JsonNode.Parse(await File.ReadAllTextAsync(file, cancel))!;
        var connection = new NpgsqlConnection(configuration["ConnectionStrings"]!["Store"]!.GetValue<string>());
        await connection.OpenAsync(cancel);
        return connection;
    }

    public static async Task<IReadOnlyList<Row>> RunAsync(TimeSpan duration, CancellationToken cancel) =>
    [
        new("rows of the same commands by INSERT, a commit each", await RateAsync(1, duration, cancel), "1/s"),
        new("rows of the same commands by INSERT, 64 a commit", await RateAsync(64, duration, cancel), "1/s"),
    ];

    private static async Task<double> RateAsync(int commands, TimeSpan duration, CancellationToken cancel)
    {
        await using var connection = await OpenAsync(cancel);
        await RunAsync("drop schema if exists bench_floor cascade; create schema bench_floor");
        try
        {
            foreach (var table in Tables) await RunAsync($"create table {Copy(table)} (like {table} including all)");
            var time = TimeProvider.System;
            var begun = time.GetTimestamp();
            var done = 0L;
            while (time.GetElapsedTime(begun) < duration)
            {
                await using var batch = new NpgsqlBatch(connection);
                batch.BatchCommands.Add(new NpgsqlBatchCommand("begin"));
                for (var i = 0; i < commands; i++) Add(batch, done++);
                batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
                await batch.ExecuteNonQueryAsync(cancel);
            }

            return done / time.GetElapsedTime(begun).TotalSeconds;
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

    /// <summary>
    /// Four events, two approvals and an answer for each command, and every other one an offer, or what accepting one
    /// leaves: a movement.
    /// </summary>
    private static void Add(NpgsqlBatch batch, long number)
    {
        for (var i = 0; i < 4; i++)
        {
            var position = number * 4 + i + 1;
            Insert(batch, "store.events",
                "position, version, id, stream, type, tenant, digest, body",
                position, 1L, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), $"command/bench/{position}", "receivables.page-approved.v1", "bench",
                Bytes(position, 32), Bytes(position, 700));
        }

        for (var i = 0; i < 2; i++)
        {
            Insert(batch, "public.approvals",
                "position, party, command, key_id, role, event_id, signature, language, page, previous, at",
                number * 2 + i + 1, "bench", $"C-{number}", new string('k', 43), "Maker", Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
                new string('s', 86), "en", new string('a', 64), new string('b', 64), "2026-11-22T18:40:05.123Z");
        }

        Insert(batch, "public.voucher_commands", "party, command, sha256, answer", "bench", $"C-{number}", Bytes(number, 32), new string('j', 120));
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        if (number % 2 == 0)
        {
            Insert(batch, "public.voucher_offers",
                "root, offer, receiver, sender, kind, fen, offered_at, expires_at, state",
                $"V-{number % Sample}", $"C-{number}", "right", "left", "transfer", 100L, now, now, "open");
        }
        else
        {
            Insert(batch, "public.voucher_movements",
                "position, number, root, at, kind, command, sender, receiver, start_fen, end_fen, fen, moves",
                number, 1, $"V-{number % Sample}", now, "transferred", $"C-{number}", "left", "right", 0L, 100L, 100L, true);
        }
    }

    private static void Insert(NpgsqlBatch batch, string table, string columns, params object[] values)
    {
        var places = string.Join(", ", values.Select((_, i) => $"${i + 1}"));
        var command = new NpgsqlBatchCommand($"insert into {Copy(table)} ({columns}) values ({places})");
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        batch.BatchCommands.Add(command);
    }

    private static byte[] Bytes(long number, int length)
    {
        var bytes = new byte[length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    private static string Copy(string table) => $"bench_floor.{table.Replace('.', '_')}";
}
