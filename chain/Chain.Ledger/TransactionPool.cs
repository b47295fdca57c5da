using Chain.Core;

namespace Chain.Ledger;

/// <summary>What the pool needs to know of a sender's account in the state after the head.</summary>
public readonly record struct SenderAccount(ulong Nonce, UInt256 Balance, bool HasCode);

/// <summary>What the pool did with a transaction.</summary>
public enum PoolStatus
{
    /// <summary>It is in the pool now.</summary>
    Added,

    /// <summary>It was in the pool before.</summary>
    AlreadyKnown,

    /// <summary>It is not taken; the message says why.</summary>
    Refused,
}

/// <summary>Answer of the pool.</summary>
/// <param name="Status">What it did.</param>
/// <param name="Message">geth's words for it, which clients compare; empty when added.</param>
public readonly record struct PoolAnswer(PoolStatus Status, string Message);

/// <summary>
/// Transactions that wait for a block, in nonce order per sender. A gas price of 0 is allowed. In memory only: what a
/// client was promised is kept by gossip at every node and by the client itself, which sends again until it has a receipt.
/// Safe for concurrent use.
/// </summary>
public sealed class TransactionPool
{
    private readonly ulong _chainId;
    private readonly ulong _blockGasLimit;
    private readonly PoolLimits _limits;
    private readonly Func<Address, SenderAccount> _account;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<Address, SortedList<ulong, Entry>> _senders = [];
    private readonly Dictionary<Hash32, Entry> _byHash = [];
    private long _arrivals;

    internal TransactionPool(
        ulong chainId, ulong blockGasLimit, PoolLimits limits, Func<Address, SenderAccount> account)
    {
        _chainId = chainId;
        _blockGasLimit = blockGasLimit;
        _limits = limits;
        _account = account;
    }

    /// <summary>Raised after a transaction was added, outside of any lock: the node sends it to its peers.</summary>
    public event Action<Transaction>? Added;

    /// <summary>How many transactions are held.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byHash.Count;
            }
        }
    }

    /// <summary>Whether a transaction could be in the next block.</summary>
    public bool HasExecutable
    {
        get
        {
            lock (_lock)
            {
                return _senders.Any(s => s.Value.Keys[0] == _account(s.Key).Nonce);
            }
        }
    }

    /// <summary>The transaction of that hash, or null.</summary>
    public Transaction? Find(Hash32 hash)
    {
        lock (_lock)
        {
            return _byHash.TryGetValue(hash, out Entry? entry) ? entry.Transaction : null;
        }
    }

    /// <summary>Adds one transaction as eth_sendRawTransaction takes it.</summary>
    public PoolAnswer Add(ReadOnlySpan<byte> raw)
    {
        if (raw.Length > _limits.TransactionMaxBytes)
        {
            return Refuse($"oversized data: transaction size {raw.Length}, limit {_limits.TransactionMaxBytes}");
        }

        return Transaction.TryDecode(raw, out Transaction transaction)
            ? Add(transaction)
            : Refuse("invalid transaction encoding or type");
    }

    /// <summary>Adds a transaction, from a client or a peer.</summary>
    public PoolAnswer Add(Transaction transaction)
    {
        lock (_lock)
        {
            if (_byHash.ContainsKey(transaction.Hash))
            {
                return new PoolAnswer(PoolStatus.AlreadyKnown, "already known");
            }
        }

        // Recovering the sender is the expensive part and needs no lock.
        if (PoolRules.CheckAlone(transaction, _chainId, _blockGasLimit, _limits, out Address sender) is { } fault)
        {
            return Refuse(fault);
        }

        PoolAnswer answer;
        lock (_lock)
        {
            answer = Insert(transaction, sender);
        }

        if (answer.Status == PoolStatus.Added)
        {
            Added?.Invoke(transaction);
        }

        return answer;
    }

    /// <summary>Nonce of the sender's next transaction when everything executable in the pool has been included.</summary>
    public ulong NextNonce(Address sender)
    {
        lock (_lock)
        {
            ulong nonce = _account(sender).Nonce;
            if (_senders.TryGetValue(sender, out SortedList<ulong, Entry>? entries))
            {
                while (entries.ContainsKey(nonce))
                {
                    nonce++;
                }
            }

            return nonce;
        }
    }

    /// <summary>
    /// Transactions that could be in the next block: per sender in nonce order from its account's nonce without a gap;
    /// senders by the tip of their first, then by arrival.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<Transaction>> Executable()
    {
        lock (_lock)
        {
            List<(Entry First, List<Transaction> Run)> runs = [];
            foreach ((Address sender, SortedList<ulong, Entry> entries) in _senders)
            {
                ulong nonce = _account(sender).Nonce;
                if (!entries.TryGetValue(nonce, out Entry? first))
                {
                    continue;
                }

                List<Transaction> run = [];
                while (entries.TryGetValue(nonce, out Entry? entry))
                {
                    run.Add(entry.Transaction);
                    nonce++;
                }

                runs.Add((first, run));
            }

            runs.Sort((a, b) => Compare(a.First, b.First));
            return [.. runs.Select(r => (IReadOnlyList<Transaction>)r.Run)];
        }
    }

    /// <summary>Every transaction held, for a peer that has just connected.</summary>
    public IReadOnlyList<Transaction> All()
    {
        lock (_lock)
        {
            return [.. _senders.Values.SelectMany(s => s.Values).Select(e => e.Transaction)];
        }
    }

    /// <summary>Drops what the new head has made impossible.</summary>
    internal void OnNewHead()
    {
        lock (_lock)
        {
            foreach (Address sender in _senders.Keys.ToArray())
            {
                SenderAccount account = _account(sender);
                foreach (Entry entry in _senders[sender].Values.ToArray())
                {
                    if (entry.Transaction.Nonce < account.Nonce || account.HasCode
                        || PoolRules.Cost(entry.Transaction) is not { } cost || cost > account.Balance)
                    {
                        Remove(entry);
                    }
                }
            }
        }
    }

    /// <summary>Drops a transaction that turned out not to be executable.</summary>
    internal void Drop(Hash32 hash)
    {
        lock (_lock)
        {
            if (_byHash.TryGetValue(hash, out Entry? entry))
            {
                Remove(entry);
            }
        }
    }

    private PoolAnswer Insert(Transaction transaction, Address sender)
    {
        if (_byHash.ContainsKey(transaction.Hash))
        {
            return new PoolAnswer(PoolStatus.AlreadyKnown, "already known");
        }

        SenderAccount account = _account(sender);
        if (PoolRules.CheckAccount(transaction, sender, account, _limits) is { } fault)
        {
            return Refuse(fault);
        }

        _senders.TryGetValue(sender, out SortedList<ulong, Entry>? entries);
        if (entries is not null && entries.TryGetValue(transaction.Nonce, out Entry? old))
        {
            if (!PoolRules.MayReplace(old.Transaction, transaction, _limits.ReplaceMinPercent))
            {
                return Refuse("replacement transaction underpriced");
            }

            Remove(old);
        }
        else if (entries?.Count >= _limits.SenderMaxCount)
        {
            return Refuse("account limit exceeded");
        }
        else if (_byHash.Count >= _limits.MaxCount && !MakeRoom(account.Nonce, transaction.Nonce))
        {
            return Refuse("txpool is full");
        }

        Store(new Entry(transaction, sender, _arrivals++));
        return new PoolAnswer(PoolStatus.Added, "");
    }

    /// <summary>A full pool gives a place that waits behind a gap to a transaction that doesn't.</summary>
    private bool MakeRoom(ulong accountNonce, ulong nonce)
    {
        if (nonce != accountNonce)
        {
            return false;
        }

        foreach ((Address sender, SortedList<ulong, Entry> entries) in _senders)
        {
            ulong first = _account(sender).Nonce;
            Entry last = entries.Values[^1];
            if (last.Transaction.Nonce - first >= (ulong)entries.Count)
            {
                Remove(last);
                return true;
            }
        }

        return false;
    }

    private void Store(Entry entry)
    {
        if (!_senders.TryGetValue(entry.Sender, out SortedList<ulong, Entry>? entries))
        {
            _senders.Add(entry.Sender, entries = []);
        }

        entries.Add(entry.Transaction.Nonce, entry);
        _byHash.Add(entry.Transaction.Hash, entry);
    }

    private void Remove(Entry entry)
    {
        _byHash.Remove(entry.Transaction.Hash);
        SortedList<ulong, Entry> entries = _senders[entry.Sender];
        entries.Remove(entry.Transaction.Nonce);
        if (entries.Count == 0)
        {
            _senders.Remove(entry.Sender);
        }
    }

    private static PoolAnswer Refuse(string message) => new(PoolStatus.Refused, message);

    private static int Compare(Entry a, Entry b)
    {
        int byTip = PoolRules.Tip(b.Transaction).CompareTo(PoolRules.Tip(a.Transaction));
        return byTip != 0 ? byTip : a.Arrival.CompareTo(b.Arrival);
    }

    private sealed record Entry(Transaction Transaction, Address Sender, long Arrival);
}
