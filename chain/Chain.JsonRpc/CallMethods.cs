using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;
using Chain.Ledger;

namespace Chain.JsonRpc;

/// <summary>eth_call and eth_estimateGas.</summary>
internal static class CallMethods
{
    private static readonly byte[] ErrorSelector = Hex.Parse("08c379a0");
    private static readonly byte[] PanicSelector = Hex.Parse("4e487b71");

    public static void AddTo(Dictionary<string, RpcMethod> methods, RpcContext context)
    {
        methods["eth_call"] = p => Call(context, p);
        methods["eth_estimateGas"] = p => Estimate(context, p);
    }

    private static JsonNode Call(RpcContext context, RpcParams parameters)
    {
        parameters.Expect(1, 2);
        CallRequest request = ReadRequest(context, parameters[0]);
        CallResult result = context.State(BlockReference.Read(parameters, 1))
            .Call(request, Math.Min(request.Gas ?? ulong.MaxValue, context.Limits.CallMaxGas));
        return result.Succeeded ? Wire.Data(result.Output.Span) : throw Failure(result);
    }

    private static JsonNode Estimate(RpcContext context, RpcParams parameters)
    {
        parameters.Expect(1, 2);
        CallRequest request = ReadRequest(context, parameters[0]);
        StateView state = context.State(BlockReference.Read(parameters, 1));
        CallResult result = state.EstimateGas(request, context.Limits.CallMaxGas);
        return result.Succeeded ? Wire.Quantity(result.GasUsed) : throw Failure(result);
    }

    private static RpcException Failure(CallResult result) => result.Reverted
        ? new RpcException(RpcException.ExecutionReverted, RevertMessage(result.Output.Span), Wire.Data(result.Output.Span))
        : new RpcException(RpcException.ServerError, result.Error);

    /// <summary>geth's words: the reason of Error(string), the meaning of Panic(uint256).</summary>
    internal static string RevertMessage(ReadOnlySpan<byte> output)
    {
        const string reverted = "execution reverted";
        if (output.Length == 36 && output.StartsWith(PanicSelector))
        {
            return $"{reverted}: {PanicMeaning(UInt256.FromBigEndian(output[4..]))}";
        }

        return output.StartsWith(ErrorSelector) && TryReadText(output[4..], out string? reason)
            ? $"{reverted}: {reason}"
            : reverted;
    }

    /// <summary>One ABI string: offset 32, length, bytes.</summary>
    private static bool TryReadText(ReadOnlySpan<byte> data, out string? text)
    {
        text = null;
        if (data.Length < 64 || UInt256.FromBigEndian(data[..32]) != 32)
        {
            return false;
        }

        UInt256 length = UInt256.FromBigEndian(data[32..64]);
        if (length > (ulong)(data.Length - 64))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(data.Slice(64, (int)length));
        return true;
    }

    /// <summary>Solidity documentation, "Panic via assert and Error via require", in geth's words.</summary>
    private static string PanicMeaning(in UInt256 code) => code.SaturateToUInt64() switch
    {
        0x00 => "generic panic",
        0x01 => "assert(false)",
        0x11 => "arithmetic underflow or overflow",
        0x12 => "division or modulo by zero",
        0x21 => "enum overflow",
        0x22 => "invalid encoded storage byte array accessed",
        0x31 => "out-of-bounds array access; popping on an empty array",
        0x32 => "out-of-bounds access of an array or bytesN",
        0x41 => "out of memory",
        0x51 => "uninitialized function",
        _ => $"unknown panic code: {code.ToHexQuantity()}",
    };

    private static CallRequest ReadRequest(RpcContext context, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw RpcException.Params("invalid argument 0: not a call object");
        }

        CallRequest request = new();
        byte[]? data = null;
        foreach (JsonProperty member in value.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null))
        {
            JsonElement item = member.Value;
            request = member.Name switch
            {
                "from" => request with { From = RpcParams.Address(item, member.Name) },
                "to" => request with { To = RpcParams.Address(item, member.Name) },
                "gas" => request with { Gas = RpcParams.Quantity64(item, member.Name) },
                "gasPrice" or "maxFeePerGas" => request with { MaxFeePerGas = RpcParams.Quantity256(item, member.Name) },
                "maxPriorityFeePerGas" =>
                    request with { MaxPriorityFeePerGas = RpcParams.Quantity256(item, member.Name) },
                "value" => request with { Value = RpcParams.Quantity256(item, member.Name) },
                "data" or "input" => request with { Data = data = ReadData(item, member.Name, data) },
                "accessList" => request with { AccessList = ReadAccessList(item) },
                "chainId" => RpcParams.Quantity64(item, member.Name) == context.Ledger.ChainId
                    ? request
                    : throw RpcException.Params("chainId does not match node's"),
                // Of no effect on a call that is not sent.
                "nonce" or "type" => request with { Nonce = RpcParams.Quantity64(item, member.Name) },
                _ => throw RpcException.Params($"unknown member \"{member.Name}\" of the call"),
            };
        }

        return request;
    }

    private static byte[] ReadData(JsonElement value, string name, byte[]? other)
    {
        byte[] data = RpcParams.Bytes(value, name);
        return other is null || other.AsSpan().SequenceEqual(data)
            ? data
            : throw RpcException.Params("both \"data\" and \"input\" are set and not equal");
    }

    private static List<AccessListEntry> ReadAccessList(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw RpcException.Params("accessList is not a list");
        }

        List<AccessListEntry> entries = [];
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("address", out JsonElement address)
                || !item.TryGetProperty("storageKeys", out JsonElement keys) || keys.ValueKind != JsonValueKind.Array)
            {
                throw RpcException.Params("an item of accessList needs address and storageKeys");
            }

            entries.Add(new AccessListEntry(
                RpcParams.Address(address, "address"),
                [.. keys.EnumerateArray().Select(k => RpcParams.Hash(k, "storage key"))]));
        }

        return entries;
    }
}
