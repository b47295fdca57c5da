using System.Collections.Concurrent;
using EventStore;
using Npgsql;

namespace Receivables.Signatures;

/// <summary>
/// Heads of the keys' chains in memory. Whoever adds to chains holds them until the commit is known, so that two approvals
/// of one key never follow the same one; the stream's version keeps a second process from it.
/// </summary>
public sealed class SignerChains(Store store)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Takes hold of keys' chains, in one order for everybody, so that nobody waits for each other.</summary>
    public async Task<HeldChains> HoldAsync(IEnumerable<string> keyIds, CancellationToken cancellation)
    {
        HeldChains held = new();
        try
        {
            foreach (string keyId in keyIds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                Entry entry = _entries.GetOrAdd(keyId, _ => new Entry());
                await entry.Gate.WaitAsync(cancellation);
                held.Add(keyId, entry);
                entry.Chain ??= await LoadAsync(keyId, cancellation);
            }
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The chain as it is, for showing.</summary>
    public Task<SignerChain> PeekAsync(string keyId, CancellationToken cancellation) =>
        _entries.TryGetValue(keyId, out Entry? entry) && entry.Chain is { } chain
            ? Task.FromResult(chain)
            : LoadAsync(keyId, cancellation);

    /// <summary>The last entry is the head: a machine's key signs for years, and its stream is not folded for it.</summary>
    private async Task<SignerChain> LoadAsync(string keyId, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select version, id from store.events where stream = $1 order by version desc limit 1");
        query.Parameters.Add(new() { Value = SignerChain.Stream(keyId) });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return SignerChain.Initial;
        (long version, Guid id) = (reader.GetInt64(0), reader.GetGuid(1));
        StoredEvent last = (await store.FindEventAsync(id, cancellation))!;
        return SignerChain.Evolve(SignerChain.Initial, (SigningEvent.PageApproved)last.Data) with { Version = version };
    }

    internal sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public SignerChain? Chain { get; set; }
    }
}

/// <summary>Chains that are held. What was added counts once it is kept; otherwise they are read again.</summary>
public sealed class HeldChains : IDisposable
{
    private readonly Dictionary<string, SignerChains.Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SignerChain> _chains = new(StringComparer.Ordinal);
    private bool _kept;

    /// <summary>A key's chain with what was added to it.</summary>
    public SignerChain Of(string keyId) => _chains.TryGetValue(keyId, out SignerChain? added) ? added : _entries[keyId].Chain!;

    /// <summary>Adds a signature.</summary>
    public void Add(SigningEvent.PageApproved e) => _chains[e.KeyId] = SignerChain.Evolve(Of(e.KeyId), e);

    /// <summary>What was added is committed.</summary>
    public void Keep()
    {
        foreach ((string keyId, SignerChain chain) in _chains)
            _entries[keyId].Chain = chain;
        _kept = true;
    }

    /// <summary>Nothing was committed, for certain.</summary>
    public void Drop()
    {
        _chains.Clear();
        _kept = true;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (SignerChains.Entry entry in _entries.Values)
        {
            // A commit whose outcome is unknown may have moved the head.
            if (!_kept)
                entry.Chain = null;
            entry.Gate.Release();
        }
    }

    internal void Add(string keyId, SignerChains.Entry entry) => _entries.Add(keyId, entry);
}
