using System.Text.Json;
using Chain.Core;

namespace Chain.Node.Configuration;

/// <summary>What is needed here of a compiled contract: the code that a deployed instance has.</summary>
sealed record ContractArtifact
{
    public required string Contract { get; init; }

    public required string DeployedBytecode { get; init; }

    public byte[] Code => Hex.Parse(DeployedBytecode);

    public static ContractArtifact Read(string folder, string contract)
    {
        using var stream = File.OpenRead(Path.Combine(folder, $"{contract}.json"));
        var artifact = JsonSerializer.Deserialize(stream, NodeJson.Default.ContractArtifact);
        return artifact is { DeployedBytecode.Length: > 2 }
            ? artifact
            : throw new InvalidDataException($"{contract}.json has no deployed code.");
    }
}
