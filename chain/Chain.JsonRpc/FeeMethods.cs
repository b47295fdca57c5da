using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;
using Chain.Ledger;

namespace Chain.JsonRpc;

/// <summary>Fees: the base fee is always 0 and a tip of 0 is enough.</summary>
internal static class FeeMethods
{
    private const int PercentilesMax = 100;

    public static void AddTo(Dictionary<string, RpcMethod> methods, RpcContext context)
    {
        foreach (string name in (string[])["eth_gasPrice", "eth_maxPriorityFeePerGas", "eth_baseFee", "eth_blobBaseFee"])
        {
            methods[name] = p =>
            {
                p.Expect(0, 0);
                return "0x0";
            };
        }

        methods["eth_feeHistory"] = p => History(context, p);
    }

    private static JsonObject History(RpcContext context, RpcParams parameters)
    {
        parameters.Expect(2, 3);
        // ethers sends a quantity, some tools a JSON number.
        ulong wanted = parameters[0].ValueKind == JsonValueKind.Number && parameters[0].TryGetUInt64(out ulong number)
            ? number
            : parameters.Quantity(0);
        double[] percentiles = parameters.Has(2) ? ReadPercentiles(parameters[2]) : [];
        Block newest = context.FindBlock(BlockReference.Read(parameters, 1))
            ?? throw new RpcException(RpcException.ResourceNotFound, "request beyond head block");
        ulong count = Math.Min(Math.Min(wanted, context.Limits.FeeHistoryMaxBlocks), newest.Header.Number + 1);
        ulong oldest = newest.Header.Number + 1 - count;
        JsonArray ratios = [];
        JsonArray rewards = [];
        for (ulong n = oldest; n < oldest + count; n++)
        {
            Block block = context.Ledger.Blocks.ByNumber(n)!;
            ratios.Add((double)block.Header.GasUsed / block.Header.GasLimit);
            rewards.Add(Rewards(context, block, percentiles));
        }

        JsonObject history = new()
        {
            ["oldestBlock"] = Wire.Quantity(oldest),
            ["baseFeePerGas"] = Zeros(count + 1),
            ["baseFeePerBlobGas"] = Zeros(count + 1),
            ["gasUsedRatio"] = ratios,
            ["blobGasUsedRatio"] = new JsonArray([.. Enumerable.Repeat(0, (int)count).Select(z => (JsonNode)z)]),
        };
        if (percentiles.Length > 0)
        {
            history["reward"] = rewards;
        }

        return history;
    }

    private static JsonArray Zeros(ulong count) => [.. Enumerable.Repeat("0x0", (int)count).Select(z => (JsonNode)z)];

    /// <summary>Tips at the given percentiles of gas used, as EIP-1559's fee history weighs them.</summary>
    private static JsonArray Rewards(RpcContext context, Block block, double[] percentiles)
    {
        IReadOnlyList<Receipt> receipts = context.Ledger.Blocks.ReceiptsOf(block.Header.Number);
        List<(UInt256 Tip, ulong Gas)> byTip = [];
        for (int i = 0; i < receipts.Count; i++)
        {
            ulong before = i == 0 ? 0 : receipts[i - 1].CumulativeGasUsed;
            byTip.Add((PoolRules.Tip(block.Transactions[i]), receipts[i].CumulativeGasUsed - before));
        }

        byTip.Sort((a, b) => a.Tip.CompareTo(b.Tip));
        JsonArray rewards = [];
        foreach (double percentile in percentiles)
        {
            double threshold = block.Header.GasUsed * percentile / 100;
            ulong sum = 0;
            UInt256 tip = UInt256.Zero;
            foreach ((UInt256 next, ulong gas) in byTip)
            {
                tip = next;
                sum += gas;
                if (sum >= threshold)
                {
                    break;
                }
            }

            rewards.Add(Wire.Quantity(tip));
        }

        return rewards;
    }

    private static double[] ReadPercentiles(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > PercentilesMax)
        {
            throw RpcException.Params($"reward percentiles are not a list of at most {PercentilesMax} numbers");
        }

        double[] percentiles = [.. value.EnumerateArray().Select(
            p => p.ValueKind == JsonValueKind.Number && p.TryGetDouble(out double number) && number is >= 0 and <= 100
                ? number
                : throw RpcException.Params("invalid reward percentile"))];
        return percentiles.Zip(percentiles.Skip(1)).All(p => p.First < p.Second)
            ? percentiles
            : throw RpcException.Params("reward percentiles are not ascending");
    }
}
