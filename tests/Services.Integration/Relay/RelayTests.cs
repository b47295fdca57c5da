using Microsoft.Extensions.Diagnostics.HealthChecks;
using Services.Integration.EventStore;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Relay;

[Collection("broker")]
public sealed class RelayTests
{
    private const string Queue = "anchor.events-recorded";

    [Fact]
    public async Task Every_recorded_event_reaches_the_receiver_with_its_digest()
    {
        await using var relay = await RelayHarness.CreateAsync(await RabbitServer.SharedAsync());
        var store = await relay.StartServiceAsync();
        await relay.StartReceiverAsync();
        await store.OpenAccountAsync("account/1");
        await store.DepositAsync("account/1", 1, Enumerable.Repeat(1L, 7_000));

        await relay.Inbox.HasAllAsync(7_001);
        foreach (var item in await store.ReadFeedAsync(0, 10_000))
            relay.Inbox[item.Position].ShouldBe(Convert.ToHexStringLower(item.Digest.Span));
        relay.Inbox.Messages.ShouldBeLessThan(20);
    }

    [Fact]
    public async Task What_is_published_before_any_receiver_starts_waits_in_the_queue()
    {
        await using var relay = await RelayHarness.CreateAsync(await RabbitServer.SharedAsync());
        var store = await relay.StartServiceAsync();
        await store.OpenAccountAsync("account/1");
        await QueueHoldsAsync(await RabbitServer.SharedAsync(), 1);
        await relay.StartReceiverAsync();
        await relay.Inbox.HasAllAsync(1);
    }

    [Fact]
    public async Task After_a_purged_queue_the_next_message_shows_the_gap_and_the_feed_fills_it()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var relay = await RelayHarness.CreateAsync(broker);
        var store = await relay.StartServiceAsync();
        await store.OpenAccountAsync("account/1");
        await QueueHoldsAsync(broker, 1);
        await broker.ControlAsync("purge_queue", Queue);
        await store.DepositAsync("account/1", 1, 1);
        await relay.StartReceiverAsync();
        await Eventually.TrueAsync(() => relay.Inbox[2] is not null, "the second event arrives");

        relay.Inbox[1].ShouldBeNull();
        relay.Inbox.FirstAfter.ShouldBe(1);
        (await store.ReadFeedAsync(0, 1)).Single().Position.ShouldBe(1);
    }

    [Fact]
    public async Task A_service_records_while_the_broker_is_down_and_publishes_afterwards()
    {
        await using var broker = await RabbitServer.StartAsync();
        await using var relay = await RelayHarness.CreateAsync(broker);
        await broker.KillAsync();
        var store = await relay.StartServiceAsync();
        await Eventually.TrueAsync(
            async () => await relay.HealthAsync() == HealthStatus.Degraded, "the service says that its broker is away");
        await relay.StartReceiverAsync();
        await store.OpenAccountAsync("account/1");
        await broker.RestartAsync();
        await relay.Inbox.HasAllAsync(1);

        await broker.KillAsync();
        await store.DepositAsync("account/1", 1, 1, 2, 3);
        await broker.RestartAsync();
        await relay.Inbox.HasAllAsync(4);
    }

    [Fact]
    public async Task After_the_brokers_data_is_deleted_new_events_arrive_and_old_ones_can_be_published_again()
    {
        await using var broker = await RabbitServer.StartAsync();
        await using var relay = await RelayHarness.CreateAsync(broker);
        var store = await relay.StartServiceAsync();
        await relay.StartReceiverAsync();
        await store.OpenAccountAsync("account/1");
        await relay.Inbox.HasAllAsync(1);

        await broker.KillAsync();
        broker.DeleteData();
        await broker.RestartAsync();
        await store.DepositAsync("account/1", 1, 1);
        await Eventually.TrueAsync(() => relay.Inbox[2] is not null, "the new event arrives", TimeSpan.FromSeconds(60));

        await relay.StopAsync();
        relay.Inbox.Clear();
        var again = await relay.StartServiceAsync(start: false);
        await again.Cursors.WriteAsync("relay", 0);
        await relay.StopAsync();
        await relay.StartServiceAsync();
        await relay.StartReceiverAsync();
        await relay.Inbox.HasAllAsync(2);
    }

    [Theory]
    [InlineData("binding")]
    [InlineData("queue")]
    [InlineData("exchange")]
    public async Task What_was_deleted_from_the_broker_is_declared_again(string deleted)
    {
        var broker = await RabbitServer.SharedAsync();
        await using var relay = await RelayHarness.CreateAsync(broker);
        var store = await relay.StartServiceAsync();
        await store.OpenAccountAsync("account/1");
        await QueueHoldsAsync(broker, 1);

        await broker.ControlAsync("eval", deleted switch
        {
            "binding" => """[rabbit_binding:remove(B, <<"test">>) || B <- rabbit_binding:list(<<"/">>), element(2, B) =:= rabbit_misc:r(<<"/">>, exchange, <<"Contracts:EventsRecorded">>)].""",
            "queue" => $$"""{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"{{Queue}}">>)), rabbit_amqqueue:delete(Q, false, false, <<"test">>).""",
            _ => """rabbit_exchange:delete(rabbit_misc:r(<<"/">>, exchange, <<"Contracts:EventsRecorded">>), false, <<"test">>)."""
        });
        await store.DepositAsync("account/1", 1, 1);

        await relay.StartReceiverAsync();
        await Eventually.TrueAsync(() => relay.Inbox[2] is not null, "the event after the deletion arrives");
    }

    [Fact]
    public async Task A_message_that_always_fails_ends_in_a_quorum_error_queue_and_others_go_on()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var relay = await RelayHarness.CreateAsync(broker);
        var store = await relay.StartServiceAsync();
        relay.Inbox.Fault = message => message.Items.Any(item => item.Position == 1)
            ? new InvalidOperationException("poison")
            : null;
        await relay.StartReceiverAsync();
        await store.OpenAccountAsync("account/1");
        await Eventually.TrueAsync(() => relay.Inbox.Messages > 0, "the first delivery");
        await store.DepositAsync("account/1", 1, 1);

        await Eventually.TrueAsync(() => relay.Inbox[2] is not null, "the next event arrives");
        await QueueHoldsAsync(broker, 1, Queue + "_error");
        var queues = await broker.ControlAsync("list_queues", "name", "type", "arguments");
        foreach (var name in (string[])[Queue, Queue + "_error", Queue + ".dead"])
        {
            var line = queues.Split('\n').Single(line => line.StartsWith(name + "\t", StringComparison.Ordinal));
            line.ShouldContain("quorum");
            line.ShouldContain("x-delivery-limit");
        }
    }

    private static Task QueueHoldsAsync(RabbitServer broker, int messages, string queue = Queue) => Eventually.TrueAsync(
        async () => (await broker.ControlAsync("list_queues", "name", "messages"))
            .Split('\n').Contains($"{queue}\t{messages}"),
        $"queue {queue} holds {messages} messages");
}
