using Chain.Core;
using EventStore;

namespace Receivables.Pledges;

/// <summary>A live claim of this platform.</summary>
/// <param name="Id">Names it.</param>
/// <param name="State">It, folded.</param>
/// <param name="Version">Version of its stream.</param>
public sealed record LiveClaim(Hash32 Id, PledgeState State, long Version);

/// <summary>Finds claims by what they are to and by what rests on them.</summary>
public sealed class PledgeLookup(Store store)
{
    /// <summary>The live claim to a thing; null where this platform has none.</summary>
    /// <param name="thing">Canonical number (<see cref="CanonicalId.Text"/>).</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<LiveClaim?> OfThingAsync(string thing, CancellationToken cancellation)
    {
        // More than one only over changes of the key; at most one is live.
        foreach (Hash32 id in await PledgeSubjects.OfThingAsync(store.DataSource, thing, cancellation))
        {
            LiveClaim claim = await ReadAsync(id, cancellation);
            if (claim.State.Stage != PledgeStage.Free)
                return claim;
        }
        return null;
    }

    /// <summary>Every claim that something is set aside of, or used, for a voucher.</summary>
    public async Task<IReadOnlyList<LiveClaim>> OfVoucherAsync(string voucher, CancellationToken cancellation)
    {
        List<LiveClaim> claims = [];
        foreach (Hash32 id in await PledgeRows.OfVoucherAsync(store.DataSource, voucher, cancellation))
            claims.Add(await ReadAsync(id, cancellation));
        return claims;
    }

    /// <summary>A claim with its version.</summary>
    public async Task<LiveClaim> ReadAsync(Hash32 id, CancellationToken cancellation)
    {
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(PledgeSaga.Stream(id), cancellation);
        return new LiveClaim(id, events.Aggregate(PledgeState.Initial, PledgeState.Evolve), events.Count);
    }
}
