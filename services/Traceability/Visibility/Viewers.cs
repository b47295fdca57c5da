using EventStore;
using Npgsql;
using ServiceDefaults.Auth;

namespace Traceability.Visibility;

/// <summary>Who a caller is to events, and what organisations show, from their master data.</summary>
internal sealed class Viewers(Store store)
{
    public const string Schema =
        """
        create table trace_glns (
            gln       text collate "C" primary key,
            tenant    text collate "C" not null,
            confirmed boolean not null,
            name      text not null
        );
        create index trace_glns_tenant on trace_glns (tenant);

        create table trace_partners (
            tenant  text collate "C" not null,
            partner text collate "C" not null,
            primary key (partner, tenant)
        );

        create table trace_policies (
            tenant    text collate "C" primary key,
            published text[]  not null,
            withheld  text[]  not null,
            strict    boolean not null
        );
        """;

    /// <summary>The viewer that a caller is.</summary>
    public Task<Viewer> OfAsync(Caller caller, CancellationToken cancellationToken) =>
        OfAsync(caller.Tenant, caller.Is(Role.Regulator), cancellationToken);

    /// <summary>The viewer that an organisation is.</summary>
    public async Task<Viewer> OfAsync(string tenant, bool isRegulator, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select true, gln from trace_gln_owners where tenant = $1
            union all select false, tenant from trace_partners where partner = $1
            """);
        command.Parameters.Add(new() { Value = tenant });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        HashSet<string> glns = [], sharing = [];
        while (await reader.ReadAsync(cancellationToken))
            (reader.GetBoolean(0) ? glns : sharing).Add(reader.GetString(1));
        return new Viewer(tenant, glns, sharing, isRegulator);
    }

    /// <summary>The policies of organisations; one that set none has the default.</summary>
    public async Task<IReadOnlyDictionary<string, DisclosurePolicy>> PoliciesAsync(
        IEnumerable<string> tenants, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select tenant, published, withheld from trace_policies where tenant = any($1)");
        command.Parameters.Add(new() { Value = tenants.Distinct().ToArray() });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        Dictionary<string, DisclosurePolicy> policies = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            policies[reader.GetString(0)] = new DisclosurePolicy(
                reader.GetFieldValue<string[]>(1).ToHashSet(), reader.GetFieldValue<string[]>(2).ToHashSet());
        }
        return policies;
    }
}
