using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chain.Node.Configuration;

/// <summary>A node's config.json. Paths are relative to the node's folder.</summary>
sealed record NodeConfig
{
    public const string FileName = "config.json";

    public required string Name { get; init; }

    /// <summary>Base address of JSON-RPC, health and metrics, such as http://127.0.0.1:8100.</summary>
    public required string Rpc { get; init; }

    /// <summary>Address and port for peers, such as 127.0.0.1:8110.</summary>
    public required string P2p { get; init; }

    /// <summary>32 bytes in hex that only nodes of this network share.</summary>
    public required string NetworkId { get; init; }

    public required string Certificate { get; init; }

    public required string CertificateKey { get; init; }

    public required string Database { get; init; }

    public required IReadOnlyList<GroupConfig> Groups { get; init; }

    public required IReadOnlyList<PeerConfig> Peers { get; init; }

    public static NodeConfig Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        using var stream = File.OpenRead(path);
        return JsonSerializer.Deserialize(stream, NodeJson.Default.NodeConfig)
            ?? throw new InvalidDataException($"{path} is empty.");
    }
}

/// <summary>A group the node takes part in; without a key it observes: it imports blocks and votes on nothing.</summary>
sealed record GroupConfig
{
    public required string Name { get; init; }

    public required string Genesis { get; init; }

    public string? Key { get; init; }
}

/// <summary>Another node: where it listens and the SHA-256 of its certificate.</summary>
sealed record PeerConfig
{
    public required string Name { get; init; }

    public required string Address { get; init; }

    public required string Fingerprint { get; init; }
}

[JsonSerializable(typeof(NodeConfig))]
[JsonSerializable(typeof(NetworkFile))]
[JsonSerializable(typeof(GenesisFile))]
[JsonSerializable(typeof(ContractArtifact))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
sealed partial class NodeJson : JsonSerializerContext;
