using MassTransit;
using RabbitMQ.Client;

namespace ServiceDefaults.Relay;

/// <summary>
/// Exchange, queue and binding of <see cref="Contracts.EventsRecorded"/>, in one place because publisher and consumer
/// both declare them and the broker refuses two declarations that differ.
/// </summary>
internal static class EventsRecordedQueue
{
    public const string Name = "anchor.events-recorded";
    public const string DeadLetters = Name + ".dead";

    /// <summary>Deliveries of one message before the broker sets it aside; only crashes count, faults are retried first.</summary>
    private const int DeliveriesMax = 20;

    /// <summary>MassTransit's name for the exchange of a message type.</summary>
    private const string MessageExchange = "Contracts:EventsRecorded";

    /// <summary>As the consumer declares them.</summary>
    public static void Configure(IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument("x-delivery-limit", DeliveriesMax);
        endpoint.BindDeadLetterQueue(DeadLetters, DeadLetters, dead =>
        {
            dead.Durable = true;
            dead.SetQueueArgument("x-queue-type", "quorum");
            dead.SetQueueArgument("x-delivery-limit", DeliveriesMax);
        });
    }

    /// <summary>The same, declared by the relay, so that what it publishes finds a queue though no consumer has started yet.</summary>
    public static async Task DeclareAsync(BrokerOptions broker, string client, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory
        {
            HostName = broker.Host,
            Port = broker.Port,
            UserName = broker.User,
            Password = broker.Password,
            VirtualHost = broker.VirtualHost,
            ClientProvidedName = client + " relay",
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5)
        };
        await using var connection = await factory.CreateConnectionAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        await DeclareQueueAsync(channel, DeadLetters, [], cancellation);
        await DeclareQueueAsync(
            channel, Name, new Dictionary<string, object?> { ["x-dead-letter-exchange"] = DeadLetters }, cancellation);
        await channel.ExchangeDeclareAsync(
            MessageExchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
        await channel.ExchangeBindAsync(Name, MessageExchange, "", cancellationToken: cancellation);
    }

    private static async Task DeclareQueueAsync(
        IChannel channel, string name, Dictionary<string, object?> arguments, CancellationToken cancellation)
    {
        arguments["x-queue-type"] = "quorum";
        arguments["x-delivery-limit"] = DeliveriesMax;
        await channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
        await channel.QueueDeclareAsync(
            name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellation);
        await channel.QueueBindAsync(name, name, "", cancellationToken: cancellation);
    }
}
