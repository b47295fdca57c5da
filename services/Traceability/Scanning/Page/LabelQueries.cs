using Npgsql;
using Traceability.Codes.Keys;
using Traceability.Codes.Quotas;
using Traceability.Codes.Validation;
using Traceability.MasterData;

namespace Traceability.Scanning.Page;

/// <summary>The certified output that a label was issued from.</summary>
/// <param name="Certificate">Number of the certificate.</param>
/// <param name="Rule">How the amount follows, in words.</param>
/// <param name="ValidFrom">First day.</param>
/// <param name="ValidTo">Last day.</param>
/// <param name="Label">Which of the certified labels it is; null unless the owner publishes <c>/quota</c>.</param>
/// <param name="Amount">How many are certified; likewise.</param>
/// <param name="Declared">Whether it is the producer's own word, not an authority's.</param>
internal sealed record PageQuota(
    string Certificate, Wording? Rule, DateOnly ValidFrom, DateOnly ValidTo, long? Label, long? Amount,
    bool Declared = false);

/// <summary>The labels that a label is set with: the one it stands under, and those under it.</summary>
/// <param name="Above">The one above; null where there is none.</param>
/// <param name="Below">The first few below.</param>
/// <param name="BelowCount">How many there are below.</param>
internal sealed record PageSet(SetLabel? Above, IReadOnlyList<SetLabel> Below, int BelowCount);

/// <summary>A label of a set. The page shows the end of its serial only, or a copied label would get its partner too.</summary>
internal sealed record SetLabel(string Gtin, string End, Wording? Name);

/// <summary>Certified output of the label. A GTIN without a quota has none.</summary>
internal sealed class QuotaQuery : IPageQuery
{
    private const string Published = "/quota";

    public NpgsqlBatchCommand? Command(ItemKey key, Holding holding, DateTimeOffset now) => key.Label is not { } label ? null : Sql.Command(
        """
        select q.certificate, q.rule, q.valid_from, q.valid_to, d.before + ($2 - d.from_code) + 1, q.amount, o.published,
            o.withheld, q.certified_by = q.tenant
        from code_draws d join code_quotas q on q.id = d.quota left join trace_policies o on o.tenant = q.tenant
        where d.batch = $1 and d.from_code <= $2 and d.to_code > $2
        """, label.Batch, label.Counter);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        if (!await rows.ReadAsync(cancellationToken))
            return;
        bool published = rows.Policy(6).Published.Contains(Published);
        QuotaRule? rule = QuotaRule.Find(rows.GetString(1), rows.GetFieldValue<DateOnly>(2));
        facts.Quota = new PageQuota(
            rows.GetString(0), rule is null ? null : new Wording(rule.Zh, rule.En), rows.GetFieldValue<DateOnly>(2),
            rows.GetFieldValue<DateOnly>(3), published ? rows.GetInt64(4) : null, published ? rows.GetInt64(5) : null,
            rows.GetBoolean(8));
    }
}

/// <summary>Labels set with this one (套标, two labels in one).</summary>
internal sealed class SetQuery(CodeValidator validator, CodeKeys keys) : IPageQuery
{
    private const int EndLength = 6;
    private const int BelowShown = 6;

    public NpgsqlBatchCommand? Command(ItemKey key, Holding holding, DateTimeOffset now) => key.Label is not { } label ? null : Sql.Command(
        """
        select true, s.parent_batch, s.parent_from + ($2 - s.from_code) / s.ratio, 1, p.name_zh, p.name_en
        from code_sets s join code_batches b on b.id = s.parent_batch left join products p on p.gtin = b.gtin
        where s.batch = $1 and s.from_code <= $2 and s.to_code > $2
        union all
        select false, s.batch, s.from_code + ($2 - s.parent_from) * s.ratio, s.ratio, p.name_zh, p.name_en
        from code_sets s join code_batches b on b.id = s.batch left join products p on p.gtin = b.gtin
        where s.parent_batch = $1 and s.parent_from <= $2 and s.parent_to > $2
        """, label.Batch, label.Counter);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        SetLabel? above = null;
        List<SetLabel> below = [];
        int count = 0;
        while (await rows.ReadAsync(cancellationToken))
        {
            if (validator.Batch(rows.GetGuid(1)) is not { } batch)
                continue;
            (int from, int ratio) = (rows.GetInt32(2), rows.GetInt32(3));
            if (rows.GetBoolean(0))
            {
                above = Label(batch, from, rows.Words(4));
                continue;
            }
            count += ratio;
            for (int i = 0; i < ratio && below.Count < BelowShown; i++)
                below.Add(Label(batch, from + i, rows.Words(4)));
        }
        if (above is not null || count > 0)
            facts.Set = new PageSet(above, below, count);
    }

    private SetLabel Label(KnownBatch batch, int counter, Wording? name) =>
        new(batch.Gtin, batch.SerialOf(keys[batch.Opened.KeyVersion], counter)[^EndLength..], name);
}
