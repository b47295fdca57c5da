using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Chain.Network;
using Shouldly;
using Xunit;
using static Chain.Integration.Network.Nodes;

namespace Chain.Integration.Network;

public sealed class PeerNetworkTests
{
    readonly X509Certificate2 _a = Certificate("a");
    readonly X509Certificate2 _b = Certificate("b");
    readonly RecordingHandler _atA = new();
    readonly RecordingHandler _atB = new();

    [Fact]
    public async Task Peers_that_know_each_other_exchange_messages_of_all_groups()
    {
        await using var b = Listen("b", _b, _atB, peers: Address("a", _a));
        b.Start();
        await using var a = Listen("a", _a, _atA, peers: Address("b", _b, b));
        a.Start();
        await Until(() => _atA.ConnectedPeers.Contains("b") && _atB.ConnectedPeers.Contains("a"), "connected");

        a.Send("b", new PeerMessage.Consensus("evidence", new byte[] { 1, 2, 3 })).ShouldBeTrue();
        b.Broadcast(new PeerMessage.Transactions("trace", [new byte[] { 4 }, Array.Empty<byte>()]));

        await Until(() => _atB.Messages.Any(m => m.Message is PeerMessage.Consensus { Group: "evidence" } c
            && c.Message.Span.SequenceEqual(new byte[] { 1, 2, 3 })), "vote at b");
        await Until(() => _atA.Messages.Any(m => m.Message is PeerMessage.Transactions { Group: "trace", Items.Count: 2 }),
            "transactions at a");
        await Until(() => _atA.Messages.Any(m => m.Message is PeerMessage.Status { Heads: [{ Number: 7 }] }), "status at a");
    }

    [Fact]
    public async Task A_caller_with_an_unknown_certificate_is_refused()
    {
        await using var b = Listen("b", _b, _atB, peers: Address("a", _a));
        b.Start();
        await using var stranger = Listen("a", Certificate("a"), _atA, peers: Address("b", _b, b));
        stranger.Start();
        await Until(() => !_atB.Refusals.IsEmpty, "refused");
        _atB.ConnectedPeers.ShouldBeEmpty();
        _atA.ConnectedPeers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_with_another_certificate_than_the_pinned_one_is_refused()
    {
        await using var impostor = Listen("b", Certificate("b"), _atB, peers: Address("a", _a));
        impostor.Start();
        await using var a = Listen("a", _a, _atA, peers: Address("b", _b, impostor));
        a.Start();
        await Until(() => _atA.Refusals.Count > 1, "refused, and dialled again");
        _atA.ConnectedPeers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_peer_of_another_network_is_refused()
    {
        await using var b = Listen("b", _b, _atB, networkId: new byte[32], peers: Address("a", _a));
        b.Start();
        await using var a = Listen("a", _a, _atA, peers: Address("b", _b, b));
        a.Start();
        await Until(() => _atA.Refusals.Any(r => r.StartsWith("b: ", StringComparison.Ordinal)), "refused");
        _atA.ConnectedPeers.ShouldBeEmpty();
        _atB.ConnectedPeers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_caller_that_never_finishes_its_handshake_is_let_go_and_takes_nobodys_place()
    {
        var limits = Quick with { HandshakesMax = 2, HandshakeTimeout = TimeSpan.FromMilliseconds(300) };
        await using var b = Listen("b", _b, _atB, limits, peers: Address("a", _a));
        b.Start();
        using var silent1 = new TcpClient("127.0.0.1", b.LocalEndPoint.Port);
        using var silent2 = new TcpClient("127.0.0.1", b.LocalEndPoint.Port);
        await Until(() => _atB.Refusals.Count >= 2, "silent callers let go");
        await using var a = Listen("a", _a, _atA, peers: Address("b", _b, b));
        a.Start();
        await Until(() => _atB.ConnectedPeers.Contains("a"), "the true peer gets in");
    }

    [Theory]
    [InlineData(new byte[] { 0x7f, 0xff, 0xff, 0xff }, "frame size")]
    [InlineData(new byte[] { 0, 0, 0, 0 }, "frame size")]
    [InlineData(new byte[] { 0, 0, 0, 1, 99 }, "malformed")]
    [InlineData(new byte[] { 0, 0, 0, 4, 3, 9, 65, 65 }, "malformed")]
    public async Task A_malformed_frame_drops_the_peer_and_nothing_else(byte[] frame, string reason)
    {
        await using var b = Listen("b", _b, _atB, peers: Address("a", _a));
        b.Start();
        await using var raw = await RawPeerAsync(b, _a, "a");
        await Until(() => _atB.ConnectedPeers.Contains("a"), "raw peer connected");
        await raw.WriteAsync(frame);
        await Until(() => _atB.Ends.Any(end => end.Contains(reason, StringComparison.Ordinal)), reason);

        await using var again = await RawPeerAsync(b, _a, "a");
        await Until(() => _atB.ConnectedPeers.Count == 2, "the peer may come back");
    }

    [Fact]
    public async Task A_peer_that_falls_silent_is_dropped()
    {
        await using var b = Listen("b", _b, _atB, peers: Address("a", _a));
        b.Start();
        await using var raw = await RawPeerAsync(b, _a, "a");
        await Until(() => _atB.Ends.Any(end => end.Contains("silent", StringComparison.Ordinal)), "dropped");
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_dropped()
    {
        var limits = Quick with { SendQueueMaxBytes = 4 << 20, SilenceMax = TimeSpan.FromSeconds(30) };
        await using var b = Listen("b", _b, _atB, limits, peers: Address("a", _a));
        b.Start();
        await using var slow = await RawPeerAsync(b, _a, "a");
        await Until(() => _atB.ConnectedPeers.Contains("a"), "slow peer");

        var block = new PeerMessage.NewBlock("evidence", 8, new byte[512 * 1024]);
        for (var i = 0; i < 100 && _atB.Ends.IsEmpty; i++)
            b.Send("a", block);
        await Until(() => _atB.Ends.Any(end => end == "a: send queue full"), "slow peer dropped");
    }

    [Fact]
    public async Task A_peer_that_was_down_is_reached_again()
    {
        var b = Listen("b", _b, _atB, peers: Address("a", _a));
        b.Start();
        var port = b.LocalEndPoint;
        await using var a = Listen("a", _a, _atA, peers: Address("b", _b, b));
        a.Start();
        await Until(() => _atA.ConnectedPeers.Count == 1, "connected");
        await b.DisposeAsync();
        await Until(() => !_atA.Ends.IsEmpty, "the end noticed");
        await using var again = new PeerNetwork(new PeerNetworkOptions
        {
            Node = "b",
            NetworkId = NetworkId,
            Certificate = _b,
            Listen = port,
            Peers = [Address("a", _a)],
        }, _atB, TimeProvider.System);
        again.Start();
        await Until(() => _atA.ConnectedPeers.Count == 2, "connected again");
    }

    static async Task<SslStream> RawPeerAsync(PeerNetwork server, X509Certificate2 certificate, string name)
    {
        var client = new TcpClient("127.0.0.1", server.LocalEndPoint.Port);
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "b",
            EnabledSslProtocols = SslProtocols.Tls13,
            ApplicationProtocols = [new SslApplicationProtocol("chain-peer/1")],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
            RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null,
        });
        await stream.WriteAsync(PeerMessageCodec.EncodeFrame(new PeerMessage.Hello(NetworkId, name, [])));
        return stream;
    }
}
