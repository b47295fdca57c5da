using Contracts;
using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Relay;

/// <summary>The broker as part of a service's host.</summary>
public static class RelayHosting
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Publishes every recorded event of this service's store as <see cref="EventsRecorded"/>. A broker that is down
    /// delays publishing, never the service.
    /// </summary>
    public static WebApplicationBuilder AddRelay(this WebApplicationBuilder builder)
    {
        builder.AddBroker(static _ => { }, static (_, _) => { });
        builder.Services.AddHostedService<EventRelay>();
        return builder;
    }

    /// <summary>
    /// Consumes <see cref="EventsRecorded"/> from a quorum queue. A consumer that throws is retried, then the message
    /// goes to a quorum error queue; one that is never acknowledged goes to a quorum dead-letter queue after its
    /// delivery limit. Messages can come doubled, late or out of order.
    /// </summary>
    /// <param name="builder">The service's host.</param>
    /// <param name="concurrency">Messages handled at the same time; 1 keeps their order.</param>
    public static WebApplicationBuilder AddEventsRecordedConsumer<TConsumer>(
        this WebApplicationBuilder builder, int concurrency = 1)
        where TConsumer : class, IConsumer<EventsRecorded>
    {
        builder.AddBroker(
            static bus => bus.AddConsumer<TConsumer>(),
            (context, bus) => bus.ReceiveEndpoint(EventsRecordedQueue.Name, endpoint =>
            {
                EventsRecordedQueue.Configure(endpoint);
                endpoint.ConcurrentMessageLimit = concurrency;
                endpoint.PrefetchCount = concurrency * 4;
                endpoint.UseMessageRetry(retry => retry.Intervals(100, 500, 1_000, 2_000, 5_000));
                endpoint.ConfigureConsumer<TConsumer>(context);
            }));
        return builder;
    }

    private static void AddBroker(
        this WebApplicationBuilder builder, Action<IBusRegistrationConfigurator> register,
        Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> configure)
    {
        builder.Services.AddOptions<BrokerOptions>().BindConfiguration(BrokerOptions.Section)
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddMassTransit(bus =>
        {
            // The suite tells nobody outside that it runs.
            bus.DisableUsageTelemetry();
            register(bus);
            // Without its broker a service still does its work, so it stays ready and only says so.
            bus.ConfigureHealthCheckOptions(health =>
            {
                health.Name = "broker";
                health.MinimalFailureStatus = HealthStatus.Degraded;
            });
            bus.UsingRabbitMq((context, rabbit) =>
            {
                context.GetRequiredService<IOptions<BrokerOptions>>().Value.Configure(rabbit);
                configure(context, rabbit);
            });
        });
        // The host does not wait for the broker: a service takes requests while it is down. Nothing is lost before the
        // consumer's endpoint is bound, because the relay declares queue and binding itself and routes as mandatory.
        builder.Services.Configure<MassTransitHostOptions>(host =>
        {
            host.WaitUntilStarted = false;
            host.StopTimeout = StopTimeout;
        });
    }
}
