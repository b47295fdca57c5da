using System.Text.Json.Nodes;
using Chain.Core;

namespace Chain.JsonRpc;

/// <summary>
/// chain_: for people and dashboards. Nothing here is needed to verify a proof; that takes standard answers only.
/// </summary>
internal static class ChainMethods
{
    public static void AddTo(Dictionary<string, RpcMethod> methods, RpcContext context)
    {
        methods["chain_getValidators"] = p => Validators(context, p);
        methods["chain_getSeals"] = p => Seals(context, p);
        methods["chain_genesisHash"] = p =>
        {
            p.Expect(0, 0);
            return Wire.Data(context.Ledger.GenesisHash);
        };
        methods["chain_peers"] = p =>
        {
            p.Expect(0, 0);
            return context.Node.Peers();
        };
        methods["chain_consensus"] = p =>
        {
            p.Expect(0, 0);
            return context.Node.Consensus();
        };
        methods["chain_poolStatus"] = p =>
        {
            p.Expect(0, 0);
            return new JsonObject { ["count"] = Wire.Quantity((ulong)context.Ledger.Pool.Count) };
        };
    }

    /// <summary>The validators that sealed a block, or with <c>pending</c> those that seal the next one.</summary>
    private static JsonArray? Validators(RpcContext context, RpcParams parameters)
    {
        parameters.Expect(0, 1);
        BlockReference reference = BlockReference.Read(parameters, 0);
        IReadOnlyList<Address>? validators = reference.IsPending
            ? context.Ledger.NextValidators
            : context.FindBlock(reference) is { } block
                ? context.Ledger.ValidatorsAt(block.Header.Number)
                : null;
        return validators is null ? null : new JsonArray([.. validators.Select(v => Wire.Data(v))]);
    }

    private static JsonObject? Seals(RpcContext context, RpcParams parameters)
    {
        parameters.Expect(0, 1);
        if (context.FindBlock(BlockReference.Read(parameters, 0)) is not { } block
            || !QbftExtraData.TryDecode(block.Header.ExtraData.Span, out QbftExtraData extra))
        {
            return null;
        }

        JsonArray seals = [];
        foreach (Signature seal in extra.Seals)
        {
            seals.Add(new JsonObject
            {
                ["signer"] = Secp256k1.TryRecover(block.Header.CommitHash, seal, out Address signer)
                    ? Wire.Data(signer)
                    : null,
                ["seal"] = Wire.Data(seal.ToArray()),
            });
        }

        return new JsonObject
        {
            ["number"] = Wire.Quantity(block.Header.Number),
            ["hash"] = Wire.Data(block.Header.Hash),
            ["round"] = Wire.Quantity((ulong)extra.Round),
            ["seals"] = seals,
        };
    }
}
