using Chain.Consensus;
using Chain.Network;

namespace Chain.Node.Groups;

/// <summary>What a group's loop handles, one at a time.</summary>
abstract record GroupEvent
{
    GroupEvent()
    {
    }

    public sealed record Started : GroupEvent;

    public sealed record PeerConnected(string Peer, ulong Head) : GroupEvent;

    public sealed record PeerGone(string Peer) : GroupEvent;

    public sealed record PeerHead(string Peer, ulong Head) : GroupEvent;

    public sealed record FromPeer(string Peer, PeerMessage Message) : GroupEvent;

    public sealed record TransactionsAdded : GroupEvent;

    public sealed record TimerDue(QbftTimer Timer, ulong Height, int Round) : GroupEvent;

    public sealed record SyncDue : GroupEvent;

    public sealed record RequestOverdue(int Request) : GroupEvent;
}
