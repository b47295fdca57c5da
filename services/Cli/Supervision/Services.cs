namespace Cli.Supervision;

/// <summary>A ledger of its own on the chain, with its transparency log.</summary>
/// <param name="Name">Lower-case letters, as it stands in addresses.</param>
/// <param name="ChainId">Unique over all groups.</param>
public sealed record Group(string Name, int ChainId);

/// <summary>One process of the suite besides the servers and the chain nodes.</summary>
/// <param name="Name">Its name in addresses, tokens, databases and log files: lower-case letters.</param>
/// <param name="Project">The project whose published program runs.</param>
/// <param name="PortOffset">Its port, counted from the portal's; 0 to 9.</param>
/// <param name="Group">The chain group that its events are anchored to; null when it records none.</param>
/// <param name="HasDatabase">Whether it owns a database.</param>
public sealed record Service(string Name, string Project, int PortOffset, Group? Group = null, bool HasDatabase = true);

/// <summary>The wiring of the suite: a further service is one more line here.</summary>
public static class Services
{
    public static readonly IReadOnlyList<Service> All =
    [
        new("portal", "Portal", 0, HasDatabase: false),
        new("identity", "Identity", 1),
        new("evidence", "Evidence", 2, new Group("evidence", 1001)),
        new("trace", "Traceability", 3, new Group("trace", 1002)),
        new("receivables", "Receivables", 4, new Group("receivables", 1003)),
        new("prepaid", "Prepaid", 5, new Group("prepaid", 1004)),
        new("anchor", "Anchor", 6),
    ];

    /// <summary>The groups of the services.</summary>
    public static readonly IReadOnlyList<Group> Groups = [.. All.Select(s => s.Group).OfType<Group>()];
}
