using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Chain.Network;

namespace Chain.Integration.Network;

/// <summary>A handler that remembers everything it was told.</summary>
sealed class RecordingHandler : IPeerHandler
{
    public ConcurrentQueue<(string Peer, PeerMessage Message)> Messages { get; } = new();

    public ConcurrentQueue<string> ConnectedPeers { get; } = new();

    public ConcurrentQueue<string> Ends { get; } = new();

    public ConcurrentQueue<string> Refusals { get; } = new();

    public IReadOnlyList<GroupHead> Heads() => [new GroupHead("evidence", 7)];

    public void Connected(string peer, IReadOnlyList<GroupHead> heads) => ConnectedPeers.Enqueue(peer);

    public void Disconnected(string peer, string reason) => Ends.Enqueue($"{peer}: {reason}");

    public void Refused(string? peer, string reason) => Refusals.Enqueue($"{peer}: {reason}");

    public void Received(string peer, PeerMessage message) => Messages.Enqueue((peer, message));
}

/// <summary>Identities for a few nodes, and networks between them on loopback.</summary>
static class Nodes
{
    public static readonly byte[] NetworkId = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public static X509Certificate2 Certificate(string name) => PeerCertificate.Create(name, DateTimeOffset.UnixEpoch.AddYears(50));

    public static PeerNetwork Listen(
        string name, X509Certificate2 certificate, IPeerHandler handler, NetworkLimits? limits = null,
        byte[]? networkId = null, params PeerAddress[] peers) =>
        new(new PeerNetworkOptions
        {
            Node = name,
            NetworkId = networkId ?? NetworkId,
            Certificate = certificate,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Peers = peers,
            Limits = limits ?? Quick,
        }, handler, TimeProvider.System);

    public static PeerAddress Address(string name, X509Certificate2 certificate, PeerNetwork? network = null) =>
        new(name, "127.0.0.1", network?.LocalEndPoint.Port ?? 1, PeerCertificate.Fingerprint(certificate));

    public static NetworkLimits Quick { get; } = new()
    {
        HandshakeTimeout = TimeSpan.FromSeconds(2),
        StatusInterval = TimeSpan.FromMilliseconds(100),
        SilenceMax = TimeSpan.FromSeconds(1),
        FrameMaxBytes = 1 << 20,
    };

    public static async Task Until(Func<bool> condition, string what, int seconds = 15)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!condition())
        {
            if (deadline.IsCancellationRequested)
                throw new TimeoutException($"Not within {seconds} s: {what}.");
            await Task.Delay(10);
        }
    }
}
