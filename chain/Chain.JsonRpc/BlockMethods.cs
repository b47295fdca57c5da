using System.Text.Json.Nodes;
using Chain.Core;

namespace Chain.JsonRpc;

/// <summary>Blocks by number and hash. An unknown block is null, not an error.</summary>
internal static class BlockMethods
{
    public static void AddTo(Dictionary<string, RpcMethod> methods, RpcContext context)
    {
        methods["eth_getBlockByNumber"] = p => GetBlock(p, ByNumber(context, p));
        methods["eth_getBlockByHash"] = p => GetBlock(p, ByHash(context, p));
        methods["eth_getBlockTransactionCountByNumber"] = p => Count(ByNumber(context, p, 1));
        methods["eth_getBlockTransactionCountByHash"] = p => Count(ByHash(context, p, 1));
        methods["eth_getUncleCountByBlockNumber"] = p => ByNumber(context, p, 1) is null ? null : "0x0";
        methods["eth_getUncleCountByBlockHash"] = p => ByHash(context, p, 1) is null ? null : "0x0";
        methods["eth_getBlockReceipts"] = p =>
        {
            p.Expect(1, 1);
            return context.FindBlock(BlockReference.Read(p, 0)) is { } block
                ? Wire.Receipts(block, context.Ledger.Blocks.ReceiptsOf(block.Header.Number))
                : null;
        };
    }

    internal static Block? ByNumber(RpcContext context, RpcParams parameters, int most = 2)
    {
        parameters.Expect(1, most);
        BlockReference reference = BlockReference.Read(parameters, 0);
        return reference.Hash is null
            ? context.FindBlock(reference)
            : throw RpcException.Params("invalid argument 0: not a block number or tag");
    }

    internal static Block? ByHash(RpcContext context, RpcParams parameters, int most = 2)
    {
        parameters.Expect(1, most);
        return context.Ledger.Blocks.ByHash(parameters.Hash(0));
    }

    private static JsonObject? GetBlock(RpcParams parameters, Block? block)
    {
        bool full = parameters.Boolean(1, absent: false);
        return block is null ? null : Wire.Block(block, full);
    }

    private static JsonNode? Count(Block? block) =>
        block is null ? null : Wire.Quantity((ulong)block.Transactions.Count);
}
