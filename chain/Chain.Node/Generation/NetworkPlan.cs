using System.Text.RegularExpressions;
using Chain.Core;

namespace Chain.Node.Generation;

/// <summary>What <c>network create</c> was asked for, checked.</summary>
sealed partial record NetworkPlan
{
    public required string Out { get; init; }

    /// <summary>Nodes that vote in every group.</summary>
    public required int Nodes { get; init; }

    /// <summary>Further nodes, without validator keys, that only import blocks.</summary>
    public required int Observers { get; init; }

    public required IReadOnlyList<(string Name, ulong ChainId)> Groups { get; init; }

    public required int RpcPort { get; init; }

    public required int P2pPort { get; init; }

    /// <summary>Host name or IPv4 address of each node; none where all run on this machine, on loopback.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    public required string OriginPrefix { get; init; }

    /// <summary>The account that may record checkpoints, by group.</summary>
    public required IReadOnlyDictionary<string, Address> Anchors { get; init; }

    public required string Contracts { get; init; }

    /// <summary>Reads <c>evidence:1001,trace:1002</c>. Null with a reason when it is not that.</summary>
    public static IReadOnlyList<(string Name, ulong ChainId)>? ParseGroups(string text, out string problem)
    {
        problem = "";
        var groups = new List<(string Name, ulong ChainId)>();
        foreach (var part in text.Split(','))
        {
            if (GroupForm().Match(part) is not { Success: true } match
                || !ulong.TryParse(match.Groups[2].ValueSpan, out var chainId) || chainId == 0)
                problem = $"'{part}' is not NAME:CHAINID.";
            else
                groups.Add((match.Groups[1].Value, chainId));
        }
        if (groups.Select(g => g.Name).Distinct().Count() != groups.Count)
            problem = "A group's name is given twice.";
        // Equal chain ids would let a transaction of one group be replayed in the other.
        else if (groups.Select(g => g.ChainId).Distinct().Count() != groups.Count)
            problem = "A chain id is given twice.";
        return problem.Length == 0 ? groups : null;
    }

    /// <summary>Reads one address for all groups, or <c>evidence:0x…,trace:0x…</c>. Null when a group has none.</summary>
    public static Dictionary<string, Address>? ParseAnchors(string text, IReadOnlyList<(string Name, ulong ChainId)> groups)
    {
        var anchors = new Dictionary<string, Address>(StringComparer.Ordinal);
        foreach (var part in text.Split(','))
        {
            var colon = part.IndexOf(':');
            if (!Address.TryParse(part.AsSpan(colon + 1), out var address) || address.IsZero)
                return null;
            foreach (var (name, _) in groups.Where(g => colon < 0 || g.Name == part[..colon]))
                anchors[name] = address;
        }
        return groups.All(g => anchors.ContainsKey(g.Name)) ? anchors : null;
    }

    [GeneratedRegex("^([a-z][a-z0-9-]{0,31}):([0-9]{1,18})$")]
    private static partial Regex GroupForm();
}
