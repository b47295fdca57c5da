using Chain.Client;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Chain.Integration.Nodes;

public sealed class NetworkTests(ITestOutputHelper output)
{
    // In cores, for all nodes together.
    const double IdleMax = 0.02;

    [Fact]
    public async Task One_validator_makes_a_block_when_a_transaction_waits_and_only_then()
    {
        await using var network = await TestNetwork.StartAsync(1);
        var node = network.Nodes[0];
        (await network.HeadAsync(node)).ShouldBe(0UL);
        await new Account(1001, TestNetwork.AccountKey).SendAsync(network.Client(node));
        (await network.HeadAsync(node)).ShouldBe(1UL);

        (await node.StopAsync()).ShouldBe(0, TestNetwork.Tail(node));
        node.Start();
        await network.ReadyAsync(node);
        (await network.HeadAsync(node)).ShouldBe(1UL);
    }

    [Fact]
    public async Task Four_validators_agree_whoever_gets_the_transaction()
    {
        await using var network = await TestNetwork.StartAsync(4, groups: "evidence:1001,trace:1002");
        var account = new Account(1001, TestNetwork.AccountKey);
        await ReportTimesAsync("four of four", 100, i => account.SendAsync(network.Client(network.Nodes[i % 4])));
        (await network.AgreeAsync(1)).ShouldBeLessThanOrEqualTo(100UL);
        (await network.HeadAsync(network.Nodes[0], "trace")).ShouldBe(0UL, "an idle group makes no blocks");
        await new Account(1002, TestNetwork.AccountKey).SendAsync(network.Client(network.Nodes[3], "trace"));
        await network.AgreeAsync(1, "trace");
    }

    [Fact]
    public async Task With_one_of_four_down_blocks_are_made_and_it_catches_up_when_it_returns()
    {
        await using var network = await TestNetwork.StartAsync(4);
        var account = new Account(1001, TestNetwork.AccountKey);
        await account.SendAsync(network.Client(network.Nodes[0]));
        await network.Nodes[3].KillAsync();
        await ReportTimesAsync("three of four", 24, i => account.SendAsync(network.Client(network.Nodes[i % 3])));
        network.Nodes[3].Start();
        await network.ReadyAsync(network.Nodes[3]);
        await network.AgreeAsync(25);
    }

    [Fact]
    public async Task A_validator_killed_under_load_loses_nothing_and_catches_up()
    {
        await using var network = await TestNetwork.StartAsync(4);
        var account = new Account(1001, TestNetwork.AccountKey);
        var sent = new List<SentTransaction>();
        for (var i = 0; i < 200; i++)
        {
            // Through one node, so that nonces arrive in order; the killed one is another.
            var transaction = account.Next();
            await network.Client(network.Nodes[0]).SendRawAsync(transaction.Raw, default);
            sent.Add(transaction);
            if (i % 60 == 20)
                await network.Nodes[2].KillAsync();
            if (i % 60 == 50)
                network.Nodes[2].Start();
        }
        if (!network.Nodes[2].IsRunning)
            network.Nodes[2].Start();
        await network.ReadyAsync(network.Nodes[2]);
        foreach (var transaction in sent)
            await Account.WaitAsync(network.Client(network.Nodes[0]), transaction.Hash, TimeSpan.FromSeconds(60));
        await network.AgreeAsync(1);
        foreach (var transaction in sent)
            (await network.Client(network.Nodes[2]).ReceiptAsync(transaction.Hash, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task All_validators_killed_at_once_go_on_where_they_were()
    {
        await using var network = await TestNetwork.StartAsync(4);
        var account = new Account(1001, TestNetwork.AccountKey);
        await account.SendAsync(network.Client(network.Nodes[0]));
        var head = await network.AgreeAsync(1);
        await network.Client(network.Nodes[0]).SendRawAsync(account.Next().Raw, default);
        await Task.WhenAll(network.Nodes.Select(node => node.KillAsync()));
        foreach (var node in network.Nodes)
            node.Start();
        foreach (var node in network.Nodes)
            await network.ReadyAsync(node);
        // What was acknowledged by a receipt is there; the other one may be or not, and its nonce tells.
        (await network.AgreeAsync(head)).ShouldBeGreaterThanOrEqualTo(head);
        var again = new Account(1001, [.. Enumerable.Repeat((byte)0x43, 32)]);
        await again.SendAsync(network.Client(network.Nodes[1]), TimeSpan.FromSeconds(60));
        await network.AgreeAsync(head + 1);
    }

    [Fact]
    public async Task A_node_whose_disk_was_wiped_syncs_and_an_observer_follows()
    {
        await using var network = await TestNetwork.StartAsync(4, observers: 1);
        var account = new Account(1001, TestNetwork.AccountKey);
        for (var i = 0; i < 5; i++)
            await account.SendAsync(network.Client(network.Nodes[4]));
        await network.AgreeAsync(5);
        (await network.GetAsync(network.Nodes[4], "/metrics")).ShouldNotBeNull().ShouldContain("chain_head{group=\"evidence\"} 5");

        await network.Nodes[1].KillAsync();
        Directory.Delete(Path.Combine(network.Nodes[1].Folder, "db"), recursive: true);
        network.Nodes[1].Start();
        await network.ReadyAsync(network.Nodes[1]);
        await network.AgreeAsync(5);
        await account.SendAsync(network.Client(network.Nodes[1]));
        await network.AgreeAsync(6);
    }

    [Fact]
    public async Task An_idle_network_makes_no_blocks_and_hardly_any_work()
    {
        await using var network = await TestNetwork.StartAsync(4, groups: "evidence:1001,trace:1002,receivables:1003,prepaid:1004");
        await new Account(1001, TestNetwork.AccountKey).SendAsync(network.Client(network.Nodes[0]));
        await network.AgreeAsync(1);
        // Start-up work goes on for a while (compilation in the background, first collections) and is not idling; on a
        // machine that others use too it takes longer. So: some stretch of ten seconds is quiet.
        var used = 1.0;
        for (var stretch = 0; stretch < 9 && used > IdleMax; stretch++)
            used = Math.Min(used, await CpuOfAsync(network, TimeSpan.FromSeconds(10)));
        output.WriteLine($"idle: {used:p2} of a core for four nodes and four groups");
        used.ShouldBeLessThan(IdleMax);
        (await network.HeadAsync(network.Nodes[0])).ShouldBe(1UL);
    }

    async Task ReportTimesAsync(string validators, int count, Func<int, Task<TimeSpan>> send)
    {
        var times = new List<double>();
        for (var i = 0; i < count; i++)
            times.Add((await send(i)).TotalMilliseconds);
        times.Sort();
        output.WriteLine($"{validators}, transaction to receipt, ms: p50 {times[count / 2]:f0}, "
            + $"p99 {times[count * 99 / 100]:f0}, max {times[^1]:f0}");
    }

    static async Task<double> CpuOfAsync(TestNetwork network, TimeSpan stretch)
    {
        var before = network.Nodes.Sum(node => node.CpuTime.TotalSeconds);
        await Task.Delay(stretch);
        return (network.Nodes.Sum(node => node.CpuTime.TotalSeconds) - before) / stretch.TotalSeconds;
    }
}
