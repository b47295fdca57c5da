using Chain.Core;
using Chain.Ledger;
using Chain.Network;

namespace Chain.Node.Groups;

/// <summary>
/// Brings the transactions of clients to all nodes. Every pair of nodes is connected, so a transaction that came from
/// a peer is not passed on.
/// </summary>
sealed class TransactionGossip
{
    const int BatchMaxBytes = 1024 * 1024;
    const int BatchMaxCount = 1024;

    [ThreadStatic]
    static bool t_fromPeer;

    readonly string _group;
    readonly TransactionPool _pool;
    readonly IGroupNetwork _network;

    public TransactionGossip(string group, TransactionPool pool, IGroupNetwork network)
    {
        _group = group;
        _pool = pool;
        _network = network;
        pool.Added += OnAdded;
    }

    /// <summary>A transaction has entered the pool.</summary>
    public event Action? Added;

    public void Receive(PeerMessage.Transactions message)
    {
        t_fromPeer = true;
        foreach (var item in message.Items)
            _pool.Add(item.Span);
        t_fromPeer = false;
    }

    /// <summary>Sends the whole pool to a peer that has just connected.</summary>
    public void SendAll(string peer)
    {
        var batch = new List<ReadOnlyMemory<byte>>();
        var bytes = 0;
        foreach (var transaction in _pool.All())
        {
            batch.Add(transaction.Encoded);
            bytes += transaction.Encoded.Length;
            if (batch.Count < BatchMaxCount && bytes < BatchMaxBytes)
                continue;
            _network.Send(peer, new PeerMessage.Transactions(_group, batch));
            (batch, bytes) = ([], 0);
        }
        if (batch.Count > 0)
            _network.Send(peer, new PeerMessage.Transactions(_group, batch));
    }

    void OnAdded(Transaction transaction)
    {
        if (!t_fromPeer)
            _network.Broadcast(new PeerMessage.Transactions(_group, [transaction.Encoded]));
        Added?.Invoke();
    }
}
