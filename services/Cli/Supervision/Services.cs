namespace Cli.Supervision;

/// <summary>One process of the suite besides the servers and the chain nodes.</summary>
/// <param name="Name">Its name in addresses, tokens and log files.</param>
/// <param name="Project">The project whose published program runs.</param>
/// <param name="PortOffset">Its port, counted from the portal's.</param>
/// <param name="Group">The chain group that its events are anchored to; null when it records none.</param>
/// <param name="HasDatabase">Whether it owns a database.</param>
public sealed record Service(string Name, string Project, int PortOffset, string? Group, bool HasDatabase = true);

/// <summary>The wiring of the suite: a further service is one more line here.</summary>
public static class Services
{
    public static readonly IReadOnlyList<Service> All =
    [
        new("identity", "Identity", 1, null),
        new("evidence", "Evidence", 2, "evidence"),
        new("anchor", "Anchor", 6, null),
        new("portal", "Portal", 0, null, HasDatabase: false),
    ];

    /// <summary>Chain groups and their chain ids. Groups exist before the service that will use them.</summary>
    public static readonly IReadOnlyList<(string Name, int ChainId)> Groups =
        [("evidence", 1001), ("trace", 1002), ("receivables", 1003), ("prepaid", 1004)];
}
