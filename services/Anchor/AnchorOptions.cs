using System.ComponentModel.DataAnnotations;

namespace Anchor;

/// <summary>Settings of the anchor.</summary>
public sealed class AnchorOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Anchor";

    /// <summary>Public description of the chain network: groups, contracts, genesis hashes, validators.</summary>
    [Required]
    public string Network { get; set; } = "";

    /// <summary>File of private keys, see the verb <c>keys</c>.</summary>
    [Required]
    public string Keys { get; set; } = "";

    /// <summary>Folder with one log a group.</summary>
    [Required]
    public string Tiles { get; set; } = "";

    /// <summary>Seconds between two comparisons with the heads of the feeds; finds messages that were lost.</summary>
    [Range(1, 3600)]
    public int FeedCheckSeconds { get; set; } = 3;

    /// <summary>Settings by group name.</summary>
    [Required]
    [MinLength(1)]
    public Dictionary<string, GroupOptions> Groups { get; set; } = [];

    /// <summary>Witnesses that cosign checkpoints; optional.</summary>
    public WitnessOptions[] Witnesses { get; set; } = [];

    /// <summary>
    /// How many witnesses must cosign a checkpoint before it counts as witnessed; more than half of those that are asked
    /// unless set.
    /// </summary>
    [Range(1, 63)]
    public int? WitnessQuorum { get; set; }
}

/// <summary>One witness.</summary>
public sealed class WitnessOptions
{
    /// <summary>Name of its key.</summary>
    [Required]
    public string Name { get; set; } = "";

    /// <summary>Base64 of its Ed25519 key, 32 bytes.</summary>
    [Required]
    public string Key { get; set; } = "";

    /// <summary>
    /// Its submission prefix (C2SP tlog-witness); null for one that is asked no more. A witness that has cosigned stays
    /// named, because its signatures are in bundles.
    /// </summary>
    public Uri? Url { get; set; }

    /// <summary>Groups whose logs it cosigns; all unless set.</summary>
    public string[] Groups { get; set; } = [];

    /// <summary>Why these witnesses can't be named in one trust file, or null: every key has a name of its own there.</summary>
    public static string? Fault(IReadOnlyList<WitnessOptions> witnesses, IEnumerable<string> origins)
    {
        HashSet<string> names = new(origins, StringComparer.Ordinal);
        foreach (var witness in witnesses)
        {
            if (!names.Add(witness.Name))
                return $"Two keys have the name '{witness.Name}': each witness needs one of its own, and none a log's origin.";
            if (witness.Url is { } url && !(url.IsAbsoluteUri && url.Scheme is "http" or "https"))
                return $"The address of witness '{witness.Name}' must begin with http:// or https://.";
        }
        return null;
    }
}

/// <summary>Settings of one group.</summary>
public sealed class GroupOptions
{
    /// <summary>JSON-RPC URLs of nodes of the group's chain.</summary>
    [Required]
    [MinLength(1)]
    public string[] Rpc { get; set; } = [];

    /// <summary>Base URLs of the services whose events the log takes, by service name.</summary>
    [Required]
    [MinLength(1)]
    public Dictionary<string, string> Feeds { get; set; } = [];

    /// <summary>Base URL of a copy of the log's tiles that recovery may read; optional.</summary>
    public string? Mirror { get; set; }

    /// <summary>
    /// True if evidence must pass the verifier before it is kept; false for a chain whose headers are not of Besu's
    /// QBFT form, which nobody can verify offline.
    /// </summary>
    public bool Verifiable { get; set; } = true;
}
