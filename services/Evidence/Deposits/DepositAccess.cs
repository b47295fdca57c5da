using EventStore;
using ServiceDefaults.Problems;

namespace Evidence.Deposits;

/// <summary>A deposit's events, for who may see them.</summary>
internal static class DepositAccess
{
    /// <summary>
    /// The stream of a deposit of the tenant. Another organisation's deposit is answered as one that is not there.
    /// </summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public static async Task<IReadOnlyList<StoredEvent>> FetchAsync(
        Store store, string tenant, string id, CancellationToken cancellationToken)
    {
        if (!DepositId.TryParse(id, out DepositId parsed))
            throw new ProblemException(Problem.Of(Deposit.Missing, ("id", id)));
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(parsed.ToString(), cancellationToken);
        return events.Count > 0 && events[0].Tenant == tenant
            ? events
            : throw new ProblemException(Problem.Of(Deposit.Missing, ("id", id)));
    }
}
