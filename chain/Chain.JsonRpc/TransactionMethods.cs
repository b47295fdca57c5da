using System.Text.Json.Nodes;
using Chain.Core;
using Chain.Ledger;

namespace Chain.JsonRpc;

/// <summary>Sending transactions, and looking them and their receipts up.</summary>
internal static class TransactionMethods
{
    public static void AddTo(Dictionary<string, RpcMethod> methods, RpcContext context)
    {
        methods["eth_sendRawTransaction"] = p => Send(context, p);
        methods["eth_getTransactionByHash"] = p => ByHash(context, p);
        methods["eth_getTransactionReceipt"] = p => Receipt(context, p);
        methods["eth_getTransactionByBlockNumberAndIndex"] =
            p => InBlock(BlockMethods.ByNumber(context, p), p);
        methods["eth_getTransactionByBlockHashAndIndex"] =
            p => InBlock(BlockMethods.ByHash(context, p), p);
    }

    private static JsonNode Send(RpcContext context, RpcParams parameters)
    {
        parameters.Expect(1, 1);
        byte[] raw = parameters.Bytes(0);
        PoolAnswer answer = context.Ledger.Pool.Add(raw);
        return answer.Status == PoolStatus.Added
            ? Wire.Data(Keccak256.Hash(raw))
            : throw new RpcException(RpcException.ServerError, answer.Message);
    }

    private static JsonObject? ByHash(RpcContext context, RpcParams parameters)
    {
        parameters.Expect(1, 1);
        Hash32 hash = parameters.Hash(0);
        // The pool first: a transaction that is included between the two look-ups is found by the second.
        Transaction? pending = context.Ledger.Pool.Find(hash);
        if (context.Ledger.Blocks.FindTransaction(hash) is { } place
            && context.Ledger.Blocks.ByNumber(place.BlockNumber) is { } block)
        {
            return Wire.Transaction(block.Transactions[place.Index], block.Header, place.Index);
        }

        return pending is null ? null : Wire.Transaction(pending, null, 0);
    }

    private static JsonObject? Receipt(RpcContext context, RpcParams parameters)
    {
        parameters.Expect(1, 1);
        return context.Ledger.Blocks.FindTransaction(parameters.Hash(0)) is { } place
            && context.Ledger.Blocks.ByNumber(place.BlockNumber) is { } block
                ? Wire.Receipt(block, context.Ledger.Blocks.ReceiptsOf(place.BlockNumber), place.Index)
                : null;
    }

    private static JsonObject? InBlock(Block? block, RpcParams parameters)
    {
        parameters.Expect(2, 2);
        ulong index = parameters.Quantity(1);
        return block is not null && index < (ulong)block.Transactions.Count
            ? Wire.Transaction(block.Transactions[(int)index], block.Header, (int)index)
            : null;
    }
}
