using EventStore;
using Npgsql;
using NpgsqlTypes;
using Receivables.Financing;

namespace Receivables.Watch;

/// <summary>Which open vouchers: all conditions that are given hold.</summary>
/// <param name="Debtor">Of this core enterprise or its group.</param>
/// <param name="Holder">Of which this party holds some; amounts are then its own.</param>
/// <param name="From">Paid on this day or later.</param>
/// <param name="Through">Paid on this day or before.</param>
internal sealed record WatchFilter(string? Debtor, string? Holder, DateOnly? From, DateOnly? Through);

/// <summary>Reads what supervision asks, from the ledger's tables.</summary>
internal sealed class WatchLookup(Store store)
{
    private const int SharesMax = 50;
    private const int Million = 1_000_000;

    // Open: accepted, and something of it is held and unpaid. A group counts as its core enterprise.
    private const string Open =
        """
        open as (
            select v.root, coalesce(nullif(p.party_group, ''), v.debtor) as core, v.debtor, v.first_holder, v.face_fen,
                v.issue_date, coalesce(v.pay_day, v.due_date) as pay_day, v.stage, b.party as holder, b.fen
            from vouchers v join voucher_balances b on b.root = v.root and b.fen > 0
            left join parties p on p.id = v.debtor
            where v.closed_at is null)
        """;

    private static readonly (string Step, int Through)[] Steps =
        [("30", 30), ("90", 90), ("180", 180), ("365", 365)];

    /// <summary>Shares and ladder in one round trip each.</summary>
    public async Task<WatchOverview> OverviewAsync(DateOnly today, CancellationToken cancellation)
    {
        List<WatchStep> ladder = await LadderAsync(today, cancellation);
        long fen = ladder.Sum(s => s.Fen);
        List<WatchShare> shares = await SharesAsync(today, fen, cancellation, "core", "holder");
        // Each list begins with the row of its whole, which is left out here.
        return new WatchOverview(
            today, fen, ladder.Sum(s => s.Vouchers), ladder[0].Fen,
            [.. shares.Where(s => s.Party.StartsWith("core:", StringComparison.Ordinal)).Select(Bare)],
            [.. shares.Where(s => s.Party.StartsWith("holder:", StringComparison.Ordinal)).Select(Bare)], ladder);

        static WatchShare Bare(WatchShare s) => s with { Party = s.Party[(s.Party.IndexOf(':') + 1)..] };
    }

    /// <summary>Open vouchers of a filter by day of payment, after a cursor, with the sum over all of them.</summary>
    public async Task<WatchVoucherPage> VouchersAsync(
        WatchFilter filter, string cursor, int limit, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            $"""
             with {Open}, chosen as (
                 select root, core, debtor, first_holder, face_fen, issue_date, pay_day, stage,
                     sum(fen) filter (where $2 = '' or holder = $2)::bigint as fen,
                     count(distinct holder)::int as holders
                 from open where ($1 = '' or core = $1) and ($3::date is null or pay_day >= $3)
                     and ($4::date is null or pay_day <= $4)
                 group by 1, 2, 3, 4, 5, 6, 7, 8)
             select c.root, c.debtor, d.name, c.first_holder, c.face_fen, c.fen, c.issue_date, c.pay_day, c.stage,
                 c.holders, (sum(c.fen) over ())::bigint, count(*) over ()
             from chosen c left join parties d on d.id = c.debtor where c.fen > 0
             order by c.pay_day, c.root offset $5 limit $6
             """);
        int offset = int.TryParse(cursor, out int from) ? Math.Max(0, from) : 0;
        Add(query, filter.Debtor ?? "");
        Add(query, filter.Holder ?? "");
        Add(query, filter.From, NpgsqlDbType.Date);
        Add(query, filter.Through, NpgsqlDbType.Date);
        Add(query, offset);
        Add(query, limit);
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<WatchVoucher> items = [];
        (long fen, long count) = (0, 0);
        while (await reader.ReadAsync(cancellation))
        {
            items.Add(new WatchVoucher(
                reader.GetString(0), reader.GetString(1), Text(reader, 2), reader.GetString(3), reader.GetInt64(4),
                reader.GetInt64(5), reader.GetFieldValue<DateOnly>(6), reader.GetFieldValue<DateOnly>(7),
                reader.GetString(8), reader.GetInt32(9)));
            (fen, count) = (reader.GetInt64(10), reader.GetInt64(11));
        }
        return new WatchVoucherPage(
            fen, count, items, offset + items.Count < count && items.Count > 0 ? $"{offset + items.Count}" : null);
    }

    /// <summary>Who loses what when a core enterprise and its group fail: movements, then names.</summary>
    public async Task<WatchStress> StressAsync(string debtor, CancellationToken cancellation)
    {
        Dictionary<string, (long Face, List<WatchedMovement> Movements)> families = [];
        await using (NpgsqlCommand query = store.DataSource.CreateCommand(
            $"""
             with {Open}, chosen as (select distinct root, face_fen from open where core = $1)
             select c.root, c.face_fen, m.kind, m.command, m.sender, m.receiver, m.start_fen, m.end_fen, m.fen,
                 m.recourse
             from chosen c join voucher_movements m on m.root = c.root order by m.position, m.number
             """))
        {
            Add(query, debtor);
            await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                string root = reader.GetString(0);
                if (!families.TryGetValue(root, out var family))
                    families[root] = family = (reader.GetInt64(1), []);
                family.Movements.Add(new WatchedMovement(
                    root, reader.GetString(2), reader.GetString(3), Text(reader, 4), Text(reader, 5),
                    reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8), reader.GetBoolean(9)));
            }
        }
        (IReadOnlyList<StressLoss> losses, IReadOnlyList<StressFlow> flows) =
            Stress.Of(families.Values.Select(f => Stress.Replay(f.Face, f.Movements)));
        Dictionary<string, string> names =
            await NamesAsync([debtor, .. losses.Select(l => l.Party)], cancellation);
        return new WatchStress(
            debtor, names.GetValueOrDefault(debtor), families.Count, losses.Sum(l => l.LossFen), losses, flows, names);
    }

    private async Task<List<WatchStep>> LadderAsync(DateOnly today, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            $"""
             with {Open}
             select case when pay_day < $1 then 0 when pay_day <= $1 + 30 then 1 when pay_day <= $1 + 90 then 2
                 when pay_day <= $1 + 180 then 3 when pay_day <= $1 + 365 then 4 else 5 end as step,
                 count(distinct root), sum(fen)::bigint
             from open group by 1
             """);
        Add(query, today, NpgsqlDbType.Date);
        Dictionary<int, (long Vouchers, long Fen)> found = [];
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            found[reader.GetInt32(0)] = (reader.GetInt64(1), reader.GetInt64(2));
        List<WatchStep> steps = [Step(0, "overdue", null, today.AddDays(-1))];
        DateOnly from = today;
        for (int i = 0; i < Steps.Length; i++)
        {
            DateOnly through = today.AddDays(Steps[i].Through);
            steps.Add(Step(i + 1, Steps[i].Step, from, through));
            from = through.AddDays(1);
        }
        steps.Add(Step(Steps.Length + 1, "later", from, null));
        return steps;

        WatchStep Step(int number, string name, DateOnly? first, DateOnly? last)
        {
            (long vouchers, long fen) = found.GetValueOrDefault(number);
            return new WatchStep(name, first, last, vouchers, fen);
        }
    }

    private async Task<List<WatchShare>> SharesAsync(
        DateOnly today, long whole, CancellationToken cancellation, params string[] columns)
    {
        IEnumerable<string> parts = columns.Select(column =>
            $"""
             (select '{column}:' || o.{column}, p.name, count(distinct o.root), sum(o.fen)::bigint,
                 coalesce(sum(o.fen) filter (where o.pay_day < $1), 0)::bigint
             from open o left join parties p on p.id = o.{column}
             group by o.{column}, p.name order by 4 desc, 1 limit {SharesMax})
             """);
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            $"with {Open} {string.Join(" union all ", parts)}");
        Add(query, today, NpgsqlDbType.Date);
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<WatchShare> shares = [];
        while (await reader.ReadAsync(cancellation))
        {
            long fen = reader.GetInt64(3);
            shares.Add(new WatchShare(
                reader.GetString(0), Text(reader, 1), reader.GetInt64(2), fen,
                whole == 0 ? 0 : Discount.HalfUp((Int128)fen * Million, whole), reader.GetInt64(4)));
        }
        return shares;
    }

    private async Task<Dictionary<string, string>> NamesAsync(string[] ids, CancellationToken cancellation)
    {
        await using NpgsqlCommand query =
            store.DataSource.CreateCommand("select id, name from parties where id = any($1)");
        Add(query, ids);
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            names[reader.GetString(0)] = reader.GetString(1);
        return names;
    }

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private static void Add(NpgsqlCommand query, object? value, NpgsqlDbType? type = null)
    {
        NpgsqlParameter parameter = new() { Value = value ?? DBNull.Value };
        if (type is { } known)
            parameter.NpgsqlDbType = known;
        query.Parameters.Add(parameter);
    }
}
