using System.Collections.Concurrent;
using Chain.Core;
using Chain.Evm;
using Chain.State;

namespace Chain.Ledger;

/// <summary>Reads and calls on the state after one block. Not safe for concurrent use; take one per request.</summary>
public sealed class StateView
{
    private const ulong TransferGas = 21_000;
    private static readonly ConcurrentBag<TransactionExecutor> Executors = [];
    private readonly INodeStore _nodes;
    private readonly BlockHeader _header;
    private readonly ulong _chainId;
    private readonly Func<ulong, Hash32> _blockHash;
    private readonly WorldState _state;

    internal StateView(INodeStore nodes, BlockHeader header, ulong chainId, Func<ulong, Hash32> blockHash)
    {
        _nodes = nodes;
        _header = header;
        _chainId = chainId;
        _blockHash = blockHash;
        _state = new WorldState(nodes, header.StateRoot);
    }

    /// <summary>Nonce of an account; 0 for an absent one.</summary>
    public ulong Nonce(Address address) => _state.GetNonce(address);

    /// <summary>Balance in wei.</summary>
    public UInt256 Balance(Address address) => _state.GetBalance(address);

    /// <summary>Runtime code; empty for an account without.</summary>
    public byte[] Code(Address address) => _state.GetCode(address);

    /// <summary>A storage word.</summary>
    public UInt256 Storage(Address address, UInt256 slot) => _state.GetStorage(address, slot);

    /// <summary>Runs a call on top of this block and forgets what it changed.</summary>
    /// <param name="request">The call; its own gas is ignored.</param>
    /// <param name="gas">Gas it may use.</param>
    public CallResult Call(CallRequest request, ulong gas)
    {
        Transaction message = new()
        {
            Type = TransactionType.DynamicFee,
            ChainId = _chainId,
            GasLimit = gas,
            MaxFeePerGas = request.MaxFeePerGas,
            MaxPriorityFeePerGas = request.MaxPriorityFeePerGas ?? request.MaxFeePerGas,
            To = request.To,
            Value = request.Value,
            Data = request.Data,
            AccessList = request.AccessList,
        };
        if (!Executors.TryTake(out TransactionExecutor? executor))
        {
            executor = new TransactionExecutor();
        }

        BlockContext context = BlockExecution.Context(_header, _chainId, _blockHash) with { GasLimit = gas };
        ExecutionResult result = executor.Call(_state, context, message, request.From);
        Executors.Add(executor);
        return new CallResult(
            result.Succeeded, result.Status == ExecutionStatus.Reverted, result.GasUsed, result.Output, Explain(result, gas));
    }

    /// <summary>
    /// The smallest gas limit a call succeeds with, found by bisection as geth does: gas forwarded to inner calls (63/64,
    /// EIP-150) makes the gas used too little.
    /// </summary>
    /// <param name="request">The call; its gas bounds the search.</param>
    /// <param name="maxGas">Upper bound.</param>
    public CallResult EstimateGas(CallRequest request, ulong maxGas)
    {
        ulong high = Math.Min(Math.Min(request.Gas ?? ulong.MaxValue, maxGas), _header.GasLimit);
        CallResult most = Call(request, high);
        if (!most.Succeeded)
        {
            return most;
        }

        if (request.To is { } to && request.Data.IsEmpty && request.AccessList.Count == 0 && Code(to).Length == 0)
        {
            return most with { GasUsed = TransferGas };
        }

        // Refunds are paid at the end only, so the used gas is a lower bound of what is needed.
        ulong low = most.GasUsed - 1;
        ulong guess = Math.Min(high, most.GasUsed + (most.GasUsed / 63) + 2_400);
        if (Call(request, guess).Succeeded)
        {
            high = guess;
        }
        else
        {
            low = guess;
        }

        while (low + 1 < high)
        {
            ulong middle = low + ((high - low) / 2);
            if (Call(request, middle).Succeeded)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return most with { GasUsed = high };
    }

    /// <summary>The account and storage words with their proofs under the block's state root (EIP-1186).</summary>
    public AccountProof Prove(Address address, IReadOnlyList<Hash32> keys)
    {
        Trie accounts = new(_nodes, _header.StateRoot);
        Account account = accounts.Get(address.Bytes) is { } encoded && Account.TryDecode(encoded, out Account found)
            ? found
            : Account.Empty;
        Trie storage = new(_nodes, account.StorageRoot);
        return new AccountProof(address, account, accounts.Prove(address.Bytes), [.. keys.Select(key =>
            new StorageProof(key, Storage(address, UInt256.FromBigEndian(key.Bytes)), storage.Prove(key.Bytes)))]);
    }

    private static string Explain(ExecutionResult result, ulong gas) => result switch
    {
        { Succeeded: true } => "",
        { Status: ExecutionStatus.Reverted } => "execution reverted",
        { Refusal: TransactionRefusal.IntrinsicGasTooLow } => $"intrinsic gas too low: have {gas}",
        { Refusal: TransactionRefusal.InsufficientFunds } => "insufficient funds for transfer",
        { Refusal: TransactionRefusal.InitCodeTooLarge } => "max initcode size exceeded",
        { Status: ExecutionStatus.Refused } => result.Refusal.ToString(),
        { Halt: Halt.OutOfGas } => "out of gas",
        _ => $"execution failed: {result.Halt}",
    };
}
