using System.Globalization;
using System.Text.Json;
using EventStore;
using EventStore.Projections;
using Npgsql;
using NpgsqlTypes;
using Prepaid.Merchants;

namespace Prepaid.Risk;

/// <summary>A merchant in the regulator's list, as of its last grade; amounts in fen.</summary>
/// <param name="Merchant">The issuer.</param>
/// <param name="Name">Its name.</param>
/// <param name="Jurisdiction">GB/T 2260 code.</param>
/// <param name="Industry">Its industry.</param>
/// <param name="GradedOn">Day of the grade; null before the first.</param>
/// <param name="Letter">The graded letter.</param>
/// <param name="Tenths">Points of a hundred, in tenths.</param>
/// <param name="DecidedLetter">The regulator's letter on an appeal, while it lasts.</param>
/// <param name="DecidedUntil">Its last day.</param>
/// <param name="AlertSince">Day of an alert that nobody dealt with.</param>
/// <param name="AppealOf">Day of the grade that an appeal stands against.</param>
/// <param name="OwedFen">Principal owed.</param>
/// <param name="CustodyFen">In custody, insurances and guarantees counted.</param>
/// <param name="RequiredFen">What the rules ask at most; null where no rule is known.</param>
/// <param name="CoveragePpm">Custody over what is required, in millionths; null where nothing is.</param>
/// <param name="FundedPpm">Custody over what is owed, in millionths; null where nothing is.</param>
/// <param name="CustodyUntil">The last day on which custody pays for the use.</param>
public sealed record RatedLine(
    string Merchant, string Name, string Jurisdiction, string Industry, DateOnly? GradedOn, string? Letter,
    long? Tenths, string? DecidedLetter, DateOnly? DecidedUntil, DateOnly? AlertSince, DateOnly? AppealOf,
    long? OwedFen, long? CustodyFen, long? RequiredFen, long? CoveragePpm, long? FundedPpm, DateOnly? CustodyUntil);

/// <summary>A page of the list.</summary>
/// <param name="Merchants">In order.</param>
/// <param name="Next">What to ask the next page with; null at the end.</param>
public sealed record RatedPage(IReadOnlyList<RatedLine> Merchants, string? Next);

/// <summary>What the regulator lists.</summary>
/// <param name="Sort"><c>coverage</c>, <c>funded</c>, <c>grade</c>, or <c>owed</c>: the worst or largest
/// first.</param>
/// <param name="Jurisdiction">Of a place, or of all.</param>
/// <param name="Alert">Only those with an open alert.</param>
/// <param name="Appeal">Only those with an open appeal.</param>
internal sealed record RatedQuery(string Sort, string? Jurisdiction, bool Alert, bool Appeal);

/// <summary>All merchants that filed with their last grade, so that the regulator can list the worst first.</summary>
internal sealed class RatedRows : IProjection
{
    /// <summary>Its table.</summary>
    public const string Schema =
        """
        create table rated_merchants (
            merchant      text collate "C" primary key,
            name          text not null,
            jurisdiction  text not null,
            industry      text not null,
            graded_on     date,
            grade         jsonb,
            letter        int,
            coverage_ppm  bigint,
            funded_ppm    bigint,
            decided       text,
            decided_until date,
            alert_since   date,
            appeal_of     date
        );
        create index rated_merchants_alert on rated_merchants (alert_since) where alert_since is not null;
        """;

    /// <summary>Merchants that had filed before the table was there.</summary>
    public const string Earlier =
        """
        insert into rated_merchants (merchant, name, jurisdiction, industry)
        select distinct on (stream) substr(stream, 10), e#>>'{data,filing,name}', e#>>'{data,filing,jurisdiction}',
            e#>>'{data,filing,industry}'
        from (select stream, version, convert_from(body, 'UTF8')::jsonb as e from store.events
            where type = 'prepaid.merchant-filed.v1') filed
        order by stream, version desc
        on conflict (merchant) do nothing
        """;

    private static readonly Dictionary<string, string> s_keys = new(StringComparer.Ordinal)
    {
        ["coverage"] = "coalesce(coverage_ppm, 1::bigint << 60)",
        ["funded"] = "coalesce(funded_ppm, 1::bigint << 60)",
        ["grade"] = "coalesce(letter * 10000 + (grade->>'tenths')::bigint, 1::bigint << 60)",
        ["owed"] = "-coalesce((grade#>>'{figures,owedFen}')::bigint, 0)",
    };

    /// <inheritdoc/>
    public string Name => "rated-merchants";

    /// <summary>Whether the list can be sorted so.</summary>
    public static bool Sorts(string sort) => s_keys.ContainsKey(sort);

    /// <inheritdoc/>
    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            if (e.Data is MerchantEvent.Filed { Filing: var f })
            {
                sql.Add(
                    """
                    insert into rated_merchants (merchant, name, jurisdiction, industry) values ($1, $2, $3, $4)
                    on conflict (merchant) do update
                    set name = excluded.name, jurisdiction = excluded.jurisdiction, industry = excluded.industry
                    """, MerchantEvents.MerchantOf(e.Stream), f.Name, f.Jurisdiction, f.Industry);
            }
            else if (e.Data is RiskEvent risk)
            {
                Project(RiskEvents.MerchantOf(e.Stream), risk, sql);
            }
        }
    }

    /// <inheritdoc/>
    public void Reset(SqlBatch sql) => sql.Add("truncate rated_merchants");

    /// <summary>Merchants that have closed days and no grade since a day.</summary>
    public static async Task<IReadOnlyList<string>> DueAsync(
        NpgsqlDataSource database, DateOnly since, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            """
            select merchant from rated_merchants r where (graded_on is null or graded_on < $1)
                and exists (select 1 from liability_days d where d.merchant = r.merchant) order by merchant
            """);
        query.Parameters.Add(new() { Value = since });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        List<string> merchants = [];
        while (await rows.ReadAsync(cancellation))
            merchants.Add(rows.GetString(0));
        return merchants;
    }

    /// <summary>A page of the list; null where the cursor is none of this list.</summary>
    public static async Task<RatedPage?> ReadAsync(
        NpgsqlDataSource database, RatedQuery asked, string? cursor, int limit, CancellationToken cancellation)
    {
        (long Key, string Merchant) after = (long.MinValue, "");
        if (cursor is not null)
        {
            if (cursor.Split('~', 2) is not [var number, var merchant] || !long.TryParse(
                number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long key))
                return null;
            after = (key, merchant);
        }
        await using NpgsqlCommand query = database.CreateCommand(
            $"""
            select * from (
                select merchant, name, jurisdiction, industry, graded_on, grade, decided, decided_until, alert_since,
                    appeal_of, coverage_ppm, funded_ppm, {s_keys[asked.Sort]} as key
                from rated_merchants where ($1 is null or jurisdiction = $1) and (not $2 or alert_since is not null)
                    and (not $3 or appeal_of is not null)) m
            where (key, merchant) > ($4, $5) order by key, merchant limit $6
            """);
        query.Parameters.Add(new() { Value = asked.Jurisdiction ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        foreach (object value in (object[])[asked.Alert, asked.Appeal, after.Key, after.Merchant, limit + 1])
            query.Parameters.Add(new() { Value = value });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        List<(RatedLine Line, long Key)> lines = [];
        while (await rows.ReadAsync(cancellation))
            lines.Add((Line(rows), rows.GetInt64(12)));
        bool more = lines.Count > limit;
        return new RatedPage([.. lines.Take(limit).Select(l => l.Line)], more
            ? string.Create(CultureInfo.InvariantCulture, $"{lines[limit - 1].Key}~{lines[limit - 1].Line.Merchant}")
            : null);
    }

    /// <summary>Custody over another amount in millionths; null over nothing.</summary>
    public static long? Ppm(GradedFigures f, long? over) => over is > 0
        ? (long)((Int128)(f.CustodyFen + f.OffsetFen) * 1_000_000 / over.Value) : null;

    private static void Project(string merchant, RiskEvent risk, SqlBatch sql)
    {
        switch (risk)
        {
            case RiskEvent.Graded g:
                sql.Add(
                    """
                    update rated_merchants set graded_on = $2, grade = $3::jsonb, letter = $4, coverage_ppm = $5,
                        funded_ppm = $6, alert_since = case when $7 then coalesce(alert_since, $2) else alert_since end
                    where merchant = $1
                    """, merchant, g.Day, JsonSerializer.Serialize(g, RiskJson.Default.Graded), (int)g.Letter,
                    Number(Ppm(g.Figures, g.Figures.RequiredFen)), Number(Ppm(g.Figures, g.Figures.OwedFen)), g.Raised);
                break;
            case RiskEvent.Appealed a:
                sql.Add("update rated_merchants set appeal_of = $2 where merchant = $1", merchant, a.Day);
                break;
            case RiskEvent.AppealDecided { Letter: { } letter, Until: { } until }:
                sql.Add(
                    """
                    update rated_merchants set appeal_of = null, decided = $2, decided_until = $3 where merchant = $1
                    """, merchant, letter.ToString(), until);
                break;
            case RiskEvent.AppealDecided:
                sql.Add("update rated_merchants set appeal_of = null where merchant = $1", merchant);
                break;
            case RiskEvent.AlertHandled:
                sql.Add("update rated_merchants set alert_since = null where merchant = $1", merchant);
                break;
            default:
                break;
        }
    }

    private static RatedLine Line(NpgsqlDataReader rows)
    {
        RiskEvent.Graded? grade = rows.IsDBNull(5)
            ? null : JsonSerializer.Deserialize(rows.GetString(5), RiskJson.Default.Graded);
        GradedFigures? f = grade?.Figures;
        return new RatedLine(
            rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), Day(rows, 4),
            grade?.Letter.ToString(), grade?.Tenths, rows.IsDBNull(6) ? null : rows.GetString(6), Day(rows, 7),
            Day(rows, 8), Day(rows, 9), f?.OwedFen, f?.CustodyFen + f?.OffsetFen, f?.RequiredFen,
            rows.IsDBNull(10) ? null : rows.GetInt64(10), rows.IsDBNull(11) ? null : rows.GetInt64(11),
            grade?.BurnDown.CustodyUntil);
    }

    private static DateOnly? Day(NpgsqlDataReader rows, int column) =>
        rows.IsDBNull(column) ? null : rows.GetFieldValue<DateOnly>(column);

    private static NpgsqlParameter Number(long? value) =>
        new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint };
}
