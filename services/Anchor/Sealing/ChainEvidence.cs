using Chain.Client;
using Proofs;

namespace Anchor.Sealing;

/// <summary>The chain's part of proofs, with the block's number and time.</summary>
/// <param name="Part">Sealed header, transaction and receipt with their proofs.</param>
/// <param name="Block">Number of the block.</param>
/// <param name="Time">Time of the block, seconds since 1970.</param>
public sealed record ChainEvidence(ChainPart Part, long Block, long Time)
{
    /// <summary>Evidence for the transaction of a receipt, from standard RPC answers checked against each other.</summary>
    /// <exception cref="FormatException">The answers contradict each other.</exception>
    public static async Task<ChainEvidence> CollectAsync(
        ChainClient chain, RpcReceipt receipt, CancellationToken cancellation)
    {
        var block = await BlockEvidence.FetchAsync(chain, receipt.BlockNumber, cancellation);
        if (block is null || block.Header.Hash != receipt.BlockHash
            || block.Transactions[receipt.TransactionIndex].Hash != receipt.TransactionHash)
        {
            throw new FormatException($"Block {receipt.BlockNumber} is another than the one of its receipt.");
        }
        var index = receipt.TransactionIndex;
        return new ChainEvidence(
            new ChainPart(block.Header.Encode(), index, block.ProveTransaction(index), block.ProveReceipt(index)),
            (long)block.Header.Number, (long)block.Header.Timestamp);
    }
}
