using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Chain.Network;

/// <summary>Who this node is and which peers it knows. Nobody else is talked to.</summary>
public sealed record PeerNetworkOptions
{
    /// <summary>This node's name, as its peers' configuration has it.</summary>
    public required string Node { get; init; }

    /// <summary>32 bytes that only nodes of the same network share.</summary>
    public required ReadOnlyMemory<byte> NetworkId { get; init; }

    /// <summary>This node's certificate with its private key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Where to listen.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>The other nodes.</summary>
    public required IReadOnlyList<PeerAddress> Peers { get; init; }

    /// <summary>Limits; the defaults serve a consortium of a few dozen nodes.</summary>
    public NetworkLimits Limits { get; init; } = new();
}

/// <summary>A peer by name, place and pinned certificate (lower-case hex SHA-256 of the DER form).</summary>
public sealed record PeerAddress(string Name, string Host, int Port, string Fingerprint);

/// <summary>What the network needs from the node, and where it delivers. Called from several threads; must not block.</summary>
public interface IPeerHandler
{
    /// <summary>How far this node's groups are now.</summary>
    IReadOnlyList<GroupHead> Heads();

    /// <summary>A peer has been authenticated and has said hello.</summary>
    void Connected(string peer, IReadOnlyList<GroupHead> heads);

    /// <summary>The connection to a peer has ended; the reason is for the log.</summary>
    void Disconnected(string peer, string reason);

    /// <summary>
    /// A caller was turned away, or a peer could not be reached. <paramref name="peer"/> is null while unknown.
    /// </summary>
    void Refused(string? peer, string reason);

    /// <summary>A message has arrived.</summary>
    void Received(string peer, PeerMessage message);
}
