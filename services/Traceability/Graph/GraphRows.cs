using System.Collections.Concurrent;
using EventStore;
using Npgsql;

namespace Traceability.Graph;

/// <summary>The words of the graph's tables, which are few: each is read once.</summary>
internal sealed class GraphWords(Store store)
{
    private readonly ConcurrentDictionary<int, string> _words = [];

    public string this[int id] => _words[id];

    public async Task LoadAsync(IEnumerable<int> ids, CancellationToken cancellation)
    {
        int[] missing = [.. ids.Where(i => !_words.ContainsKey(i)).Distinct()];
        if (missing.Length == 0)
            return;
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select id, word from graph_words where id = any($1)");
        command.Parameters.Add(new() { Value = missing });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            _words[reader.GetInt32(0)] = reader.GetString(1);
    }
}

/// <summary>
/// Reads steps for one question, a whole layer of items at once: first which steps they are in, then those steps that
/// were not read before. Numbers beside each other are asked for as one range.
/// </summary>
internal sealed class GraphRows(Store store, GraphWords words) : IGraphRows
{
    private const string Columns =
        """
        number, at, recorded, voided, event_id, place, destination, kind, action, tenant, biz_step, disposition, glns,
        items, roles, lots, quantities, units
        """;

    private readonly Dictionary<long, Step> _read = [];

    public int StepsRead => _read.Count;

    public async ValueTask<IReadOnlyList<Step>> StepsOfAsync(
        IReadOnlyCollection<long> items, bool structuralOnly, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await store.DataSource.OpenConnectionAsync(cancellation);
        // Ranges look costly to the planner; compiling such a query takes longer than running it.
        await using (NpgsqlCommand plan = new("set jit = off; set enable_seqscan = off", connection))
            await plan.ExecuteNonQueryAsync(cancellation);
        long[] numbers = await NumbersAsync(connection, items, structuralOnly, cancellation);
        long[] missing = [.. numbers.Where(n => !_read.ContainsKey(n))];
        if (missing.Length > 0)
            await ReadAsync(connection, missing, cancellation);
        return Array.ConvertAll(numbers, n => _read[n]);
    }

    /// <summary>Ranges that hold exactly the numbers.</summary>
    internal static (List<long> From, List<long> To) Ranges(IEnumerable<long> numbers)
    {
        long[] sorted = [.. numbers];
        Array.Sort(sorted);
        List<long> from = [], to = [];
        foreach (long number in sorted)
        {
            if (to.Count > 0 && number <= to[^1] + 1)
            {
                to[^1] = number;
                continue;
            }
            from.Add(number);
            to.Add(number);
        }
        return (from, to);
    }

    private static async Task<long[]> NumbersAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> items, bool structuralOnly,
        CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Ranged(connection, items,
            "select l.number from unnest($1, $2) r (a, b) join graph_links l on l.item between r.a and r.b"
            + (structuralOnly ? " where l.structural" : ""));
        HashSet<long> numbers = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            numbers.Add(reader.GetInt64(0));
        return [.. numbers];
    }

    private async Task ReadAsync(NpgsqlConnection connection, long[] numbers, CancellationToken cancellation)
    {
        List<(Row Row, long Number)> rows = new(numbers.Length);
        await using (NpgsqlCommand command = Ranged(connection, numbers,
            $"select {Columns} from unnest($1, $2) r (a, b) join graph_steps s on s.number between r.a and r.b"))
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                rows.Add((Row.Read(reader), reader.GetInt64(0)));
        }
        await words.LoadAsync(rows.SelectMany(r => r.Row.Words), cancellation);
        foreach ((Row row, long number) in rows)
            _read.Add(number, row.ToStep(number, words));
    }

    private static NpgsqlCommand Ranged(NpgsqlConnection connection, IEnumerable<long> numbers, string sql)
    {
        (List<long> from, List<long> to) = Ranges(numbers);
        NpgsqlCommand command = new(sql, connection);
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = to });
        return command;
    }

    private readonly record struct Row(
        DateTime At, DateTime Recorded, DateTime? Voided, Guid EventId, long Place, long Destination, short Kind,
        short Action, int Tenant, int BizStep, int Disposition, int[]? Glns, long[] Items, short[] Roles, long[]? Lots,
        decimal?[]? Quantities, int[]? Units)
    {
        public IEnumerable<int> Words => [Tenant, BizStep, Disposition, .. Glns ?? [], .. Units ?? []];

        public static Row Read(NpgsqlDataReader r) => new(
            r.GetDateTime(1), r.GetDateTime(2), r.IsDBNull(3) ? null : r.GetDateTime(3), r.GetGuid(4), r.GetInt64(5),
            r.GetInt64(6), r.GetInt16(7), r.GetInt16(8), r.GetInt32(9), r.GetInt32(10), r.GetInt32(11),
            r.IsDBNull(12) ? null : r.GetFieldValue<int[]>(12), r.GetFieldValue<long[]>(13),
            r.GetFieldValue<short[]>(14), r.IsDBNull(15) ? null : r.GetFieldValue<long[]>(15),
            r.IsDBNull(16) ? null : r.GetFieldValue<decimal?[]>(16), r.IsDBNull(17) ? null
            : r.GetFieldValue<int[]>(17));

        public Step ToStep(long number, GraphWords words)
        {
            Participant[] items = new Participant[Items.Length];
            for (int i = 0; i < items.Length; i++)
            {
                bool counted = (Roles[i] & GraphTables.CountedFlag) != 0;
                string? unit = counted && Units is not null && i < Units.Length ? words[Units[i]] : null;
                items[i] = new Participant(
                    Items[i], (ItemRole)(Roles[i] & ~GraphTables.CountedFlag), i < Lots?.Length ? Lots[i] : 0, counted,
                    counted && i < Quantities?.Length ? Quantities[i] : null, string.IsNullOrEmpty(unit) ? null : unit);
            }
            return new Step
            {
                Number = number,
                Kind = (StepKind)Kind,
                Action = (StepAction)Action,
                At = At,
                RecordedAt = Recorded,
                VoidedAt = Voided,
                EventId = EventId,
                BizStep = words[BizStep],
                Disposition = words[Disposition],
                Place = Place,
                Destination = Destination,
                Tenant = words[Tenant],
                Glns = Glns is null ? [] : Array.ConvertAll(Glns, g => words[g]),
                Items = items,
            };
        }
    }
}
