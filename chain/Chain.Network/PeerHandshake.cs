using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Chain.Network;

/// <summary>TLS 1.3 with certificates on both sides, accepted by pinned fingerprint alone, then the hellos.</summary>
sealed class PeerHandshake(PeerNetworkOptions options, IPeerHandler handler)
{
    static readonly SslApplicationProtocol Protocol = new("chain-peer/1");

    readonly Dictionary<string, string> _nameByFingerprint =
        options.Peers.ToDictionary(peer => peer.Fingerprint.ToLowerInvariant(), peer => peer.Name);

    /// <summary>Authenticates a peer that we dialled; it must be exactly that one.</summary>
    public async Task<PeerConnection> DialledAsync(
        Stream transport, PeerAddress peer, TimeProvider time, CancellationToken handshake, CancellationToken stop)
    {
        var stream = new SslStream(transport);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = peer.Name,
                EnabledSslProtocols = SslProtocols.Tls13,
                ApplicationProtocols = [Protocol],
                ClientCertificates = [options.Certificate],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => options.Certificate,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => NameOf(certificate) == peer.Name,
                AllowTlsResume = false,
            },
            handshake);
        return new PeerConnection(peer.Name, stream, options.Limits, time, stop);
    }

    /// <summary>Authenticates whoever called: any configured peer, nobody else.</summary>
    public async Task<PeerConnection> AcceptedAsync(
        Stream transport, TimeProvider time, CancellationToken handshake, CancellationToken stop)
    {
        var stream = new SslStream(transport);
        await stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = options.Certificate,
                ClientCertificateRequired = true,
                EnabledSslProtocols = SslProtocols.Tls13,
                ApplicationProtocols = [Protocol],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => NameOf(certificate) is not null,
                AllowTlsResume = false,
            },
            handshake);
        var name = NameOf(stream.RemoteCertificate)
            ?? throw new AuthenticationException("The caller's certificate is not one of a configured peer.");
        return new PeerConnection(name, stream, options.Limits, time, stop);
    }

    /// <summary>Exchanges hellos. Null when the peer's is not as it must be; the connection then has the reason.</summary>
    public async Task<PeerMessage.Hello?> ExchangeHelloAsync(PeerConnection connection, CancellationToken handshake)
    {
        connection.Send(PeerMessageCodec.EncodeFrame(
            new PeerMessage.Hello(options.NetworkId, options.Node, handler.Heads())));
        await connection.FlushAsync(handshake);
        var body = await connection.ReadFrameAsync(options.Limits.HelloMaxBytes, handshake);
        if (body is null)
            return null;
        if (!PeerMessageCodec.TryDecode(body, out var message) || message is not PeerMessage.Hello hello)
        {
            connection.Close("no hello");
            return null;
        }
        if (!hello.NetworkId.Span.SequenceEqual(options.NetworkId.Span) || hello.Node != connection.Peer)
        {
            connection.Close("another network or name");
            return null;
        }
        return hello;
    }

    string? NameOf(X509Certificate? certificate) =>
        certificate is null ? null : _nameByFingerprint.GetValueOrDefault(PeerCertificate.Fingerprint(certificate));
}
