using System.Globalization;
using System.Text;
using EventStore;
using Npgsql;
using Receivables.Ledger;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Reconciliation;

/// <summary>A line of a statement.</summary>
/// <param name="Position">Its event's place in the feed; with Start it names the line for ever.</param>
/// <param name="At">When.</param>
/// <param name="Voucher">Which voucher.</param>
/// <param name="Kind">
/// <c>issued</c>, <c>transferred</c>, <c>sold</c>, <c>repurchased</c>, <c>paid</c>, <c>returned</c> or <c>closed</c>: a
/// voucher that came home and is void.
/// </param>
/// <param name="Command">The offer, or the receipt.</param>
/// <param name="Counterparty">From or to whom.</param>
/// <param name="Start">First fen.</param>
/// <param name="CreditFen">What came.</param>
/// <param name="DebitFen">What went.</param>
/// <param name="BalanceFen">All that the organisation held after it.</param>
public sealed record StatementLine(
    long Position, DateTimeOffset At, string Voucher, string Kind, string Command, string? Counterparty, long Start,
    long CreditFen, long DebitFen, long BalanceFen);

/// <summary>What an organisation held, got and gave in a period.</summary>
/// <param name="Party">Whose.</param>
/// <param name="From">First day, in Beijing.</param>
/// <param name="Through">Last day.</param>
/// <param name="OpeningFen">Held before the first day.</param>
/// <param name="Lines">In order.</param>
/// <param name="ClosingFen">Held after the last day.</param>
public sealed record StatementAnswer(
    string Party, DateOnly From, DateOnly Through, long OpeningFen, IReadOnlyList<StatementLine> Lines,
        long ClosingFen);

/// <summary>Statements of account for people, and as CSV for an ERP.</summary>
internal static class Statement
{
    private const int DaysMax = 366;
    private const string Header = "position,at,voucher,kind,command,counterparty,start,creditFen,debitFen,balanceFen";
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/statement", HandleAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetStatement")
            .WithSummary("What the organisation held, got and gave from a day through a day; CSV with format=csv.");

    private static async Task<IResult> HandleAsync(
        DateOnly from, DateOnly through, Caller caller, Store store, VoucherLookup lookup,
            CancellationToken cancellation,
        string format = "json")
    {
        if (through < from || through.DayNumber - from.DayNumber >= DaysMax || format is not ("json" or "csv"))
            throw new ProblemException(Problem.Of("statement-period", ("days", DaysMax)));
        (DateTimeOffset begin, DateTimeOffset end) = (Midnight(from), Midnight(through.AddDays(1)));
        long opening = (await lookup.BalancesAsync(caller.Tenant, begin.AddTicks(-10), cancellation)).Sum(b => b.Fen);
        List<StatementLine> lines = await LinesAsync(caller.Tenant, begin, end, opening, store, cancellation);
        long closing = lines.Count == 0 ? opening : lines[^1].BalanceFen;
        if (format == "csv")
            return TypedResults.Text(Csv(lines), "text/csv; charset=utf-8");
        return TypedResults.Json(
            new StatementAnswer(caller.Tenant, from, through, opening, lines, closing),
            ReconciliationJson.Default.StatementAnswer);
    }

    private static async Task<List<StatementLine>> LinesAsync(
        string party, DateTimeOffset begin, DateTimeOffset end, long opening, Store store,
            CancellationToken cancellation)
    {
        // A voucher that was closed is worth nothing from then on, also where its holder's part never left it.
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            with moved as (
                select position, number, at, root, kind, command, sender as other, start_fen, fen from voucher_movements
                where receiver = $1 and moves
                union all
                select position, number, at, root, kind, command, receiver, start_fen, -fen from voucher_movements
                where sender = $1 and moves)
            select position, number, at, root, kind, command, other, start_fen, fen from moved
            where at >= $2 and at < $3
            union all
            select max(m.position), 2147483647, v.closed_at, v.root, 'closed', v.stage, null, 0, -sum(m.fen)::bigint
            from vouchers v join moved m using (root)
            where v.closed_at >= $2 and v.closed_at < $3 group by v.root, v.closed_at, v.stage having sum(m.fen) <> 0
            order by 3, 1, 2
            """);
        query.Parameters.Add(new() { Value = party });
        query.Parameters.Add(new() { Value = begin.UtcDateTime });
        query.Parameters.Add(new() { Value = end.UtcDateTime });
        List<StatementLine> lines = [];
        long balance = opening;
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            long fen = reader.GetInt64(8);
            balance += fen;
            lines.Add(new StatementLine(
                reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(2), reader.GetString(3), reader.GetString(4),
                reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetString(6), reader.GetInt64(7),
                Math.Max(fen, 0), Math.Max(-fen, 0), balance));
        }
        return lines;
    }

    private static string Csv(List<StatementLine> lines)
    {
        StringBuilder text = new(Header + "\r\n");
        foreach (StatementLine l in lines)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{l.Position},{l.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'},{l.Voucher},{l.Kind},{Cell(l.Command)},")
                .Append(CultureInfo.InvariantCulture,
                $"{Cell(l.Counterparty ?? "")},{l.Start},{l.CreditFen},{l.DebitFen},{l.BalanceFen}\r\n");
        }
        return text.ToString();
    }

    /// <summary>A cell as RFC 4180 has it; what a spreadsheet would calculate begins with an apostrophe.</summary>
    private static string Cell(string text)
    {
        string safe = text.Length > 0 && "=+-@\t".Contains(text[0], StringComparison.Ordinal) ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\n") < 0 ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static DateTimeOffset Midnight(DateOnly day) =>
        new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), Beijing).ToUniversalTime();
}
