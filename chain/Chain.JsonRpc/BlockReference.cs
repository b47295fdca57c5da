using System.Text.Json;
using Chain.Core;

namespace Chain.JsonRpc;

/// <summary>
/// What a block parameter names: tag, number, or hash (EIP-1898). Blocks are final at once, so <c>safe</c> and
/// <c>finalized</c> mean the head, and there is never a block that is not canonical.
/// </summary>
public readonly record struct BlockReference(ulong? Number, Hash32? Hash, bool IsPending)
{
    /// <summary>The head.</summary>
    public static BlockReference Latest => default;

    /// <summary>Reads the parameter at <paramref name="index"/>; the head if it is absent.</summary>
    public static BlockReference Read(RpcParams parameters, int index) =>
        parameters.Has(index) ? Read(parameters[index], $"argument {index}") : Latest;

    /// <summary>Reads a tag, a number, a hash as text, or an EIP-1898 object.</summary>
    public static BlockReference Read(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.String => ReadText(value, name),
        JsonValueKind.Object => ReadObject(value, name),
        _ => throw RpcException.Params($"invalid {name}: not a block number, tag or hash"),
    };

    private static BlockReference ReadText(JsonElement value, string name) => value.GetString() switch
    {
        "latest" or "safe" or "finalized" => Latest,
        "pending" => new BlockReference(null, null, true),
        "earliest" => new BlockReference(0, null, false),
        { Length: 66 } => new BlockReference(null, RpcParams.Hash(value, name), false),
        _ => new BlockReference(RpcParams.Quantity64(value, name), null, false),
    };

    private static BlockReference ReadObject(JsonElement value, string name)
    {
        ulong? number = null;
        Hash32? hash = null;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "blockNumber":
                    number = RpcParams.Quantity64(member.Value, "blockNumber");
                    break;
                case "blockHash":
                    hash = RpcParams.Hash(member.Value, "blockHash");
                    break;
                case "requireCanonical" when member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    break;
                default:
                    throw RpcException.Params($"invalid {name}: unknown member");
            }
        }

        return number is null == hash is null
            ? throw RpcException.Params($"invalid {name}: exactly one of blockNumber and blockHash is needed")
            : new BlockReference(number, hash, false);
    }
}
