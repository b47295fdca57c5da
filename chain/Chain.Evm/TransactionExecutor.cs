using Chain.Core;
using Chain.Evm.Precompiles;
using Chain.State;

namespace Chain.Evm;

/// <summary>Runs transactions and calls under the rules of Cancun. Keep one and reuse it: it holds buffers and prepared
/// code. Not safe for concurrent use.</summary>
public sealed class TransactionExecutor
{
    private readonly Machine _machine = new();

    /// <summary>Runs a signed transaction and applies it to the state: fees, nonce, execution, refund, removal of
    /// accounts (YP §6). A refused transaction changes nothing.</summary>
    /// <param name="state">State to change.</param>
    /// <param name="block">The block it is in.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="gasAvailable">Gas left in the block; the block's limit when null.</param>
    public ExecutionResult Execute(
        IWorldState state, BlockContext block, Transaction transaction, ulong? gasAvailable = null)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.TryGetSender(out var sender)
            ? Execute(state, block, transaction, sender, gasAvailable)
            : Refused(TransactionRefusal.InvalidSignature);
    }

    /// <summary>As above for a sender known by other means.</summary>
    public ExecutionResult Execute(
        IWorldState state, BlockContext block, Transaction transaction, Address sender, ulong? gasAvailable = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(transaction);
        var refusal = TransactionRules.CheckForm(transaction, block, gasAvailable ?? block.GasLimit);
        if (refusal == TransactionRefusal.None)
            refusal = TransactionRules.CheckSender(transaction, sender, state);
        if (refusal != TransactionRefusal.None)
            return Refused(refusal);

        transaction.TryGetEffectiveGasPrice(block.BaseFee, out var price);
        state.BeginTransaction();
        var blobGas = BlobGas.PerBlob * (ulong)transaction.BlobVersionedHashes.Count;
        state.TrySubtractBalance(sender, (price * transaction.GasLimit) + (block.BlobBaseFee * blobGas));
        state.SetNonce(sender, transaction.Nonce + 1);

        var result = Run(state, block, transaction, sender, price, transaction.Nonce);
        state.AddBalance(sender, price * (transaction.GasLimit - result.GasUsed));
        state.AddBalance(block.Coinbase, (price - block.BaseFee) * result.GasUsed);
        state.EndTransaction();
        return result;
    }

    /// <summary>Runs a message as if it were a transaction and leaves the state as it was: <c>eth_call</c>,
    /// <c>eth_estimateGas</c>. Nonce, signature and the sender's code are not looked at and no fee is taken; the value
    /// must be covered.</summary>
    /// <param name="state">State to read.</param>
    /// <param name="block">The block it would be in.</param>
    /// <param name="message">To, data, value, gas limit and access list; it needs no signature.</param>
    /// <param name="sender">Who calls.</param>
    public ExecutionResult Call(IWorldState state, BlockContext block, Transaction message, Address sender)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(message);
        if (message.GasLimit > long.MaxValue)
            return Refused(TransactionRefusal.BlockGasExceeded);
        if (message.IsCreation && message.Data.Length > GasSchedule.MaxInitCodeSize)
            return Refused(TransactionRefusal.InitCodeTooLarge);
        if (message.GasLimit < message.IntrinsicGas)
            return Refused(TransactionRefusal.IntrinsicGasTooLow);
        if (state.GetBalance(sender) < message.Value)
            return Refused(TransactionRefusal.InsufficientFunds);

        state.BeginTransaction();
        var snapshot = state.Snapshot();
        var nonce = state.GetNonce(sender);
        if (message.IsCreation && nonce < ulong.MaxValue)
            state.SetNonce(sender, nonce + 1);
        var result = Run(state, block, message, sender, message.MaxFeePerGas, nonce);
        result = result with { Logs = [.. result.Logs] };
        state.Revert(snapshot);
        return result;
    }

    private ExecutionResult Run(
        IWorldState state, BlockContext block, Transaction transaction, Address sender, in UInt256 price, ulong nonce)
    {
        var target = transaction.To ?? Address.OfCreate(sender, nonce);
        Warm(state, block, transaction, sender, target);
        _machine.Enter(state, block, sender, price, transaction.BlobVersionedHashes);
        var outcome = _machine.Run(new CallMessage
        {
            Kind = transaction.IsCreation ? CallKind.Create : CallKind.Call,
            Caller = sender,
            Recipient = target,
            CodeAddress = target,
            Value = transaction.Value,
            Input = transaction.Data,
            Gas = (long)(transaction.GasLimit - transaction.IntrinsicGas),
        });

        var used = transaction.GasLimit - (ulong)outcome.GasLeft;
        var refund = outcome.Succeeded
            ? Math.Min((ulong)Math.Max(outcome.Refund, 0), used / GasSchedule.RefundQuotient)
            : 0;
        return new ExecutionResult
        {
            Status = outcome.Succeeded ? ExecutionStatus.Succeeded
                : outcome.Halt == Halt.Revert ? ExecutionStatus.Reverted
                : ExecutionStatus.Failed,
            Halt = outcome.Halt,
            GasUsed = used - refund,
            GasRefunded = refund,
            EffectiveGasPrice = price,
            Logs = state.Logs,
            Output = outcome.Output,
            ContractAddress = transaction.IsCreation ? target : null,
        };
    }

    /// <summary>The addresses and slots warm from the start: EIP-2929, EIP-2930, EIP-3651.</summary>
    private static void Warm(
        IWorldState state, BlockContext block, Transaction transaction, Address sender, Address target)
    {
        state.WarmAddress(sender);
        state.WarmAddress(target);
        state.WarmAddress(block.Coinbase);
        foreach (var precompile in PrecompiledContracts.Addresses)
            state.WarmAddress(precompile);
        foreach (var entry in transaction.AccessList)
        {
            state.WarmAddress(entry.Address);
            foreach (var key in entry.StorageKeys)
                state.WarmSlot(entry.Address, UInt256.FromBigEndian(key.Bytes));
        }
    }

    private static ExecutionResult Refused(TransactionRefusal refusal) =>
        new() { Status = ExecutionStatus.Refused, Refusal = refusal };
}
