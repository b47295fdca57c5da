using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults;

/// <summary>Who this process is.</summary>
public sealed class ServiceOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Service";

    /// <summary>The service's name, as it stands in its events: <c>evidence</c>.</summary>
    [Required]
    public string Name { get; set; } = "";

    /// <summary>The chain group that its events are anchored to; empty when they are not anchored.</summary>
    public string Group { get; set; } = "";

    /// <summary>A folder of the service's own, for files and keys.</summary>
    [Required]
    public string Data { get; set; } = "";
}

/// <summary>Where other services are, by name.</summary>
public sealed class ServiceAddresses
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Services";

    private readonly IConfiguration _configuration;

    /// <summary>Reads addresses from the configuration.</summary>
    public ServiceAddresses(IConfiguration configuration) => _configuration = configuration;

    /// <summary>Names of all services of the suite, this one included.</summary>
    public IReadOnlyList<string> Names => [.. _configuration.GetSection(Section).GetChildren().Select(s => s.Key)];

    /// <summary>The base address of a service, ending in a slash.</summary>
    /// <exception cref="InvalidOperationException">The address is not configured.</exception>
    public Uri this[string service] =>
        _configuration.GetSection(Section)[service] is { Length: > 0 } address
            ? new Uri(address.TrimEnd('/') + "/")
            : throw new InvalidOperationException($"Setting {Section}:{service} is missing.");
}
