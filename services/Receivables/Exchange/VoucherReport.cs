using System.Globalization;
using System.Xml.Linq;
using EventStore;
using Microsoft.Extensions.Options;
using Npgsql;
using Receivables.Import;
using Receivables.Rules;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Exchange;

/// <summary>
/// The report of all vouchers at the end of a day, for the institution that collects them (银发〔2025〕77号 art. 19: 上海票据交易所).
/// No interface of that institution is public, so this is a form of our own, <c>voucher-report/1</c>, whose schema is served
/// beside it; whoever connects to theirs maps these columns.
/// </summary>
internal static class VoucherReport
{
    public static readonly XNamespace Space = "urn:voucher-report:1";
    public static readonly TableFile Form = new(
        "vouchers", "voucher", "voucher", "debtor", "debtorName", "debtorCode", "firstHolder", "firstHolderName",
        "firstHolderCode", "faceFen", "issueDate", "dueDate", "payDay", "stage", "holders", "transfers", "financedFen",
        "pledgedFen", "paidFen", "openFen");

    private const string Schema = "voucher-report-1.xsd";
    private const int FaceColumn = 7;
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/reports/vouchers/{day}", ReportAsync).RequireRoles(Role.Operator, Role.Regulator)
            .WithName("ReportVouchers").WithSummary("All vouchers at the end of a day as voucher-report/1, CSV or XML.");
        app.MapGet($"/reports/schemas/{Schema}", () => TypedResults.Stream(
                typeof(VoucherReport).Assembly.GetManifestResourceStream(Schema)!, "application/xml")).AllowAnonymous()
            .WithName("GetVoucherReportSchema").WithSummary("The XML schema of voucher-report/1.");
    }

    private static async Task<IResult> ReportAsync(
        DateOnly day, Store store, IOptions<ImportOptions> me, TimeProvider time, CancellationToken cancellation,
        string format = "xml")
    {
        if (format is not ("csv" or "xml") || day >= RuleBook.Day(time.GetUtcNow()))
            return Problem.Of("report-form");
        IReadOnlyList<IReadOnlyList<string>> rows = await RowsAsync(store, day, cancellation);
        if (format == "csv")
            return TypedResults.Text(Form.ToCsv(rows), "text/csv; charset=utf-8");
        long total = rows.Sum(r => long.Parse(r[FaceColumn], CultureInfo.InvariantCulture));
        return TypedResults.Text(Form.ToXml(Space, rows, ("schema", "voucher-report/1"), ("platform", me.Value.Name),
            ("day", $"{day:yyyy-MM-dd}"), ("count", $"{rows.Count}"), ("totalFen", $"{total}")), "application/xml");
    }

    private static async Task<IReadOnlyList<IReadOnlyList<string>>> RowsAsync(
        Store store, DateOnly day, CancellationToken cancellation)
    {
        // Amounts and holders as they were; the stage of what was not closed by then is today's, for it has no history
        // of its own. What was paid counts by its movements.
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select v.root, v.debtor, coalesce(d.name, ''), coalesce(d.credit_code, ''), v.first_holder,
                coalesce(f.name, ''), coalesce(f.credit_code, ''), v.face_fen::text, v.issue_date::text, v.due_date::text,
                coalesce(v.pay_day::text, ''), case when v.closed_at >= $1 then 'active' else v.stage end,
                held.holders::text, moved.transfers::text, moved.financed::text, moved.pledged::text, moved.paid::text,
                case when v.closed_at < $1 then '0' else held.fen::text end
            from vouchers v left join parties d on d.id = v.debtor left join parties f on f.id = v.first_holder
            cross join lateral (
                select count(distinct m.command) filter (where m.kind = 'transferred') as transfers,
                    coalesce(sum(m.fen) filter (where m.kind = 'sold'), 0)::bigint as financed,
                    coalesce(sum(case m.kind when 'pledged' then m.fen when 'released' then -m.fen end), 0)::bigint as pledged,
                    coalesce(sum(m.fen) filter (where m.kind = 'paid'), 0)::bigint as paid
                from voucher_movements m where m.root = v.root and m.at < $1) moved
            cross join lateral (
                select count(*) as holders, coalesce(sum(h.fen), 0)::bigint as fen from voucher_balances b
                cross join lateral (
                    select fen from voucher_holdings h where h.party = b.party and h.root = b.root and h.at < $1
                    order by h.at desc, h.position desc limit 1) h
                where b.root = v.root and h.fen > 0) held
            where v.issued_at < $1 order by v.root
            """);
        query.Parameters.Add(new()
        {
            Value = new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), Beijing).UtcDateTime,
        });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<IReadOnlyList<string>> rows = [];
        while (await reader.ReadAsync(cancellation))
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
        return rows;
    }
}
