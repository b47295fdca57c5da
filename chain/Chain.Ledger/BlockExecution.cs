using Chain.Core;
using Chain.Evm;
using Chain.State;

namespace Chain.Ledger;

/// <summary>A block that was executed on the head, with everything its import writes.</summary>
/// <param name="Block">The block, whose header fits the execution.</param>
/// <param name="Receipts">Receipts in order.</param>
/// <param name="State">Trie nodes and code that the block adds.</param>
/// <param name="NextValidators">Validators of the height after it; null when the state names no usable set.</param>
internal sealed record ExecutedBlock(
    Block Block, IReadOnlyList<Receipt> Receipts, StateWrites State, IReadOnlyList<Address>? NextValidators);

/// <summary>Runs transactions on the state after a block and collects what a header and an import need.</summary>
internal sealed class BlockExecution
{
    private readonly TransactionExecutor _executor;
    private readonly WorldState _state;
    private readonly BlockContext _context;
    private readonly ulong _chainId;
    private readonly List<Transaction> _transactions = [];
    private readonly List<Receipt> _receipts = [];

    /// <param name="executor">Reused between blocks.</param>
    /// <param name="state">The state after the parent; changed by this execution.</param>
    /// <param name="context">What the transactions see of the block.</param>
    /// <param name="chainId">Chain that transactions must be signed for.</param>
    public BlockExecution(TransactionExecutor executor, WorldState state, BlockContext context, ulong chainId)
    {
        _executor = executor;
        _state = state;
        _context = context;
        _chainId = chainId;
    }

    /// <summary>Gas used so far.</summary>
    public ulong GasUsed { get; private set; }

    /// <summary>What a header lets its transactions see. PREVRANDAO is mixHash, when building as when verifying.</summary>
    public static BlockContext Context(BlockHeader header, ulong chainId, Func<ulong, Hash32> blockHash) => new()
    {
        ChainId = chainId,
        Number = header.Number,
        Timestamp = header.Timestamp,
        GasLimit = header.GasLimit,
        Coinbase = header.Coinbase,
        BaseFee = UInt256.Zero,
        PrevRandao = header.MixHash,
        ExcessBlobGas = 0,
        BlockHash = blockHash,
    };

    /// <summary>Runs one transaction; one that can't be in the block changes nothing.</summary>
    /// <returns>Why it can't, or null.</returns>
    public string? Run(Transaction transaction)
    {
        if (PoolRules.CheckForm(transaction, _chainId) is { } fault)
        {
            return fault;
        }

        ExecutionResult result = _executor.Execute(_state, _context, transaction, _context.GasLimit - GasUsed);
        if (result.Status == ExecutionStatus.Refused)
        {
            return result.Refusal.ToString();
        }

        GasUsed += result.GasUsed;
        _transactions.Add(transaction);
        _receipts.Add(new Receipt(transaction.Type, result.Succeeded, GasUsed, result.Logs));
        return null;
    }

    /// <summary>Whether the state now names a usable validator set.</summary>
    public bool HasValidators(Address governance) => Validators(governance) is not null;

    /// <summary>Ends the execution: computes the roots and completes the header with them.</summary>
    public ExecutedBlock Finish(BlockHeader header, Address governance)
    {
        IReadOnlyList<Address>? validators = Validators(governance);
        StateWrites writes = new();
        Hash32 stateRoot = _state.Commit(writes);
        BlockHeader complete = header with
        {
            StateRoot = stateRoot,
            TransactionsRoot = OrderedTrieRoot.OfTransactions(_transactions),
            ReceiptsRoot = OrderedTrieRoot.OfReceipts(_receipts),
            LogsBloom = LogsBloom.Union(_receipts.Select(r => r.Bloom)),
            GasUsed = GasUsed,
        };
        return new ExecutedBlock(new Block(complete, [.. _transactions]), [.. _receipts], writes, validators);
    }

    private IReadOnlyList<Address>? Validators(Address governance) =>
        ValidatorSet.Read(slot => _state.GetStorage(governance, slot));
}
