using EventStore;
using EventStore.Projections;
using Npgsql;
using Receivables.Reconciliation;

namespace Receivables.Maturity;

/// <summary>
/// For which days the bank's file has been compared and nothing of it is missing here. A file of a day comes on the
/// next one, so only then is it known what was not paid; a file without lines is the bank's word that nothing came. The
/// value date of a receipt decides, not the day on which it is imported.
/// </summary>
/// <param name="From">From this pay day on the file is waited for; before it the end of the day was enough.</param>
/// <param name="Days">Days that are complete.</param>
internal sealed record BankDays(DateOnly From, IReadOnlySet<DateOnly> Days)
{
    /// <summary>Setting of <see cref="From"/>: <c>Maturity:BankFileFrom=2025-06-15</c>.</summary>
    public const string Setting = "Maturity:BankFileFrom";

    /// <summary>
    /// Setting of the institutions that each deliver a file of every day: <c>Maturity:BankFiles:0=icbc</c> and so on. Where
    /// none is named, one file without a name is the day's.
    /// </summary>
    public const string Institutions = "Maturity:BankFiles";

    /// <summary>Since 银发〔2025〕77号 is in force.</summary>
    public static readonly DateOnly Usual = new(2025, 6, 15);

    /// <summary>Whether the bank has told all that came for a pay day.</summary>
    public bool Told(DateOnly payDay) => payDay < From || Days.Contains(payDay);

    /// <summary>Reads what is complete.</summary>
    public static async Task<BankDays> ReadAsync(Store store, DateOnly from, CancellationToken cancellation)
    {
        await using NpgsqlCommand query =
            store.DataSource.CreateCommand("select day from bank_days where complete and day >= $1");
        query.Parameters.Add(new() { Value = from });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        HashSet<DateOnly> days = [];
        while (await reader.ReadAsync(cancellation))
            days.Add(reader.GetFieldValue<DateOnly>(0));
        return new BankDays(from, days);
    }

    /// <summary>The setting of a configuration.</summary>
    public static DateOnly FromOf(IConfiguration configuration) =>
        DateOnly.TryParseExact(configuration[Setting], "yyyy-MM-dd", out DateOnly from) ? from : Usual;
}

/// <summary>Days of bank files; a receipt of the file that is not recorded here keeps its day open.</summary>
internal sealed class BankDayRows : IProjection
{
    public const string Schema = "create table bank_days (day date primary key, complete boolean not null);";

    /// <summary>
    /// A day is complete when the file of every institution that is waited for has come and nothing of any is missing here.
    /// </summary>
    public const string ByInstitution =
        """
        alter table bank_days rename to bank_files;
        alter table bank_files add column institution text collate "C" not null default '';
        alter table bank_files add column awaited text[] not null default '{}';
        alter table bank_files drop constraint bank_days_pkey;
        alter table bank_files add primary key (day, institution);
        create view bank_days as
        select f.day, bool_and(f.complete) and not exists (
            select from bank_files g, unnest(g.awaited) a (name) where g.day = f.day and not exists (
                select from bank_files h where h.day = f.day and h.institution = a.name)) as complete
        from bank_files f group by f.day;
        create table bank_file_lines (
            day         date not null,
            institution text collate "C" not null,
            receipt     text collate "C" not null,
            primary key (day, institution, receipt)
        );
        """;

    public string Name => "bank_days";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            if (e.Data is Reconciled r)
            {
                bool complete = r.BreakCount == r.Breaks.Count && r.Breaks.All(b => b.Kind != "bank-only");
                sql.Add(
                    """
                    insert into bank_files (day, complete, institution, awaited) values ($1, $2, $3, $4)
                    on conflict (day, institution) do update set complete = $2, awaited = $4
                    """, r.Day, complete, r.Institution ?? "", r.Awaited?.ToArray() ?? []);
            }
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate bank_files");
}
