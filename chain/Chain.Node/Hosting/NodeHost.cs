using System.Net;
using System.Security.Cryptography.X509Certificates;
using Chain.Core;
using Chain.Network;
using Chain.Node.Configuration;
using Chain.Node.Groups;

namespace Chain.Node.Hosting;

/// <summary>A running node: its groups, and the connections that carry all of them.</summary>
sealed class NodeHost : IPeerHandler, IGroupNetwork, IAsyncDisposable
{
    readonly Dictionary<string, GroupHost> _groups = [];
    readonly PeerNetwork _network;
    readonly ILogger _logger;

    NodeHost(NodeConfig config, string folder, TimeProvider time, ILogger logger)
    {
        Name = config.Name;
        _logger = logger;
        var keys = config.Groups.Where(group => group.Key is not null)
            .ToDictionary(group => group.Name, group => GroupKey.Read(Path.Combine(folder, group.Key!)));
        GroupKey.RequireDistinct(keys.Select(key => (key.Key, key.Value)));
        _network = new PeerNetwork(NetworkOptions(config, folder), this, time);
        foreach (var group in config.Groups)
        {
            var store = GroupStore.Open(
                Path.Combine(folder, config.Database, group.Name), Path.Combine(folder, group.Genesis));
            _groups[group.Name] = new GroupHost(
                group.Name, store, keys.GetValueOrDefault(group.Name), this, time, logger);
        }
    }

    public string Name { get; }

    public IReadOnlyCollection<GroupHost> Groups => _groups.Values;

    public IReadOnlyCollection<string> Connected => _network.Connected;

    /// <summary>Opens everything that the folder's configuration names, and binds the peer port.</summary>
    /// <exception cref="InvalidDataException">A key is malformed or used in two groups.</exception>
    public static NodeHost Open(string folder, NodeConfig config, TimeProvider time, ILogger logger) =>
        new(config, folder, time, logger);

    public void Start()
    {
        foreach (var group in _groups.Values)
            group.Start();
        _network.Start();
        _logger.Opened(Name, _groups.Count, _network.LocalEndPoint.ToString());
    }

    public GroupHost? Find(string group) => _groups.GetValueOrDefault(group);

    /// <summary>Whether each group runs, and enough peers are connected for blocks to be made.</summary>
    public bool IsReady(out string reason)
    {
        foreach (var group in _groups.Values)
        {
            reason = group.Stopped is { } stopped ? $"group {group.Name} has stopped: {stopped}" : "";
            var validators = group.Ledger.NextValidators;
            var own = group.Validator is { } address && validators.Contains(address) ? 1 : 0;
            if (reason.Length == 0 && Connected.Count + own < Quorum.Size(validators.Count))
                reason = $"{Connected.Count} peers are connected, too few for a quorum of group {group.Name}";
            if (reason.Length > 0)
                return false;
        }
        reason = "";
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        foreach (var group in _groups.Values)
            await group.DisposeAsync();
    }

    public IReadOnlyList<GroupHead> Heads() =>
        [.. _groups.Values.Select(group => new GroupHead(group.Name, group.HeadNumber))];

    void IPeerHandler.Connected(string peer, IReadOnlyList<GroupHead> heads)
    {
        _logger.PeerConnected(peer);
        foreach (var head in heads)
            Find(head.Group)?.PeerConnected(peer, head.Number);
    }

    public void Disconnected(string peer, string reason)
    {
        _logger.PeerGone(peer, reason);
        foreach (var group in _groups.Values)
            group.PeerGone(peer);
    }

    public void Refused(string? peer, string reason) => _logger.PeerRefused(peer ?? "an unknown caller", reason);

    public void Received(string peer, PeerMessage message)
    {
        if (message is PeerMessage.Status status)
        {
            foreach (var head in status.Heads)
                Find(head.Group)?.PeerHead(peer, head.Number);
            return;
        }
        var group = message switch
        {
            PeerMessage.Consensus m => m.Group,
            PeerMessage.Transactions m => m.Group,
            PeerMessage.NewBlock m => m.Group,
            PeerMessage.BlockRequest m => m.Group,
            PeerMessage.Blocks m => m.Group,
            _ => "",
        };
        Find(group)?.Receive(peer, message);
    }

    bool IGroupNetwork.Send(string peer, PeerMessage message) => _network.Send(peer, message);

    void IGroupNetwork.Broadcast(PeerMessage message) => _network.Broadcast(message);

    void IGroupNetwork.Drop(string peer, string reason) => _network.Drop(peer, reason);

    static PeerNetworkOptions NetworkOptions(NodeConfig config, string folder) => new()
    {
        Node = config.Name,
        NetworkId = Hex.Parse(config.NetworkId),
        Certificate = X509Certificate2.CreateFromPemFile(
            Path.Combine(folder, config.Certificate), Path.Combine(folder, config.CertificateKey)),
        Listen = IPEndPoint.Parse(config.P2p),
        Peers = [.. config.Peers.Select(peer =>
        {
            var colon = peer.Address.LastIndexOf(':');
            return new PeerAddress(
                peer.Name, peer.Address[..colon],
                int.Parse(peer.Address.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture),
                peer.Fingerprint);
        })],
    };
}
