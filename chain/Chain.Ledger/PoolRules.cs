using Chain.Core;

namespace Chain.Ledger;

/// <summary>Rules for a transaction before it is executed. Messages are geth's, since clients compare them.</summary>
public static class PoolRules
{
    private const int InitCodeMaxBytes = 49_152;

    /// <summary>What the sender pays a unit of gas: with base fee 0, the tip up to the cap (EIP-1559).</summary>
    public static UInt256 Tip(Transaction transaction) =>
        transaction.TryGetEffectiveGasPrice(UInt256.Zero, out UInt256 price) ? price : UInt256.Zero;

    /// <summary>The sender of a transaction that is known to be valid.</summary>
    /// <exception cref="InvalidOperationException">The signature belongs to no key.</exception>
    public static Address SenderOf(Transaction transaction) => transaction.TryGetSender(out Address sender)
        ? sender
        : throw new InvalidOperationException("The transaction's signature belongs to no key.");

    /// <summary>
    /// Whether a transaction is of a form and for the chain that blocks here take: legacy with EIP-155, 2930 or 1559.
    /// Part of a block's validity.
    /// </summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? CheckForm(Transaction transaction, ulong chainId) =>
        transaction.Type == TransactionType.Blob
            ? "transaction type not supported"
            : transaction.ChainId switch
            {
                null => "only replay-protected (EIP-155) transactions allowed over RPC",
                { } given when given != chainId => $"invalid chain id for signer: have {given} want {chainId}",
                _ => null,
            };

    /// <summary>Most that a transaction can cost: value and gas at its cap. Null above 2²⁵⁶ − 1.</summary>
    internal static UInt256? Cost(Transaction transaction) =>
        UInt256.TryMultiply(transaction.GasLimit, transaction.MaxFeePerGas, out UInt256 gas)
        && UInt256.TryAdd(gas, transaction.Value, out UInt256 cost)
            ? cost
            : null;

    internal static string? CheckAlone(
        Transaction transaction, ulong chainId, ulong blockGasLimit, PoolLimits limits, out Address sender)
    {
        sender = default;
        if (CheckForm(transaction, chainId) is { } fault)
        {
            return fault;
        }

        if (transaction.Encoded.Length > limits.TransactionMaxBytes)
        {
            return $"oversized data: transaction size {transaction.Encoded.Length}, limit {limits.TransactionMaxBytes}";
        }

        if (transaction.IsCreation && transaction.Data.Length > InitCodeMaxBytes)
        {
            return $"max initcode size exceeded: code size {transaction.Data.Length}, limit {InitCodeMaxBytes}";
        }

        if (transaction.GasLimit > blockGasLimit)
        {
            return "exceeds block gas limit";
        }

        if (transaction.MaxPriorityFeePerGas > transaction.MaxFeePerGas)
        {
            return "max priority fee per gas higher than max fee per gas";
        }

        if (transaction.IntrinsicGas is var needed && transaction.GasLimit < needed)
        {
            return $"intrinsic gas too low: gas {transaction.GasLimit}, minimum needed {needed}";
        }

        return transaction.TryGetSender(out sender) ? null : "invalid sender";
    }

    internal static string? CheckAccount(
        Transaction transaction, Address sender, SenderAccount account, PoolLimits limits)
    {
        if (transaction.Nonce < account.Nonce)
        {
            return $"nonce too low: next nonce {account.Nonce}, tx nonce {transaction.Nonce}";
        }

        if (transaction.Nonce - account.Nonce > limits.NonceMaxAhead)
        {
            return $"nonce too high: next nonce {account.Nonce}, tx nonce {transaction.Nonce}";
        }

        if (account.HasCode)
        {
            // EIP-3607: the key of an address that holds code is not to be used.
            return $"sender not an eoa: address {sender}";
        }

        return Cost(transaction) is { } cost && cost <= account.Balance
            ? null
            : $"insufficient funds for gas * price + value: balance {account.Balance}, tx cost {Cost(transaction)}";
    }

    /// <summary>Both fees must grow by at least that percentage, and always strictly: 0 doesn't replace 0.</summary>
    internal static bool MayReplace(Transaction old, Transaction transaction, int percent) =>
        Grows(old.MaxFeePerGas, transaction.MaxFeePerGas, percent)
        && Grows(old.MaxPriorityFeePerGas, transaction.MaxPriorityFeePerGas, percent);

    private static bool Grows(in UInt256 old, in UInt256 fresh, int percent) =>
        fresh > old
        && UInt256.TryMultiply(old, (ulong)(100 + percent), out UInt256 least)
        && UInt256.TryMultiply(fresh, 100, out UInt256 hundredfold)
        && hundredfold >= least;
}
