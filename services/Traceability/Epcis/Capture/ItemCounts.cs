using Npgsql;
using Traceability.Graph;

namespace Traceability.Epcis.Capture;

/// <summary>
/// How many events about each item were known, so that an event can say how many there were before it and a reader finds
/// out when one of them is left out (services/docs/adr/0007). Only events that everybody may know to be about the item
/// count, and no declarations of error; and only those of the capturing organisation itself and of others that have standing:
/// who owns or owned the product, its partners and sellers, and owners of a confirmed GLN. What a stranger records and
/// withholds afterwards would else be missed for ever. Two captures at once don't count each other: the number is never too high.
/// </summary>
/// <param name="Stored">By item, where there are any.</param>
/// <param name="Withheld">Members that the capturing organisation keeps from the public.</param>
internal sealed record ItemCounts(IReadOnlyDictionary<string, int> Stored, IReadOnlySet<string> Withheld)
{
    public static readonly ItemCounts Nothing = new(new Dictionary<string, int>(), new HashSet<string>());

    /// <summary>An event of more items does not count them: its statements would be too many.</summary>
    public const int ItemsMax = 10_000;

    /// <summary>Items of one capture that are looked up.</summary>
    private const int AskedMax = 50_000;

    /// <summary>Rows that are read for one capture: others can fill the items' past.</summary>
    private const int RowsMax = 500_000;

    /// <summary>"At least so many": a number is one byte.</summary>
    private const int Most = byte.MaxValue;

    /// <summary>Pointers of the members that name items, by role.</summary>
    private static readonly string[] Members = ["/epcList", "/parentID", "/childEPCs", "/inputEPCList", "/outputEPCList"];

    /// <summary>
    /// Of events in their order: the number for each item, in the order of the event, less the zeros at the end; null
    /// where an event has too many items.
    /// </summary>
    public IReadOnlyList<byte[]?> Of(IEnumerable<EpcisEvent> events)
    {
        Dictionary<string, int> now = new(Stored, StringComparer.Ordinal);
        return [.. events.Select(e => Take(e, now))];
    }

    /// <summary>Asks for what is stored of items; the first result is numbers by item, the second what is withheld.</summary>
    /// <param name="tenant">The organisation that captures.</param>
    /// <param name="events">
    /// What it captures. Items of events that say no numbers are not looked up, and of very many only the first are: a
    /// number that is not known is zero, which is never too high.
    /// </param>
    public static IEnumerable<NpgsqlBatchCommand> Ask(string tenant, IEnumerable<EpcisEvent> events)
    {
        string[] items =
        [
            .. events.Where(e => e.Epcs.Count <= ItemsMax).SelectMany(e => e.Epcs).Select(e => e.Uri).Distinct()
                .Take(AskedMax),
        ];
        NpgsqlBatchCommand counts = new(
            $"""
            with named as materialized (
                select i.uri, i.gtin, x.seq, x.role from unnest($1, $3) as i (uri, gtin)
                cross join lateral (
                    select distinct on (seq) seq, role from epcis_epcs where uri = i.uri collate "C"
                    order by seq limit {Most}) x
                limit {RowsMax}
            ), known as materialized (
                select n.seq, e.tenant, p.withheld from (select distinct seq from named) n
                cross join lateral (select tenant, error_time from epcis_events where seq = n.seq offset 0) e
                left join trace_policies p on p.tenant = e.tenant where e.error_time is null
            ), owners as materialized (
                select gtin, tenant from products where gtin = any($3)
                union select gtin, tenant from product_former_owners where gtin = any($3)
                union select p.gtin, t.partner from products p join trace_partners t on t.tenant = p.tenant
                    where p.gtin = any($3)
                union select gtin, seller from sellers where gtin = any($3))
            select n.uri, count(*)::int from named n join known k using (seq)
            where {Public("n.role", "k")} and (k.tenant = $2 or k.tenant in (select tenant from trace_gln_owners)
                or (n.gtin, k.tenant) in (select gtin, tenant from owners))
            group by n.uri
            """);
        counts.Parameters.Add(new() { Value = items });
        counts.Parameters.Add(new() { Value = tenant });
        counts.Parameters.Add(new() { Value = items.Select(i => GraphItem.GtinOf(i) ?? "").ToArray() });
        yield return counts;
        NpgsqlBatchCommand withheld = new("select unnest(withheld) from trace_policies where tenant = $1");
        withheld.Parameters.Add(new() { Value = tenant });
        yield return withheld;
    }

    /// <summary>Reads both answers.</summary>
    public static async Task<ItemCounts> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            counts.Add(reader.GetString(0), reader.GetInt32(1));
        await reader.NextResultAsync(cancellationToken);
        HashSet<string> withheld = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            withheld.Add(reader.GetString(0));
        return new ItemCounts(counts, withheld);
    }

    /// <summary>Whether everybody may know that an event names an item, as SQL over its role and its owner's policy.</summary>
    public static string Public(string role, string policy) =>
        $"coalesce(not (array['{string.Join("', '", Members)}'])[{role} + 1] = any({policy}.withheld), true)";

    private byte[]? Take(EpcisEvent e, Dictionary<string, int> now)
    {
        byte[] before = new byte[e.Epcs.Count];
        int length = 0;
        for (int i = 0; i < before.Length; i++)
        {
            before[i] = (byte)Math.Min(Most, now.GetValueOrDefault(e.Epcs[i].Uri));
            if (before[i] > 0)
                length = i + 1;
        }
        if (e.ErrorDeclaration is null)
        {
            foreach (string item in e.Epcs.Where(x => !Withheld.Contains(Members[(int)x.Role])).Select(x => x.Uri).Distinct())
                now[item] = now.GetValueOrDefault(item) + 1;
        }
        return before.Length > ItemsMax ? null : before[..length];
    }
}
