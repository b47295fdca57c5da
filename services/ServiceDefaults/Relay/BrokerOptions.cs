using System.ComponentModel.DataAnnotations;
using MassTransit;

namespace ServiceDefaults.Relay;

/// <summary>Where the broker is.</summary>
public sealed class BrokerOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Broker";

    /// <summary>Host name or address.</summary>
    [Required]
    public string Host { get; set; } = "";

    /// <summary>AMQP port.</summary>
    [Range(1, ushort.MaxValue)]
    public ushort Port { get; set; } = 5672;

    /// <summary>Account.</summary>
    [Required]
    public string User { get; set; } = "";

    /// <summary>Its password.</summary>
    [Required]
    public string Password { get; set; } = "";

    /// <summary>Virtual host.</summary>
    [Required]
    public string VirtualHost { get; set; } = "/";

    internal void Configure(IRabbitMqBusFactoryConfigurator bus) => bus.Host(Host, Port, VirtualHost, host =>
    {
        host.Username(User);
        host.Password(Password);
        host.PublisherConfirmation = true;
        host.RequestedConnectionTimeout(TimeSpan.FromSeconds(5));
    });
}
