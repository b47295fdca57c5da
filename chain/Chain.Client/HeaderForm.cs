using System.Text.Json;
using Chain.Core;

namespace Chain.Client;

/// <summary>Rebuilds the sealed header from a standard block answer, of this chain or of Besu QBFT alike.</summary>
public static class HeaderForm
{
    /// <summary>
    /// Reads every header item of an eth_getBlockByNumber or -ByHash answer and checks that their hash (round 0, no
    /// seals) is the answer's <c>hash</c>.
    /// </summary>
    /// <exception cref="FormatException">An item is missing or malformed, or the hash is another.</exception>
    public static BlockHeader Rebuild(JsonElement block)
    {
        BlockHeader header = new()
        {
            ParentHash = RpcForms.Hash(block, "parentHash"),
            OmmersHash = RpcForms.Hash(block, "sha3Uncles"),
            Coinbase = RpcForms.Address(block, "miner"),
            StateRoot = RpcForms.Hash(block, "stateRoot"),
            TransactionsRoot = RpcForms.Hash(block, "transactionsRoot"),
            ReceiptsRoot = RpcForms.Hash(block, "receiptsRoot"),
            LogsBloom = Bloom(RpcForms.Bytes(block, "logsBloom")),
            Difficulty = RpcForms.Quantity256(block, "difficulty"),
            Number = RpcForms.Quantity(block, "number"),
            GasLimit = RpcForms.Quantity(block, "gasLimit"),
            GasUsed = RpcForms.Quantity(block, "gasUsed"),
            Timestamp = RpcForms.Quantity(block, "timestamp"),
            ExtraData = RpcForms.Bytes(block, "extraData"),
            MixHash = RpcForms.Hash(block, "mixHash"),
            Nonce = RpcForms.Quantity(block, "nonce"),
            BaseFeePerGas = Optional(block, "baseFeePerGas", RpcForms.Quantity256),
            WithdrawalsRoot = Optional(block, "withdrawalsRoot", RpcForms.Hash),
            BlobGasUsed = Optional(block, "blobGasUsed", RpcForms.Quantity),
            ExcessBlobGas = Optional(block, "excessBlobGas", RpcForms.Quantity),
            ParentBeaconBlockRoot = Optional(block, "parentBeaconBlockRoot", RpcForms.Hash),
            RequestsHash = Optional(block, "requestsHash", RpcForms.Hash),
        };
        Hash32 expected = RpcForms.Hash(block, "hash");
        return header.Hash == expected
            ? header
            : throw new FormatException($"The header of block {header.Number} has hash {header.Hash}, not {expected}.");
    }

    private static T? Optional<T>(JsonElement block, string name, Func<JsonElement, T> read) where T : struct =>
        RpcForms.Optional(block, name) is { } value ? read(value) : null;

    private static LogsBloom Bloom(byte[] bytes) => bytes.Length == LogsBloom.Length
        ? LogsBloom.FromBytes(bytes)
        : throw new FormatException("logsBloom has not 256 bytes.");
}
