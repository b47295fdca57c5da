using System.Security.Cryptography;
using EventStore;
using Npgsql;
using Receivables.Rules;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Reconciliation;

/// <summary>Vouchers were compared with another institution's file. Nothing else is changed by it.</summary>
/// <param name="Institution">Whose file: the bank's own id, or the other platform's name.</param>
/// <param name="Day">The end of which day, in Beijing.</param>
/// <param name="FileSha256">Digest of the file.</param>
/// <param name="TheirLines">Lines of the file.</param>
/// <param name="TheirFen">Their sum.</param>
/// <param name="OurLines">Holdings that this platform has.</param>
/// <param name="OurFen">Their sum.</param>
/// <param name="Breaks">What does not agree; the first 1 000.</param>
/// <param name="BreakCount">How many there are.</param>
public sealed record InstitutionReconciled(
    string Institution, DateOnly Day, string FileSha256, int TheirLines, long TheirFen, int OurLines, long OurFen,
    IReadOnlyList<Break> Breaks, int BreakCount);

/// <summary>A comparison as it was done last.</summary>
public sealed record InstitutionState(InstitutionReconciled? Last)
{
    /// <summary>Before the first.</summary>
    public static readonly InstitutionState Initial = new((InstitutionReconciled?)null);
}

/// <summary>A comparison in a list.</summary>
public sealed record InstitutionItem(string Institution, DateOnly Day, int Breaks, long TheirFen, long OurFen);

/// <summary>Comparisons, the latest first.</summary>
public sealed record InstitutionList(IReadOnlyList<InstitutionItem> Items);

/// <summary>
/// Between institutions: a bank or factor compares what it holds here with its own books, the operator what another
/// platform says of vouchers that came from it or go there. Breaks are listed with their reason; nothing is corrected.
/// </summary>
internal static class RunInstitutions
{
    public const string Reconciled = "receivables.institution-reconciled.v1";
    public const string Schema =
        """
        create table institution_days (
            institution text   collate "C" not null,
            day         date   not null,
            breaks      int    not null,
            their_fen   bigint not null,
            our_fen     bigint not null,
            primary key (institution, day)
        );
        """;

    private const long FileBytesMax = 16 << 20;
    private const int BreaksMax = 1_000;
    private const int ListMax = 200;
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/reconciliations/institutions");
        group.MapPost("/{institution}/{day}", RunAsync).RequireRoles(Role.Member, Role.Admin, Role.Operator)
            .WithBodyLimit(FileBytesMax).WithName("ReconcileInstitution")
            .WithSummary("Compares another institution's holdings at the end of a day (CSV or XML) with vouchers here.");
        group.MapGet("/", ListAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Operator, Role.Regulator)
            .WithName("ListInstitutionDays").WithSummary("Comparisons; an organisation's own, or all.");
        group.MapGet("/{institution}/{day}", GetAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Operator, Role.Regulator)
            .WithName("GetInstitutionDay").WithSummary("A comparison as it was done last, with its breaks.");
    }

    private static string Stream(string institution, DateOnly day) => $"institution/{institution}/{day:yyyy-MM-dd}";

    private static bool IsAll(Caller caller) => caller.Is(Role.Operator) || caller.Is(Role.Regulator);

    private static async Task<IResult> RunAsync(
        string institution, DateOnly day, HttpContext http, Caller caller, Store store, TimeProvider time,
        CancellationToken cancellation)
    {
        bool platform = caller.Is(Role.Operator);
        if (!platform && institution != caller.Tenant)
            return Problem.Of("institution-of-another");
        if (day >= RuleBook.Day(time.GetUtcNow()))
            return Problem.Of("institution-day", ("day", day));
        ReadOnlyMemory<byte> file = await http.Request.ReadBytesAsync(cancellation);
        (IReadOnlyList<HoldingLine> theirs, int? fault) = Institutions.Read(file.Span);
        if (fault is { } line)
            return Problem.Of("institution-file-form", ("line", line));
        IReadOnlyList<HoldingLine> ours = await OursAsync(
            store, platform ? null : institution, platform ? institution : null,
            [.. theirs.Select(t => t.Voucher).Distinct()], day, cancellation);
        IReadOnlyList<Break> breaks = Institutions.Compare(theirs, ours);
        InstitutionReconciled result = new(
            institution, day, Convert.ToHexStringLower(SHA256.HashData(file.Span)), theirs.Count,
            theirs.Sum(t => t.Fen), ours.Count, ours.Sum(o => o.Fen), [.. breaks.Take(BreaksMax)], breaks.Count);
        return await Once.RunAsync(http, caller, null, async (session, token) =>
        {
            WritableStream<InstitutionState> stream =
                await session.FetchForWriting<InstitutionState>(Stream(institution, day), token);
            // The same file with the same result is no news.
            if (stream.Aggregate.Last is not { } last || last with { Breaks = result.Breaks } != result
                || !last.Breaks.SequenceEqual(result.Breaks))
            {
                stream.AppendOne(session.Context.Stamp(Reconciled, result));
                session.QueueSqlCommand(
                    """
                    insert into institution_days values ($1, $2, $3, $4, $5) on conflict (institution, day)
                    do update set breaks = excluded.breaks, their_fen = excluded.their_fen, our_fen = excluded.our_fen
                    """, institution, day, result.BreakCount, result.TheirFen, result.OurFen);
            }
            return Once.Json(StatusCodes.Status200OK, result, ReconciliationJson.Default.InstitutionReconciled);
        });
    }

    private static async Task<IResult> GetAsync(
        string institution, DateOnly day, Caller caller, Store store, CancellationToken cancellation) =>
        (IsAll(caller) || institution == caller.Tenant)
        && (await store.AggregateStreamAsync<InstitutionState>(Stream(institution, day), cancellation)).Last is { } last
            ? TypedResults.Json(last, ReconciliationJson.Default.InstitutionReconciled)
            : Problem.Of("reconciliation-not-found", ("day", day));

    private static async Task<IResult> ListAsync(Caller caller, Store store, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            $"""
             select institution, day, breaks, their_fen, our_fen from institution_days
             where $1 or institution = $2 order by day desc, institution limit {ListMax}
             """);
        query.Parameters.Add(new() { Value = IsAll(caller) });
        query.Parameters.Add(new() { Value = caller.Tenant });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<InstitutionItem> items = [];
        while (await reader.ReadAsync(cancellation))
        {
            items.Add(new InstitutionItem(reader.GetString(0), reader.GetFieldValue<DateOnly>(1), reader.GetInt32(2),
                reader.GetInt64(3), reader.GetInt64(4)));
        }
        return TypedResults.Json(new InstitutionList(items), ReconciliationJson.Default.InstitutionList);
    }

    /// <summary>
    /// Holdings at the end of a day: of a bank all that it held, of another platform all of the vouchers that came from it
    /// or stand in its file.
    /// </summary>
    private static async Task<IReadOnlyList<HoldingLine>> OursAsync(
        Store store, string? holder, string? platform, string[] roots, DateOnly day, CancellationToken cancellation)
    {
        // What was held after each movement is kept, so this looks at open vouchers and not at all that ever moved.
        const string sql =
            """
            select b.root, b.party, h.fen from voucher_balances b
            join vouchers v on v.root = b.root and v.issued_at < $1 and (v.closed_at is null or v.closed_at >= $1)
            cross join lateral (
                select fen from voucher_holdings h where h.party = b.party and h.root = b.root and h.at < $1
                order by h.at desc, h.position desc limit 1) h
            where h.fen <> 0 and
            """;
        await using NpgsqlCommand query = store.DataSource.CreateCommand(sql + (holder is not null
            ? " b.party = $2 order by 1, 2"
            : " b.root in (select unnest($3) union select root from import_vouchers where platform = $2) order by 1, 2"));
        query.Parameters.Add(new()
        {
            Value = new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), Beijing).UtcDateTime,
        });
        query.Parameters.Add(new() { Value = holder ?? platform ?? "" });
        if (holder is null)
            query.Parameters.Add(new() { Value = roots });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<HoldingLine> lines = [];
        while (await reader.ReadAsync(cancellation))
            lines.Add(new HoldingLine(reader.GetString(0), reader.GetString(1), reader.GetInt64(2)));
        return lines;
    }
}
