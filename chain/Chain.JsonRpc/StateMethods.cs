using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;
using Chain.Ledger;

namespace Chain.JsonRpc;

/// <summary>Accounts, storage and their proofs.</summary>
internal static class StateMethods
{
    public static void AddTo(Dictionary<string, RpcMethod> methods, RpcContext context)
    {
        methods["eth_getBalance"] = p => Wire.Quantity(At(context, p, 1).Balance(p.Address(0)));
        methods["eth_getCode"] = p => Wire.Data(At(context, p, 1).Code(p.Address(0)));
        methods["eth_getTransactionCount"] = p => TransactionCount(context, p);
        methods["eth_getStorageAt"] = p =>
        {
            StateView state = At(context, p, 2);
            Hash32 slot = StorageKey(p[1]);
            return Wire.Data(state.Storage(p.Address(0), UInt256.FromBigEndian(slot.Bytes)).ToBigEndian());
        };
        methods["eth_getProof"] = p => Proof(context, p);
    }

    private static StateView At(RpcContext context, RpcParams parameters, int block)
    {
        parameters.Expect(block, block + 1);
        _ = parameters.Address(0);
        return context.State(BlockReference.Read(parameters, block));
    }

    private static JsonNode TransactionCount(RpcContext context, RpcParams parameters)
    {
        parameters.Expect(1, 2);
        BlockReference reference = BlockReference.Read(parameters, 1);
        return Wire.Quantity(reference.IsPending
            ? context.Ledger.Pool.NextNonce(parameters.Address(0))
            : context.State(reference).Nonce(parameters.Address(0)));
    }

    private static JsonObject Proof(RpcContext context, RpcParams parameters)
    {
        parameters.Expect(2, 3);
        JsonElement keys = parameters[1];
        if (keys.ValueKind != JsonValueKind.Array)
        {
            throw RpcException.Params("invalid argument 1: not a list of storage keys");
        }

        if (keys.GetArrayLength() > context.Limits.ProofMaxKeys)
        {
            throw RpcException.Params($"too many keys, want at most {context.Limits.ProofMaxKeys}");
        }

        Hash32[] slots = [.. keys.EnumerateArray().Select(StorageKey)];
        AccountProof proof = context.State(BlockReference.Read(parameters, 2)).Prove(parameters.Address(0), slots);
        return new JsonObject
        {
            ["address"] = Wire.Data(proof.Address),
            ["accountProof"] = Nodes(proof.Nodes),
            ["balance"] = Wire.Quantity(proof.Account.Balance),
            ["codeHash"] = Wire.Data(proof.Account.CodeHash),
            ["nonce"] = Wire.Quantity(proof.Account.Nonce),
            ["storageHash"] = Wire.Data(proof.Account.StorageRoot),
            ["storageProof"] = new JsonArray([.. proof.Storage.Select((s, i) => (JsonNode)new JsonObject
            {
                ["key"] = KeyAsGiven(keys[i], s.Key),
                ["value"] = Wire.Quantity(s.Value),
                ["proof"] = Nodes(s.Nodes),
            })]),
        };
    }

    /// <summary>geth and Besu answer a key in the form it was asked in: 32 bytes, or a quantity.</summary>
    private static JsonNode KeyAsGiven(JsonElement given, Hash32 key) => given.GetString()!.Length == 66
        ? Wire.Data(key)
        : Wire.Quantity(UInt256.FromBigEndian(key.Bytes));

    /// <summary>A storage key: at most 32 bytes, leading zeros and odd lengths allowed as geth does.</summary>
    private static Hash32 StorageKey(JsonElement value)
    {
        string text = RpcParams.Text(value, "storage key");
        string digits = RpcParams.Prefixed(text) ? text[2..] : text;
        if (digits.Length > 64)
        {
            throw RpcException.Params($"storage key too long (want at most 32 bytes): \"{text[..Math.Min(text.Length, 80)]}\"");
        }

        return Hex.TryParse(digits.Length % 2 == 0 ? digits : "0" + digits, out byte[] bytes)
            ? Hash32.LeftPadded(bytes)
            : throw RpcException.Params($"invalid hex in storage key: \"{text}\"");
    }

    private static JsonArray Nodes(IReadOnlyList<byte[]> nodes) => [.. nodes.Select(n => Wire.Data(n))];
}
