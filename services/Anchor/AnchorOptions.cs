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

    /// <summary>Names and base64 Ed25519 keys of witnesses that the trust file names; optional.</summary>
    public Dictionary<string, string> Witnesses { get; set; } = [];
}
