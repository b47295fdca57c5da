using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Cli.Diagnosing;

/// <summary>Messages that the broker set aside because a consumer failed on them, or crashed too often.</summary>
public static class Queues
{
    private const ushort NotFound = 404;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>MassTransit names the queues of a receive endpoint's faults after it.</summary>
    private static readonly IReadOnlyList<(string Check, string Queue)> Aside =
    [
        ("dead letters", "anchor.events-recorded.dead"),
        ("error queue", "anchor.events-recorded_error"),
        ("skipped messages", "anchor.events-recorded_skipped"),
    ];

    public static async Task LookAsync(Instance instance, List<Finding> findings, CancellationToken cancel)
    {
        if (await instance.ReadConfigurationAsync("anchor", cancel) is not { } configuration) return;
        var broker = configuration["Broker"]!;
        var factory = new ConnectionFactory
        {
            HostName = broker["Host"]!.GetValue<string>(),
            Port = broker["Port"]!.GetValue<int>(),
            UserName = broker["User"]!.GetValue<string>(),
            Password = broker["Password"]!.GetValue<string>(),
            VirtualHost = broker["VirtualHost"]!.GetValue<string>(),
            ClientProvidedName = "doctor",
            AutomaticRecoveryEnabled = false,
        };
        try
        {
            // A broker that takes the connection and then says nothing would be waited for: also when hanging up.
            var counts = await CountAsync(factory, cancel).WaitAsync(Patience, cancel);
            foreach (var (check, queue, count) in counts)
            {
                var found = string.Create(CultureInfo.InvariantCulture, $"{count:N0} messages in {queue}");
                findings.Add(new Finding(check, count == 0, count == 0 ? "none" : found,
                    $"See {Path.Combine(instance.Logs, "anchor.log")} for why. Nothing is lost: the anchor reads what "
                    + $"they announce from the services' feeds. When the cause is gone: {Purge(instance, queue)}"));
            }
        }
        catch (Exception e) when (e is BrokerUnreachableException or OperationInterruptedException or TimeoutException
            or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            findings.Add(new Finding("dead letters", false,
                $"the broker can't be asked: {e.GetBaseException().Message}",
                $"See {Path.Combine(instance.Logs, "rabbitmq.log")}; ./run.sh starts what is down."));
        }
    }

    private static async Task<List<(string Check, string Queue, uint Count)>> CountAsync(
        ConnectionFactory factory, CancellationToken cancel)
    {
        await using var connection = await factory.CreateConnectionAsync(cancel);
        var counts = new List<(string, string, uint)>();
        foreach (var (check, queue) in Aside) counts.Add((check, queue, await CountAsync(connection, queue, cancel)));
        return counts;
    }

    /// <summary>A queue that does not exist never had a message; asking for it ends the channel (AMQP 0-9-1).</summary>
    private static async Task<uint> CountAsync(IConnection connection, string queue, CancellationToken cancel)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancel)).MessageCount;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == NotFound)
        {
            return 0;
        }
    }

    private static string Purge(Instance instance, string queue) =>
        $"HOME={Path.Combine(instance.Data, "rabbitmq", "home")} ERL_EPMD_PORT={instance.EpmdPort} "
        + $"/usr/lib/rabbitmq/bin/rabbitmqctl -n apps{instance.RabbitPort}@localhost purge_queue {queue}";
}
