using System.Security.Cryptography;
using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using Receivables.Parties;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Exchange;

/// <summary>What a company owes by its ERP.</summary>
/// <param name="Number">The ERP's own number of it.</param>
/// <param name="Supplier">Whom it owes it to, by the register's id.</param>
/// <param name="Invoice">Number of the invoice.</param>
/// <param name="Fen">How much.</param>
/// <param name="Delivered">Day of delivery.</param>
/// <param name="Due">Day of payment.</param>
public sealed record Payable(string Number, string Supplier, string Invoice, long Fen, DateOnly Delivered, DateOnly Due);

/// <summary>Payables of an organisation.</summary>
public sealed record PayableList(IReadOnlyList<Payable> Items, long Fen);

/// <summary>What an import came to.</summary>
/// <param name="FileSha256">Digest of the file.</param>
/// <param name="Lines">Payables of the file.</param>
/// <param name="New">Those that were not there.</param>
/// <param name="Fen">Sum of the file.</param>
public sealed record PayablesImported(string FileSha256, int Lines, int New, long Fen);

/// <summary>Reads what a company's ERP says it owes, from which vouchers are issued.</summary>
internal static class Payables
{
    public const string Imported = "receivables.payables-imported.v1";
    public const string Schema =
        """
        create table payables (
            tenant    text   collate "C" not null,
            number    text   collate "C" not null,
            supplier  text   collate "C" not null,
            invoice   text   not null,
            fen       bigint not null,
            delivered date   not null,
            due       date   not null,
            primary key (tenant, number)
        );
        """;

    private const long FileBytesMax = 16 << 20;
    private const int NumberMax = 64;
    private const int ListMax = 1_000;
    private static readonly TableFile Form =
        new("payables", "payable", "number", "supplier", "invoice", "fen", "delivered", "due");

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/payables", ImportAsync).RequireRoles(Role.Member, Role.Admin).WithBodyLimit(FileBytesMax)
            .WithName("ImportPayables")
            .WithSummary("What the organisation's ERP says it owes (CSV or XML); the same number twice is once.");
        app.MapGet("/payables", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ListPayables").WithSummary("Imported payables, the earliest due first.");
    }

    public static EventModel AddExchangeEvents(this EventModel model) => model
        .Event(Imported, ExchangeJson.Default.PayablesImported)
        .Migrate("receivables-0603-payables", Schema);

    public static void MapExchange(this IEndpointRouteBuilder app)
    {
        Map(app);
        VoucherReport.Map(app);
    }

    /// <summary>Reads a file: the payables with their lines, or the line that is wrong and its code. Pure.</summary>
    public static (IReadOnlyList<(int Line, Payable Payable)> Rows, (int Line, string Code)? Fault) Read(
        ReadOnlySpan<byte> bytes)
    {
        (IReadOnlyList<(int Line, string?[] Cells)> rows, int? fault) = Form.Read(bytes);
        if (fault is { } wrong)
            return ([], (wrong, "payables-form"));
        List<(int, Payable)> read = [];
        HashSet<string> numbers = new(StringComparer.Ordinal);
        foreach ((int line, string?[] c) in rows)
        {
            if (TableFile.Text(c[0], NumberMax) is not { } number || !numbers.Add(number)
                || TableFile.Text(c[1], NumberMax) is not { } supplier
                || TableFile.Text(c[2], NumberMax) is not { } invoice || TableFile.Fen(c[3]) is not { } fen
                || TableFile.Day(c[4]) is not { } delivered || TableFile.Day(c[5]) is not { } due)
                return ([], (line, "payables-form"));
            if (due < delivered || due > delivered.AddYears(1))
                return ([], (line, "payables-due"));
            read.Add((line, new Payable(number, supplier, invoice, fen, delivered, due)));
        }
        return (read, null);
    }

    private static async Task<IResult> ImportAsync(
        HttpContext http, Caller caller, Store store, PartyDirectory parties, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> file = await http.Request.ReadBytesAsync(cancellation);
        (IReadOnlyList<(int Line, Payable Payable)> rows, (int Line, string Code)? fault) = Read(file.Span);
        if (fault is { } wrong)
            return Problem.Of(wrong.Code, ("line", wrong.Line));
        foreach (IGrouping<string, (int Line, Payable Payable)> of in rows.GroupBy(r => r.Payable.Supplier))
        {
            if (of.Key == caller.Tenant
                || (await parties.FindAsync(of.Key, cancellation)).Status == PartyStatus.Unknown)
                return Problem.Of("payables-supplier", ("line", of.First().Line), ("supplier", of.Key));
        }
        return await Once.RunAsync(http, caller, null, async (session, token) =>
        {
            Dictionary<string, Payable> known = (await KnownAsync(store, caller.Tenant, null, token))
                .ToDictionary(p => p.Number, StringComparer.Ordinal);
            if (rows.FirstOrDefault(r => known.TryGetValue(r.Payable.Number, out Payable? before)
                && before != r.Payable) is { Payable: { } other } differs)
                throw new ProblemException(Problem.Of(
                    "payables-differs", ("line", differs.Line), ("number", other.Number)));
            Payable[] news = [.. rows.Select(r => r.Payable).Where(p => !known.ContainsKey(p.Number))];
            PayablesImported result = new(Convert.ToHexStringLower(SHA256.HashData(file.Span)), rows.Count,
                news.Length, rows.Sum(r => r.Payable.Fen));
            if (news.Length > 0)
            {
                session.StartStream(
                    $"payables/{session.Context.NewId()}", session.Context.Stamp(Imported, result));
                session.QueueSqlCommand(
                    """
                    insert into payables
                    select $1, n.* from unnest($2, $3, $4, $5, $6, $7) as n (number, supplier, invoice, fen, delivered, due)
                    on conflict do nothing
                    """, caller.Tenant, news.Select(p => p.Number).ToArray(), news.Select(p => p.Supplier).ToArray(),
                    news.Select(p => p.Invoice).ToArray(), news.Select(p => p.Fen).ToArray(),
                    news.Select(p => p.Delivered).ToArray(), news.Select(p => p.Due).ToArray());
            }
            return Once.Json(StatusCodes.Status200OK, result, ExchangeJson.Default.PayablesImported);
        });
    }

    private static async Task<IResult> ListAsync(Caller caller, Store store, CancellationToken cancellation)
    {
        IReadOnlyList<Payable> items = await KnownAsync(store, caller.Tenant, ListMax, cancellation);
        return TypedResults.Json(new PayableList(items, items.Sum(p => p.Fen)), ExchangeJson.Default.PayableList);
    }

    private static async Task<IReadOnlyList<Payable>> KnownAsync(
        Store store, string tenant, int? limit, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            $"""
             select number, supplier, invoice, fen, delivered, due from payables where tenant = $1
             order by due, number {(limit is null ? "" : $"limit {limit}")}
             """);
        query.Parameters.Add(new() { Value = tenant });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<Payable> items = [];
        while (await reader.ReadAsync(cancellation))
        {
            items.Add(new Payable(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3),
                reader.GetFieldValue<DateOnly>(4), reader.GetFieldValue<DateOnly>(5)));
        }
        return items;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PayablesImported))]
[JsonSerializable(typeof(PayableList))]
internal sealed partial class ExchangeJson : JsonSerializerContext;
