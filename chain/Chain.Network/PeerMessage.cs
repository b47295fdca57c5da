namespace Chain.Network;

/// <summary>What one node says to another. Blocks, transactions and votes are opaque bytes at this level.</summary>
public abstract record PeerMessage
{
    private PeerMessage()
    {
    }

    /// <summary>First message on a connection: which network, who, and how far its groups are.</summary>
    public sealed record Hello(ReadOnlyMemory<byte> NetworkId, string Node, IReadOnlyList<GroupHead> Heads) : PeerMessage;

    /// <summary>How far the sender's groups are; sent at intervals, also as a sign of life.</summary>
    public sealed record Status(IReadOnlyList<GroupHead> Heads) : PeerMessage;

    /// <summary>A consensus message of a group.</summary>
    public sealed record Consensus(string Group, ReadOnlyMemory<byte> Message) : PeerMessage;

    /// <summary>Transactions for a group's pool, each in its network encoding.</summary>
    public sealed record Transactions(string Group, IReadOnlyList<ReadOnlyMemory<byte>> Items) : PeerMessage;

    /// <summary>A sealed block that the sender has just imported.</summary>
    public sealed record NewBlock(string Group, ulong Number, ReadOnlyMemory<byte> Block) : PeerMessage;

    /// <summary>Asks for sealed blocks <paramref name="From"/> … <paramref name="From"/> + <paramref name="Count"/> − 1.</summary>
    public sealed record BlockRequest(string Group, ulong From, ushort Count) : PeerMessage;

    /// <summary>Sealed blocks in ascending order; fewer than asked for where the sender has no more or they are large.</summary>
    public sealed record Blocks(string Group, ulong From, IReadOnlyList<ReadOnlyMemory<byte>> Items) : PeerMessage;
}

/// <summary>Number of the last block that a node has in a group.</summary>
public readonly record struct GroupHead(string Group, ulong Number);
