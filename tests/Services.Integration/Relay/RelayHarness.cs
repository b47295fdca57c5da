using System.Collections.Concurrent;
using Contracts;
using EventStore;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServiceDefaults;
using ServiceDefaults.Relay;
using ServiceDefaults.Stores;
using Services.Integration.EventStore;
using TestKit;

namespace Services.Integration.Relay;

/// <summary>A service that records events, and a receiver as simple as the contract allows, as hosts of their own.</summary>
internal sealed class RelayHarness : IAsyncDisposable
{
    private readonly List<WebApplication> _hosts = [];
    private readonly RabbitServer _broker;
    private readonly string _database;

    private RelayHarness(RabbitServer broker, string database)
    {
        _broker = broker;
        _database = database;
    }

    public Inbox Inbox { get; } = new();

    /// <summary>Health of the host started last.</summary>
    public async Task<HealthStatus> HealthAsync() =>
        (await _hosts[^1].Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status;

    public static async Task<RelayHarness> CreateAsync(RabbitServer broker)
    {
        var harness = new RelayHarness(broker, await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());
        // Tests share a broker one after the other; each starts from an empty queue.
        await broker.ControlAsync("eval", """[rabbit_amqqueue:delete(Q, false, false, <<"test">>) || Q <- rabbit_amqqueue:list()].""");
        return harness;
    }

    public async Task<Store> StartServiceAsync(bool start = true)
    {
        var builder = NewBuilder();
        builder.AddEventStore(Accounts.Model());
        builder.AddRelay();
        var host = builder.Build();
        _hosts.Add(host);
        if (start)
        {
            await host.StartAsync().WaitAsync(TimeSpan.FromSeconds(20));
            await Eventually.TrueAsync(async () => await HealthAsync() != HealthStatus.Unhealthy, "the store is ready");
        }
        return host.Services.GetRequiredService<Store>();
    }

    public async Task StartReceiverAsync()
    {
        var builder = NewBuilder();
        builder.Services.AddSingleton(Inbox);
        builder.AddEventsRecordedConsumer<Receiver>();
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync().WaitAsync(TimeSpan.FromSeconds(20));
    }

    public async Task StopAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            await host.DisposeAsync();
        }
        _hosts.Clear();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Service:Name"] = "accounts",
            ["Service:Group"] = "test",
            ["Service:Data"] = "/",
            ["Urls"] = "http://127.0.0.1:0",
            ["ConnectionStrings:Store"] = _database,
            ["Broker:Host"] = "127.0.0.1",
            ["Broker:Port"] = $"{_broker.Port}",
            ["Broker:User"] = _broker.User,
            ["Broker:Password"] = _broker.Password
        });
        builder.Services.AddOptions<ServiceOptions>().BindConfiguration(ServiceOptions.Section);
        builder.Services.AddSingleton(TimeProvider.System);
        return builder;
    }
}

/// <summary>What arrived, by position. <see cref="Fault"/> lets the test make the consumer fail.</summary>
internal sealed class Inbox
{
    private readonly ConcurrentDictionary<long, string> _digests = [];
    private int _messages;

    public Func<EventsRecorded, Exception?> Fault { get; set; } = _ => null;

    /// <summary>Cursor that the first message asked for.</summary>
    public long? FirstAfter { get; private set; }

    public int Messages => _messages;

    public int Count => _digests.Count;

    public void Receive(EventsRecorded message)
    {
        Interlocked.Increment(ref _messages);
        FirstAfter ??= message.After;
        if (Fault(message) is { } fault) throw fault;
        foreach (var item in message.Items) _digests[item.Position] = item.Digest;
    }

    public string? this[long position] => _digests.GetValueOrDefault(position);

    public void Clear() => _digests.Clear();

    public Task HasAllAsync(long head) => Eventually.TrueAsync(
        () => Enumerable.Range(1, (int)head).All(position => _digests.ContainsKey(position)),
        $"the receiver has events 1 to {head}; it has {Count}", TimeSpan.FromSeconds(60));
}

internal sealed class Receiver(Inbox inbox) : IConsumer<EventsRecorded>
{
    public Task Consume(ConsumeContext<EventsRecorded> context)
    {
        inbox.Receive(context.Message);
        return Task.CompletedTask;
    }
}
