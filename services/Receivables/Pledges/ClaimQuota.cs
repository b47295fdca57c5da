using EventStore;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Problems;

namespace Receivables.Pledges;

/// <summary>
/// What one organisation may have of the platform's evaluations in a UTC day, so that none uses up what all share. Counted
/// in the database: a restart forgets nothing.
/// </summary>
internal sealed class ClaimQuota(Store store, TimeProvider time, IOptions<PledgeOptions> options)
{
    /// <summary>The table.</summary>
    public const string Schema =
        """
        create table pledge_quota (
            tenant text collate "C" not null,
            day    date not null,
            used   integer not null,
            primary key (tenant, day)
        );
        """;

    /// <summary>Counts one claim, or refuses it.</summary>
    /// <exception cref="ProblemException">The day's quota is used up.</exception>
    public async Task TakeAsync(string tenant, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            insert into pledge_quota as q values ($1, $2, 1)
            on conflict (tenant, day) do update set used = q.used + 1 where q.used < $3 returning used
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime) });
        command.Parameters.Add(new() { Value = options.Value.PerTenantPerDay });
        if (await command.ExecuteScalarAsync(cancellation) is null)
            throw new ProblemException(Problem.Of("pledge-quota-used", ("quota", options.Value.PerTenantPerDay)));
    }
}
