using Chain.Core;
using Chain.Network;

namespace Chain.Node.Groups;

/// <summary>What <see cref="BlockSync"/> needs of its group.</summary>
interface ISyncedGroup
{
    ulong HeadNumber { get; }

    /// <summary>Imports the child of the head, checking everything, seals too. False with a reason when refused.</summary>
    bool TryImport(Block block, out string reason);

    void Ask(string peer, ulong from, ushort count);

    void Drop(string peer, string reason);

    /// <summary>Has <see cref="BlockSync.OnDue"/> called once, after the delay.</summary>
    void CallWhenDue(TimeSpan delay);

    /// <summary>Has <see cref="BlockSync.OnOverdue"/> called once, after the delay.</summary>
    void CallWhenOverdue(TimeSpan delay, int request);
}

/// <summary>
/// Catches up with peers that have more blocks: one request in flight, of the peers that claim to be ahead another
/// one after each failure. Used by one thread.
/// </summary>
sealed class BlockSync(ISyncedGroup group)
{
    /// <summary>Blocks asked for at once.</summary>
    public const ushort BatchMax = 128;

    /// <summary>Bytes of blocks in one answer, well below the largest frame.</summary>
    public const int AnswerMaxBytes = 4 * 1024 * 1024;

    // A validator that is one block behind mostly has the seals on their way to it already.
    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    readonly SortedDictionary<string, ulong> _heads = new(StringComparer.Ordinal);
    (string Peer, ulong From)? _asked;
    string _lastAsked = "";
    int _request;
    bool _dueIsSet;

    /// <summary>Highest block number that a connected peer claims, or the own head.</summary>
    public ulong Target => Math.Max(group.HeadNumber, _heads.Count == 0 ? 0 : _heads.Values.Max());

    /// <summary>A peer has said how far it is, or is known to be at least so far.</summary>
    public void OnHead(string peer, ulong head)
    {
        if (head >= _heads.GetValueOrDefault(peer))
            _heads[peer] = head;
        Consider();
    }

    public void OnGone(string peer)
    {
        _heads.Remove(peer);
        if (_asked?.Peer == peer)
            GiveUp();
    }

    public void OnDue()
    {
        _dueIsSet = false;
        if (_asked is null && Target > group.HeadNumber)
            AskNext();
    }

    public void OnOverdue(int request)
    {
        if (_asked is not { } asked || request != _request)
            return;
        group.Drop(asked.Peer, "no answer to a block request");
        _heads.Remove(asked.Peer);
        GiveUp();
    }

    /// <summary>A single sealed block that a peer announces.</summary>
    public void OnNewBlock(string peer, PeerMessage.NewBlock message)
    {
        _heads[peer] = Math.Max(message.Number, _heads.GetValueOrDefault(peer));
        if (message.Number == group.HeadNumber + 1 && !Import(peer, message.Block))
            return;
        Consider();
    }

    /// <summary>The answer to a request. One that was not asked for is ignored.</summary>
    public void OnBlocks(string peer, PeerMessage.Blocks message)
    {
        if (_asked is not { } asked || asked.Peer != peer || asked.From != message.From)
            return;
        _asked = null;
        if (message.Items.Count == 0)
            _heads.Remove(peer);
        var number = message.From;
        foreach (var item in message.Items)
        {
            // Consensus may have imported some of them in the meantime.
            if (number++ == group.HeadNumber + 1 && !Import(peer, item))
                break;
        }
        Consider();
    }

    bool Import(string peer, ReadOnlyMemory<byte> encoded)
    {
        var reason = "not a block";
        if (Block.TryDecode(encoded.Span, out var block) && group.TryImport(block, out reason))
            return true;
        group.Drop(peer, $"refused block: {reason}");
        _heads.Remove(peer);
        return false;
    }

    void Consider()
    {
        if (_asked is not null || _dueIsSet)
            return;
        var behind = Target - group.HeadNumber;
        if (behind > 1)
            AskNext();
        else if (behind == 1)
        {
            _dueIsSet = true;
            group.CallWhenDue(Grace);
        }
    }

    void GiveUp()
    {
        _asked = null;
        Consider();
    }

    void AskNext()
    {
        var ahead = _heads.Where(peer => peer.Value > group.HeadNumber).Select(peer => peer.Key).ToList();
        if (ahead.Count == 0)
            return;
        var peer = ahead.Find(name => string.CompareOrdinal(name, _lastAsked) > 0) ?? ahead[0];
        _lastAsked = peer;
        _asked = (peer, group.HeadNumber + 1);
        group.Ask(peer, group.HeadNumber + 1, BatchMax);
        group.CallWhenOverdue(AnswerTimeout, ++_request);
    }
}
