using EventStore;
using Npgsql;
using NpgsqlTypes;
using Traceability.Codes.Validation;
using Traceability.Graph;

namespace Traceability.Epcis.Findings;

/// <summary>
/// Serials that nobody issued, of products whose codes are issued here. A product's owner may have used EPCIS before: what
/// it commissioned or made until its first batch was opened here keeps its identity. From then on codes made elsewhere are
/// imported, because only so they are taken from certified output.
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
            unknown.ExceptWith(await EarlierAsync([.. unknown], cancellationToken));
        return unknown;
    }

    private async Task<List<string>> EarlierAsync(string[] uris, CancellationToken cancellationToken)
    {
        string[] gtins = [.. uris.Select(u => GraphItem.GtinOf(u)!)];
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select i.uri from unnest($1, $2, $3, $4) as i (uri, gtin, issuer, since)
            cross join lateral (
                select array(
                    select tenant from products where gtin = i.gtin
                    union select tenant from product_former_owners where gtin = i.gtin) as tenants) o
            cross join lateral (
                select from (select seq, role from epcis_epcs where uri = i.uri collate "C" and role in (0, 4) offset 0) x
                cross join lateral (select * from epcis_events where seq = x.seq offset 0) e
                where e.record_time < i.since and e.error_time is null
                  and (x.role = 4 or e.type = 'ObjectEvent' and e.action = 'ADD')
                  and (e.tenant = any(o.tenants) or o.tenants = '{}' and e.tenant = i.issuer)
                  and (select true from epcis_events d
                    where d.hash = e.hash and d.tenant = e.tenant and d.error_time is not null limit 1) is null
                limit 1) born
            """);
        command.Parameters.Add(new() { Value = uris });
        command.Parameters.Add(new() { Value = gtins });
        command.Parameters.Add(new() { Value = gtins.Select(g => codes.OwnerOf(g) ?? "").ToArray() });
        command.Parameters.Add(new()
        {
            Value = gtins.Select(g => codes.IssuedSince(g).UtcDateTime).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> earlier = [];
        while (await reader.ReadAsync(cancellationToken))
            earlier.Add(reader.GetString(0));
        return earlier;
    }
}
