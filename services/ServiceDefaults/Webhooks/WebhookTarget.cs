using System.Net;
using System.Net.Sockets;

namespace ServiceDefaults.Webhooks;

/// <summary>Settings of webhooks.</summary>
public sealed class WebhookOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Webhooks";

    /// <summary>Whether webhooks may go to this machine, also without TLS: for a demonstration on one host.</summary>
    public bool AllowLoopback { get; set; }

    /// <summary>Attempts in vain after which a subscription is dead.</summary>
    public int AttemptsMax { get; set; } = WebhookPatience.AttemptsMax;
}

/// <summary>
/// Where webhooks may go. Whoever subscribes names an address that this service then connects to, so nothing of the
/// operator's own network may be reachable by it, whatever a name resolves to at that moment.
/// </summary>
public static class WebhookTarget
{
    /// <summary>Whether the address may be subscribed with, as far as it can be told without resolving it.</summary>
    public static bool IsAllowed(string text, bool allowLoopback)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
            return false;
        if (IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? ip) && !IsAllowed(ip, allowLoopback))
            return false;
        if (!allowLoopback && IsLocalName(uri))
            return false;
        return uri.Scheme == Uri.UriSchemeHttps || allowLoopback && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback;
    }

    /// <summary>Names that lead to this machine or stay within a network (RFC 6761, 6762, 8375), and those without a dot.</summary>
    private static bool IsLocalName(Uri uri)
    {
        string host = uri.IdnHost.TrimEnd('.').ToLowerInvariant();
        return uri.IsLoopback || uri.HostNameType == UriHostNameType.Dns
            && (!host.Contains('.', StringComparison.Ordinal)
                || LocalNames.Any(n => host.EndsWith(n, StringComparison.Ordinal)));
    }

    private static readonly string[] LocalNames = [".localhost", ".local", ".internal", ".home.arpa"];

    /// <summary>Whether a resolved address may be connected to.</summary>
    public static bool IsAllowed(IPAddress address, bool allowLoopback)
    {
        IPAddress ip = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IPAddress.IsLoopback(ip))
            return allowLoopback;
        byte[] b = ip.GetAddressBytes();
        return ip.AddressFamily == AddressFamily.InterNetwork ? IsPublic4(b) : IsPublic6(b);
    }

    /// <summary>
    /// Connects only to addresses that are allowed; given to the HTTP handler, so no name can lead elsewhere.
    /// </summary>
    public static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint target, bool allowLoopback, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        IPAddress[] allowed = [.. addresses.Where(a => IsAllowed(a, allowLoopback))];
        if (allowed.Length == 0)
            throw new HttpRequestException("The address is not one that webhooks may go to.");
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // RFC 6890 and its registry: this network, private, shared, loopback, link-local, documentation, benchmarks,
    // multicast and reserved.
    private static bool IsPublic4(byte[] b) => b switch
    {
        [0 or 10 or 127, ..] => false,
        [100, >= 64 and <= 127, ..] => false,
        [169, 254, ..] => false,
        [172, >= 16 and <= 31, ..] => false,
        [192, 168, ..] => false,
        [192, 0, 0 or 2, ..] => false,
        [198, 18 or 19, ..] => false,
        [198, 51, 100, _] => false,
        [203, 0, 113, _] => false,
        [>= 224, ..] => false,
        _ => true,
    };

    // Only global unicast 2000::/3, and of it nothing that leads into IPv4 (6to4, Teredo) or is documentation. NAT64
    // (64:ff9b::/96) lies outside of it.
    private static bool IsPublic6(byte[] b) => (b[0] & 0xE0) == 0x20 && b switch
    {
        [0x20, 0x02, ..] => false,
        [0x20, 0x01, 0x00, 0x00, ..] => false,
        [0x20, 0x01, 0x0D, 0xB8, ..] => false,
        _ => true,
    };
}
