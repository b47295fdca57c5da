using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Chain.Core;
using Chain.Network;
using Shouldly;
using TestKit;
using Xunit;

namespace Chain.Integration.Nodes;

/// <summary>Votes and seals carry no chain id: what keeps groups apart is that no key votes in two of them.</summary>
public sealed class KeySeparationTests
{
    [Fact]
    public async Task A_validator_key_used_in_two_groups_is_refused()
    {
        await using var network = await TestNetwork.CreateAsync(1, groups: "evidence:1001,trace:1002");
        var folder = network.Nodes[0].Folder;
        File.Copy(Path.Combine(folder, "keys", "evidence.key"), Path.Combine(folder, "keys", "trace.key"), overwrite: true);
        var (exit, output) = await NodeProcess.RunAsync("run", "--dir", folder);
        exit.ShouldBe(1);
        output.ShouldContain("same validator key");
    }

    [Fact]
    public async Task A_generated_network_has_a_key_of_its_own_for_each_node_and_group_and_keeps_secrets_private()
    {
        await using var network = await TestNetwork.CreateAsync(4, groups: "evidence:1001,trace:1002");
        var keys = Directory.GetFiles(network.Folder, "*.key", SearchOption.AllDirectories);
        keys.Select(File.ReadAllText).Distinct().Count().ShouldBe(8);
        foreach (var secret in keys.Concat(Directory.GetFiles(network.Folder, "key.pem", SearchOption.AllDirectories)))
            File.GetUnixFileMode(secret).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, secret);
        foreach (var folder in Directory.GetDirectories(network.Folder, "*", SearchOption.AllDirectories))
        {
            File.GetUnixFileMode(folder).ShouldBe(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, folder);
        }
        var (exit, _) = await NodeProcess.RunAsync(
            "network", "create", "--out", network.Folder, "--groups", "evidence:1001", "--origin-prefix", "x",
            "--anchor", Secp256k1.AddressOf(TestNetwork.AccountKey).ToString(), "--contracts", TestNetwork.Contracts);
        exit.ShouldBe(1, "an existing network is not overwritten");
    }

    [Fact]
    public async Task Votes_and_blocks_of_one_group_replayed_in_another_are_refused()
    {
        await using var network = await TestNetwork.CreateAsync(4, groups: "evidence:1001,trace:1002");
        foreach (var node in network.Nodes.Take(3))
            node.Start();
        // The fourth validator's TLS identity in the hands of someone who hears everything and says it again elsewhere.
        var eavesdropper = new Eavesdropper();
        await using var peer = Impersonate(network.Nodes[3].Folder, eavesdropper);
        foreach (var node in network.Nodes.Take(3))
            await network.ReadyAsync(node);
        await Eventually.TrueAsync(() => peer.Connected.Count == 3, "the fourth is connected with all");

        var evidence = new Account(1001, TestNetwork.AccountKey);
        for (var i = 0; i < 3; i++)
            await evidence.SendAsync(network.Client(network.Nodes[0]));
        var votes = eavesdropper.Heard.OfType<PeerMessage.Consensus>().ToList();
        votes.Count.ShouldBeGreaterThan(6);
        foreach (var vote in votes)
            peer.Broadcast(vote with { Group = "trace" });
        await Eventually.TrueAsync(() => eavesdropper.Heard.OfType<PeerMessage.NewBlock>().Any(), "a sealed block was heard");
        peer.Broadcast(eavesdropper.Heard.OfType<PeerMessage.NewBlock>().First(block => block.Number == 1) with { Group = "trace" });

        await Eventually.TrueAsync(() => eavesdropper.Ends.Count >= 3, "who sends a foreign block is dropped");
        foreach (var node in network.Nodes.Take(3))
        {
            (await network.HeadAsync(node, "trace")).ShouldBe(0UL);
            (await network.GetAsync(node, "/metrics")).ShouldNotBeNull().ShouldContain("chain_round{group=\"trace\"} 0");
        }
        await new Account(1002, TestNetwork.AccountKey).SendAsync(
            network.Client(network.Nodes[0], "trace"), TimeSpan.FromSeconds(60));
        await network.AgreeAsync(1, "trace", [.. network.Nodes.Take(3)]);
    }

    static PeerNetwork Impersonate(string folder, IPeerHandler handler)
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "config.json")));
        var root = config.RootElement;
        var network = new PeerNetwork(new PeerNetworkOptions
        {
            Node = root.GetProperty("name").GetString()!,
            NetworkId = Hex.Parse(root.GetProperty("networkId").GetString()!),
            Certificate = X509Certificate2.CreateFromPemFile(
                Path.Combine(folder, "tls", "cert.pem"), Path.Combine(folder, "tls", "key.pem")),
            Listen = IPEndPoint.Parse(root.GetProperty("p2p").GetString()!),
            Peers = [.. root.GetProperty("peers").EnumerateArray().Select(peer =>
            {
                var address = IPEndPoint.Parse(peer.GetProperty("address").GetString()!);
                return new PeerAddress(
                    peer.GetProperty("name").GetString()!, "127.0.0.1", address.Port, peer.GetProperty("fingerprint").GetString()!);
            })],
        }, handler, TimeProvider.System);
        network.Start();
        return network;
    }

    sealed class Eavesdropper : IPeerHandler
    {
        public ConcurrentQueue<PeerMessage> Heard { get; } = new();

        public ConcurrentQueue<string> Ends { get; } = new();

        public IReadOnlyList<GroupHead> Heads() => [new GroupHead("evidence", 0), new GroupHead("trace", 0)];

        public void Connected(string peer, IReadOnlyList<GroupHead> heads)
        {
        }

        public void Disconnected(string peer, string reason) => Ends.Enqueue(peer);

        public void Refused(string? peer, string reason)
        {
        }

        public void Received(string peer, PeerMessage message) => Heard.Enqueue(message);
    }
}
