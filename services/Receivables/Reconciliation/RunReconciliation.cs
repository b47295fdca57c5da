using System.Security.Cryptography;
using EventStore;
using Npgsql;
using Receivables.Exchange;
using Receivables.Maturity;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Reconciliation;

/// <summary>
/// Three ways each day: what vouchers and their clearings say, what the bank's file says, and whether a sealed block
/// has it. Breaks are listed and recorded; nothing is corrected here.
/// </summary>
internal static class RunReconciliation
{
    private const long FileBytesMax = 16 << 20;
    private const int BreaksMax = 1_000;
    private const int AsksAtOnce = 8;
    private const int InstitutionMax = 40;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/reconciliations/{day}", RunAsync).RequireRoles(Role.Operator,
            Role.Service).WithBodyLimit(FileBytesMax)
            .WithName("Reconcile")
            .WithSummary("Compares a bank's file for a day (CSV or XML) with vouchers and chain; ?institution= where several deliver one.");
        app.MapGet("/reconciliations/{day}", GetAsync).RequireRoles(Role.Operator, Role.Service, Role.Regulator)
            .WithName("GetReconciliation")
            .WithSummary("The reconciliation of a day as it was done last, with its breaks.");
    }

    private static async Task<IResult> RunAsync(
        DateOnly day, HttpContext http, Caller caller, Store store, AnchorClient anchor, IConfiguration configuration,
        CancellationToken cancellation, string? institution = null)
    {
        string[] expected = configuration.GetSection(BankDays.Institutions).Get<string[]>() ?? [];
        if (expected.Length > 0 ? !expected.Contains(institution)
            : institution is not null && TableFile.Text(institution, InstitutionMax) is null)
            throw new ProblemException(Problem.Of("bank-file-institution", ("known", string.Join(", ", expected))));
        ReadOnlyMemory<byte> file = await http.Request.ReadBytesAsync(cancellation);
        (IReadOnlyList<BankLine> bank, int? fault) = BankFile.Read(file.Span);
        if (fault is { } line)
            throw new ProblemException(Problem.Of("bank-file-form", ("line", line)));
        IReadOnlyList<LedgerLine> ledger = await LedgerAsync(day, store, anchor, cancellation);
        return await Once.RunAsync(http, caller, null, async (session, token) =>
        {
            WritableStream<ReconciliationState> stream = await session.FetchForWriting<ReconciliationState>(
                ReconciliationEvents.Stream(day, institution), token);
            (HashSet<string> others, HashSet<string> came) = await OthersAsync(store, day, institution, token);
            string[] awaited = [.. expected.Where(e => e != institution && !came.Contains(e))];
            IReadOnlyList<Break> breaks = ThreeWay.Compare(bank, ledger, others, last: awaited.Length == 0);
            Reconciled result = new(
                day, Convert.ToHexStringLower(SHA256.HashData(file.Span)), bank.Count, bank.Sum(b => b.Fen),
                ledger.Count, ledger.Sum(l => l.Fen), ledger.Count(l => l.Anchored), [.. breaks.Take(BreaksMax)],
                breaks.Count)
            {
                Institution = institution,
                Awaited = awaited.Length == 0 ? null : awaited,
            };
            // The same file with the same result is no news.
            if (!Same(stream.Aggregate.Last, result))
            {
                stream.AppendOne(session.Context.Stamp(ReconciliationEvents.Reconciled, result));
                session.QueueSqlCommand("delete from bank_file_lines where day = $1 and institution = $2",
                    day, institution ?? "");
                session.QueueSqlCommand("insert into bank_file_lines select $1, $2, unnest($3)",
                    day, institution ?? "", bank.Select(b => b.Receipt).Distinct().ToArray());
            }
            return Once.Json(StatusCodes.Status200OK, result, ReconciliationJson.Default.Reconciled);
        });
    }

    /// <summary>Receipts in other institutions' files of a day, and whose files these are.</summary>
    private static async Task<(HashSet<string> Receipts, HashSet<string> Institutions)> OthersAsync(
        Store store, DateOnly day, string? institution, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select f.institution, l.receipt from bank_files f
            left join bank_file_lines l on l.day = f.day and l.institution = f.institution
            where f.day = $1 and f.institution <> $2
            """);
        query.Parameters.Add(new() { Value = day });
        query.Parameters.Add(new() { Value = institution ?? "" });
        (HashSet<string> receipts, HashSet<string> institutions) = ([], []);
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            institutions.Add(reader.GetString(0));
            if (!reader.IsDBNull(1))
                receipts.Add(reader.GetString(1));
        }
        return (receipts, institutions);
    }

    private static async Task<IResult> GetAsync(
        DateOnly day, Store store, CancellationToken cancellation, string? institution = null) =>
        (await store.AggregateStreamAsync<ReconciliationState>(ReconciliationEvents.Stream(day, institution),
            cancellation)).Last is { } last
            ? TypedResults.Json(last, ReconciliationJson.Default.Reconciled)
            : Problem.Of("reconciliation-not-found", ("day", day));

    private static bool Same(Reconciled? last, Reconciled now) =>
        last is not null && last with { Breaks = now.Breaks, Awaited = now.Awaited } == now
        && last.Breaks.SequenceEqual(now.Breaks) && (last.Awaited ?? []).SequenceEqual(now.Awaited ?? []);

    private static async Task<IReadOnlyList<LedgerLine>> LedgerAsync(
        DateOnly day, Store store, AnchorClient anchor, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            with allocated as (
                select a.receipt, min(a.root) as root, count(*) as roots, sum(a.fen)::bigint as fen,
                    sum(a.principal_fen)::bigint as principal, array_agg(a.event_id) as events, coalesce(sum((
                        select sum(m.fen) from voucher_movements m
                        where m.root = a.root and m.kind = 'paid' and m.command = a.receipt)), 0)::bigint as posted
                from receipt_allocations a where a.value_date = $1 group by a.receipt)
            select coalesce(a.receipt, p.receipt),
                coalesce(p.root, case when p.receipt is null and a.roots = 1 then a.root end),
                coalesce(p.fen, a.fen), coalesce(a.principal, 0), coalesce(a.posted, 0), coalesce(a.events, '{}')
            from allocated a full join (select * from payments where value_date = $1) p on p.receipt = a.receipt
            order by 1
            """);
        query.Parameters.Add(new() { Value = day });
        List<(LedgerLine Line, Guid[] Events)> found = [];
        await using (NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                found.Add((new LedgerLine(
                    reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt64(2), day,
                    reader.GetInt64(3), reader.GetInt64(4), Anchored: true), reader.GetFieldValue<Guid[]>(5)));
            }
        }
        LedgerLine[] lines = new LedgerLine[found.Count];
        ParallelOptions limits = new() { MaxDegreeOfParallelism = AsksAtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, found.Count, limits, async (i, token) =>
        {
            (LedgerLine line, Guid[] events) = found[i];
            bool anchored = true;
            foreach (Guid id in events)
                anchored &= (await anchor.StateAsync(id, token)).State is "anchored" or "witnessed";
            lines[i] = line with { Anchored = anchored };
        });
        return lines;
    }
}
