using Chain.Core;
using Chain.State;

namespace Chain.Evm;

/// <summary>What must hold before a transaction runs.</summary>
public static class TransactionRules
{
    /// <summary>Checks that need no state: what a pool checks first.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="block">The block it is for.</param>
    /// <param name="gasAvailable">Gas left in the block.</param>
    public static TransactionRefusal CheckForm(Transaction transaction, BlockContext block, ulong gasAvailable)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(block);
        if (transaction.ChainId is { } chainId && chainId != block.ChainId)
            return TransactionRefusal.WrongChain;
        if (transaction.Nonce == ulong.MaxValue)
            return TransactionRefusal.NonceOverflow;
        if (transaction.GasLimit > gasAvailable || transaction.GasLimit > long.MaxValue)
            return TransactionRefusal.BlockGasExceeded;
        if (transaction.MaxPriorityFeePerGas > transaction.MaxFeePerGas)
            return TransactionRefusal.TipAboveFee;
        if (transaction.MaxFeePerGas < block.BaseFee)
            return TransactionRefusal.FeeBelowBaseFee;
        if (transaction.IsCreation && transaction.Data.Length > GasSchedule.MaxInitCodeSize)
            return TransactionRefusal.InitCodeTooLarge;
        if (transaction.GasLimit < transaction.IntrinsicGas)
            return TransactionRefusal.IntrinsicGasTooLow;
        return transaction.Type == TransactionType.Blob ? CheckBlobs(transaction, block) : TransactionRefusal.None;
    }

    /// <summary>Checks against the sender's account.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="sender">Who signed it.</param>
    /// <param name="state">The state before it.</param>
    public static TransactionRefusal CheckSender(Transaction transaction, Address sender, IWorldState state)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(state);
        var nonce = state.GetNonce(sender);
        if (transaction.Nonce != nonce)
            return transaction.Nonce < nonce ? TransactionRefusal.NonceTooLow : TransactionRefusal.NonceTooHigh;
        if (state.GetCodeHash(sender) != Keccak256.Empty)
            return TransactionRefusal.SenderIsContract;
        return TryGetHighestCost(transaction, out var cost) && cost <= state.GetBalance(sender)
            ? TransactionRefusal.None
            : TransactionRefusal.InsufficientFunds;
    }

    /// <summary>Value and highest fee in wei; false beyond 2²⁵⁶.</summary>
    public static bool TryGetHighestCost(Transaction transaction, out UInt256 cost)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var blobGas = BlobGas.PerBlob * (ulong)transaction.BlobVersionedHashes.Count;
        cost = default;
        return UInt256.TryMultiply(transaction.GasLimit, transaction.MaxFeePerGas, out var fee)
            && UInt256.TryMultiply(blobGas, transaction.MaxFeePerBlobGas, out var blobFee)
            && UInt256.TryAdd(fee, blobFee, out var fees)
            && UInt256.TryAdd(fees, transaction.Value, out cost);
    }

    private static TransactionRefusal CheckBlobs(Transaction transaction, BlockContext block)
    {
        var hashes = transaction.BlobVersionedHashes;
        if (transaction.IsCreation || hashes.Count == 0
            || (ulong)hashes.Count * BlobGas.PerBlob > BlobGas.MaxPerBlock
            || hashes.Any(hash => hash.Bytes[0] != BlobGas.VersionedHashVersion))
            return TransactionRefusal.InvalidBlobs;
        return transaction.MaxFeePerBlobGas < block.BlobBaseFee
            ? TransactionRefusal.BlobFeeTooLow
            : TransactionRefusal.None;
    }
}
