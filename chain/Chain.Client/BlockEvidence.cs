using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;

namespace Chain.Client;

/// <summary>
/// A sealed block rebuilt from standard answers, with the tries of its transactions and receipts: what a proof bundle
/// takes from the chain. Header hash and both roots have been checked; the seals have not.
/// </summary>
public sealed class BlockEvidence
{
    private readonly ReadOnlyMemory<byte>[] _transactions;
    private readonly ReadOnlyMemory<byte>[] _receipts;

    private BlockEvidence(BlockHeader header, IReadOnlyList<Transaction> transactions, IReadOnlyList<Receipt> receipts)
    {
        Header = header;
        Transactions = transactions;
        Receipts = receipts;
        _transactions = [.. transactions.Select(t => t.Encoded)];
        _receipts = [.. receipts.Select(r => r.Encode())];
    }

    /// <summary>The header with round and seals.</summary>
    public BlockHeader Header { get; }

    /// <summary>Transactions in order.</summary>
    public IReadOnlyList<Transaction> Transactions { get; }

    /// <summary>Receipts in order.</summary>
    public IReadOnlyList<Receipt> Receipts { get; }

    /// <summary>Proof of a transaction under the header's transactionsRoot: trie nodes, root first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The block has no such transaction.</exception>
    public IReadOnlyList<byte[]> ProveTransaction(int index) => OrderedTrieRoot.Prove(_transactions, index);

    /// <summary>Proof of a receipt under the header's receiptsRoot: trie nodes, root first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The block has no such transaction.</exception>
    public IReadOnlyList<byte[]> ProveReceipt(int index) => OrderedTrieRoot.Prove(_receipts, index);

    /// <summary>Fetches a block with eth_getBlockByNumber and its receipts, and checks that they fit each other.</summary>
    /// <returns>Null when the node has no block of that number.</returns>
    /// <exception cref="FormatException">The answers don't fit: header hash, transactionsRoot or receiptsRoot.</exception>
    public static async Task<BlockEvidence?> FetchAsync(ChainClient chain, ulong number, CancellationToken cancellation)
    {
        if (await chain.BlockAsync(BlockTag.Number(number), cancellation).ConfigureAwait(false) is not { } block)
        {
            return null;
        }

        BlockHeader header = HeaderForm.Rebuild(block);
        Require(header.Number == number, $"block {header.Number} was given for {number}");
        List<Transaction> transactions = [.. RpcForms.Items(RpcForms.Member(block, "transactions")).Select(RpcForms.Transaction)];
        Require(OrderedTrieRoot.OfTransactions(transactions) == header.TransactionsRoot, "transactionsRoot is another");
        IReadOnlyList<Receipt> receipts = await FetchReceiptsAsync(chain, number, transactions, cancellation)
            .ConfigureAwait(false);
        Require(OrderedTrieRoot.OfReceipts(receipts) == header.ReceiptsRoot, "receiptsRoot is another");
        return new BlockEvidence(header, transactions, receipts);
    }

    /// <summary>One eth_getBlockReceipts; a node without it is asked for each receipt in one batch.</summary>
    private static async Task<IReadOnlyList<Receipt>> FetchReceiptsAsync(
        ChainClient chain, ulong number, List<Transaction> transactions, CancellationToken cancellation)
    {
        try
        {
            JsonElement all = await chain.Rpc
                .CallAsync("eth_getBlockReceipts", [BlockTag.Number(number).Text], cancellation).ConfigureAwait(false);
            return [.. RpcForms.Items(all).Select(r => RpcForms.Receipt(r).Receipt)];
        }
        catch (RpcErrorException e) when (e.Code == MethodNotFound)
        {
            IReadOnlyList<JsonElement> each = await chain.Rpc.BatchAsync(
                [.. transactions.Select(t => ("eth_getTransactionReceipt", new JsonArray(t.Hash.ToString())))],
                cancellation).ConfigureAwait(false);
            return [.. each.Select(r => RpcForms.Receipt(r).Receipt)];
        }
    }

    private const int MethodNotFound = -32601;

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new FormatException($"The answers of the node don't fit each other: {what}.");
        }
    }
}
