using System.Text.Json;

namespace Anchor.Groups;

/// <summary>A contract as the network file names it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its address, hex with 0x.</param>
/// <param name="CodeHash">Keccak-256 of its code, hex with 0x.</param>
public sealed record NetworkContract(string Name, string Address, string CodeHash);

/// <summary>A chain group as the network file names it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ChainId">Its chain id.</param>
/// <param name="GenesisHash">Hash of its genesis block.</param>
/// <param name="Origin">Origin line of its log.</param>
/// <param name="Contracts">Its contracts.</param>
public sealed record NetworkGroup(
    string Name, ulong ChainId, string GenesisHash, string Origin, IReadOnlyList<NetworkContract> Contracts);

/// <summary>A node as the network file names it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Validators">Its validator address in each group that it validates.</param>
public sealed record NetworkNode(string Name, IReadOnlyDictionary<string, string> Validators);

/// <summary>The public description of a chain network that network generation writes.</summary>
/// <param name="Groups">Its groups.</param>
/// <param name="Nodes">Its nodes.</param>
public sealed record NetworkFile(IReadOnlyList<NetworkGroup> Groups, IReadOnlyList<NetworkNode> Nodes)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">It holds something else.</exception>
    public static NetworkFile Read(string path) =>
        JsonSerializer.Deserialize<NetworkFile>(File.ReadAllBytes(path), Json) is { Groups: not null, Nodes: not null } file
            ? file
            : throw new InvalidDataException($"{path} describes no network.");

    /// <summary>A group by name.</summary>
    /// <exception cref="InvalidDataException">The network has no such group.</exception>
    public NetworkGroup Group(string name) => Groups.FirstOrDefault(g => g.Name == name)
        ?? throw new InvalidDataException($"The network has no group {name}.");

    /// <summary>Validators of a group's genesis block.</summary>
    public IEnumerable<string> Validators(string group) =>
        Nodes.Where(n => n.Validators.ContainsKey(group)).Select(n => n.Validators[group]);
}
