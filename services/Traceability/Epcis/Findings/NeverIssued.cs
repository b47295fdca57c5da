using EventStore;
using Npgsql;
using NpgsqlTypes;
using Traceability.Codes.Validation;
using Traceability.Epcis.Storage;
using Traceability.Graph;
using Traceability.MasterData;

namespace Traceability.Epcis.Findings;

/// <summary>
/// Serials that nobody issued, of products whose codes are issued here by who owns or owned them: before a product is
/// described anybody can have codes of its GTIN issued, which says nothing of its owner's. An owner may have used EPCIS
/// before: what it commissioned or made until its own first batch was opened here, and while the product was its own, keeps
/// its identity. From then on codes made elsewhere are imported, because only so they are taken from certified output.
/// </summary>
internal sealed class NeverIssued(Store store, CodeValidator codes)
{
    /// <summary>Those of the identities that nobody issued.</summary>
    /// <param name="uris">Canonical Digital Links.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlySet<string>> OfAsync(IEnumerable<string> uris, CancellationToken cancellationToken)
    {
        HashSet<string> unknown =
            [.. uris.Where(u => IssuedSerials.IsNeverIssued(codes, u))];
        if (unknown.Count > 0)
            unknown.ExceptWith(await OthersAsync([.. unknown], cancellationToken));
        return unknown;
    }

    /// <summary>Those of which nothing is to be said: no owner issues codes here, or it was in use before.</summary>
    private async Task<List<string>> OthersAsync(string[] uris, CancellationToken cancellationToken)
    {
        string[] gtins = [.. uris.Select(u => GraphItem.GtinOf(u)!)];
        (string Gtin, string Tenant, DateTime Since)[] issuers =
        [
            .. gtins.Distinct().SelectMany(g => codes.IssuersOf(g).Select(i => (g, i.Key, i.Value.UtcDateTime))),
        ];
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
            with issuers as materialized (
                select * from unnest($3, $4, $5) as b (gtin, tenant, since)
            ), owners as materialized (
                select o.gtin, o.tenant, least(o.until, b.since) as until, b.since is not null as issues
                from (select distinct gtin from unnest($2) g (gtin)) g
                cross join lateral ({ProductOwners.Ever("g.gtin")}) o
                left join issuers b on b.gtin = o.gtin and b.tenant = o.tenant
                union all select b.gtin, b.tenant, b.since, true from issuers b
                where not exists (select from products where gtin = b.gtin)
            )
            select i.uri from unnest($1, $2) as i (uri, gtin)
            where not exists (select from owners where gtin = i.gtin and issues) or exists (
                select from (select seq, role from epcis_epcs where uri = i.uri collate "C" and role in (0, 4) offset 0) x
                cross join lateral (select * from epcis_events where seq = x.seq offset 0) e
                where e.error_time is null and (x.role = 4 or e.type = 'ObjectEvent' and e.action = 'ADD')
                  and exists (select from owners o
                    where o.gtin = i.gtin and o.tenant = e.tenant and e.record_time < o.until)
                  and {Declared.NotWrong("e")})
            """);
        command.Parameters.Add(new() { Value = uris });
        command.Parameters.Add(new() { Value = gtins });
        command.Parameters.Add(new() { Value = issuers.Select(i => i.Gtin).ToArray() });
        command.Parameters.Add(new() { Value = issuers.Select(i => i.Tenant).ToArray() });
        command.Parameters.Add(new()
        {
            Value = issuers.Select(i => i.Since).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> others = [];
        while (await reader.ReadAsync(cancellationToken))
            others.Add(reader.GetString(0));
        return others;
    }
}
