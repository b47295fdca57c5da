using Chain.Core;
using Chain.Evm;
using Chain.State;

namespace Chain.Ledger;

/// <summary>
/// The ledger of one group: head, state, pool, and the three things consensus asks for: build a block, check a proposal,
/// import a sealed block. Everything is decided by its arguments and the store; it has no clock and no threads of its own.
/// Safe for concurrent use: building, checking and importing exclude each other, reading never waits for them.
/// </summary>
public sealed class GroupLedger
{
    private const int ExecutedMaxCount = 16;
    private const int BlockRoomForHeader = 4_096;
    private const int RlpPrefixMaxBytes = 5;
    private readonly LedgerOptions _options;
    private readonly IKeyValueStore _store;
    private readonly NodeStore _nodes;
    private readonly TransactionExecutor _executor = new();
    private readonly Lock _writing = new();
    private readonly Dictionary<Hash32, ExecutedBlock> _executed = [];
    private volatile LedgerHead _head;

    private GroupLedger(Genesis genesis, Block genesisBlock, IKeyValueStore store, LedgerOptions options)
    {
        Genesis = genesis;
        GenesisHash = genesisBlock.Hash;
        _options = options;
        _store = store;
        _nodes = new NodeStore(store);
        Blocks = new BlockStore(store);
        Block head = Blocks.ByNumber(Blocks.HeadNumber!.Value)!;
        _head = new LedgerHead(head, head.Hash, ReadValidators(head.Header)
            ?? throw new InvalidOperationException("The governance contract names no usable validator set."));
        Pool = new TransactionPool(genesis.ChainId, genesis.GasLimit, options.Pool, AccountOf);
    }

    /// <summary>
    /// Raised after each import, on the importing thread and outside of any lock, in the order of the blocks.
    /// </summary>
    public event Action<HeadChange>? HeadChanged;

    /// <summary>What the group started from.</summary>
    public Genesis Genesis { get; }

    /// <summary>Hash of block 0.</summary>
    public Hash32 GenesisHash { get; }

    /// <summary>EIP-155 chain id.</summary>
    public ulong ChainId => Genesis.ChainId;

    /// <summary>Blocks, receipts and transactions that are final.</summary>
    public BlockStore Blocks { get; }

    /// <summary>Transactions that wait.</summary>
    public TransactionPool Pool { get; }

    /// <summary>The last final block, with its seals.</summary>
    public Block Head => _head.Block;

    /// <summary>Who seals the block after the head, ascending.</summary>
    public IReadOnlyList<Address> NextValidators => _head.NextValidators;

    /// <summary>Opens the ledger in a store, writing the genesis block and state if the store is empty.</summary>
    /// <exception cref="InvalidOperationException">
    /// The store holds another genesis, or the governance contract names no usable validator set.
    /// </exception>
    public static GroupLedger Open(Genesis genesis, IKeyValueStore store, LedgerOptions? options = null)
    {
        (Block block, StateWrites state) = GenesisBlock.Build(genesis);
        BlockStore blocks = new(store);
        if (blocks.GenesisHash is not { } stored)
        {
            using IWriteBatch batch = store.StartBatch();
            state.WriteTo(batch);
            BlockStore.Put(batch, block, []);
            BlockStore.PutGenesis(batch, block.Hash);
            batch.Commit();
        }
        else if (stored != block.Hash)
        {
            throw new InvalidOperationException($"The store is of genesis {stored}, not of {block.Hash}.");
        }

        return new GroupLedger(genesis, block, store, options ?? new LedgerOptions());
    }

    /// <summary>
    /// The validators that seal the block of that number: the governance contract's in the state after its parent. For
    /// block 0, which nobody seals, those of block 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is above the next block's.</exception>
    public IReadOnlyList<Address> ValidatorsAt(ulong number)
    {
        LedgerHead head = _head;
        if (number == head.Block.Header.Number + 1)
        {
            return head.NextValidators;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, head.Block.Header.Number);
        return ReadValidators(Blocks.ByNumber(number == 0 ? 0 : number - 1)!.Header)!;
    }

    /// <summary>The state after a final block.</summary>
    public StateView StateAt(BlockHeader header) => new(_nodes, header, Genesis.ChainId, BlockHashes(header));

    /// <summary>Logs that match, in order; the caller bounds the range and the count.</summary>
    public IEnumerable<LocatedLog> FindLogs(LogFilter filter) => Blocks.FindLogs(filter, Head.Header.Number);

    /// <summary>
    /// Builds an unsealed block on the head from the pool. Its time is <paramref name="timestamp"/> or the parent's,
    /// whichever is later.
    /// </summary>
    /// <param name="timestamp">The proposer's clock, in whole seconds since 1970.</param>
    /// <param name="proposer">Coinbase; this node's validator address in the group.</param>
    /// <param name="round">Round the block is proposed in.</param>
    public Block BuildBlock(ulong timestamp, Address proposer, int round)
    {
        lock (_writing)
        {
            BlockHeader parent = _head.Block.Header;
            BlockHeader header = new()
            {
                ParentHash = _head.Hash,
                Coinbase = proposer,
                Number = parent.Number + 1,
                GasLimit = parent.GasLimit,
                Timestamp = Math.Max(timestamp, parent.Timestamp),
                ExtraData = QbftExtraData.ForGenesis([]).Encode(),
                MixHash = parent.MixHash,
                BaseFeePerGas = UInt256.Zero,
                WithdrawalsRoot = BlockHeader.EmptyTrieRoot,
                BlobGasUsed = 0,
                ExcessBlobGas = 0,
                ParentBeaconBlockRoot = Hash32.Zero,
            };
            BlockExecution execution;
            do
            {
                execution = Start(header);
            }
            while (!TryFillFromPool(execution));

            ExecutedBlock executed = execution.Finish(header, Genesis.Governance);
            Remember(executed);
            return executed.Block.WithHeader(executed.Block.Header.WithRound(round));
        }
    }

    /// <summary>
    /// Checks a proposed block fully, except its seals: header rules, time, and execution, whose result is kept so that
    /// importing the block later is cheap. Nothing is written.
    /// </summary>
    /// <param name="block">The block, in any round.</param>
    /// <param name="nowSeconds">This node's clock, in seconds since 1970.</param>
    public BlockVerdict ValidateProposal(Block block, ulong nowSeconds)
    {
        lock (_writing)
        {
            BlockVerdict clock = HeaderRules.CheckClock(block.Header, nowSeconds, _options.ClockAheadMaxSeconds);
            return clock.IsValid ? Check(block, out _) : clock;
        }
    }

    /// <summary>
    /// Imports a sealed block: checks header, execution and every seal, and writes the block, receipts, indexes, state and
    /// head in one durable batch. When this returns <see cref="ImportStatus.Imported"/> a power cut can't undo it.
    /// </summary>
    public ImportResult Import(Block sealedBlock)
    {
        HeadChange change;
        lock (_writing)
        {
            if (sealedBlock.Header.Number <= Head.Header.Number)
            {
                return CompareWithFinal(sealedBlock);
            }

            BlockVerdict verdict = CheckSeals(sealedBlock.Header, _head.NextValidators, _head.Hash);
            ExecutedBlock? executed = null;
            verdict = verdict.IsValid ? Check(sealedBlock, out executed) : verdict;
            if (!verdict.IsValid)
            {
                return new ImportResult(ImportStatus.Refused, verdict);
            }

            Write(sealedBlock, executed!);
            change = new HeadChange(sealedBlock, executed!.Receipts, executed.NextValidators!);
            Pool.OnNewHead();
        }

        HeadChanged?.Invoke(change);
        return new ImportResult(ImportStatus.Imported, BlockVerdict.Valid);
    }

    private void Write(Block block, ExecutedBlock executed)
    {
        using (IWriteBatch batch = _store.StartBatch())
        {
            executed.State.WriteTo(batch);
            BlockStore.Put(batch, block, executed.Receipts);
            batch.Commit();
        }

        _executed.Clear();
        _head = new LedgerHead(block, block.Hash, executed.NextValidators!);
    }

    private BlockVerdict Check(Block block, out ExecutedBlock? executed)
    {
        BlockVerdict verdict = HeaderRules.Check(block.Header, _head.Block.Header, _head.NextValidators);
        executed = null;
        if (!verdict.IsValid)
        {
            return verdict;
        }

        if (_executed.TryGetValue(block.Hash, out executed))
        {
            // The hash is of the header: anybody can put another body behind it.
            return block.Transactions.Select(t => t.Hash).SequenceEqual(executed.Block.Transactions.Select(t => t.Hash))
                ? BlockVerdict.Valid
                : new BlockVerdict(BlockFault.TransactionsRoot, "the body is not that of the header");
        }

        if (block.WithHeader(block.Header.WithSeals([])).Encode().Length is var size && size > _options.BlockMaxBytes)
        {
            return new BlockVerdict(BlockFault.Size, $"{size} bytes, at most {_options.BlockMaxBytes}");
        }

        return Execute(block, out executed);
    }

    private BlockVerdict Execute(Block block, out ExecutedBlock? executed)
    {
        executed = null;
        BlockExecution execution = Start(block.Header);
        for (int i = 0; i < block.Transactions.Count; i++)
        {
            if (execution.Run(block.Transactions[i]) is { } reason)
            {
                return new BlockVerdict(BlockFault.Transaction, $"transaction {i}: {reason}");
            }
        }

        ExecutedBlock result = execution.Finish(block.Header, Genesis.Governance);
        BlockHeader claimed = block.Header;
        BlockHeader found = result.Block.Header;
        BlockFault fault =
            claimed.TransactionsRoot != found.TransactionsRoot ? BlockFault.TransactionsRoot
            : claimed.GasUsed != found.GasUsed ? BlockFault.GasUsed
            : claimed.ReceiptsRoot != found.ReceiptsRoot || !claimed.LogsBloom.Equals(found.LogsBloom) ? BlockFault.Receipts
            : claimed.StateRoot != found.StateRoot ? BlockFault.StateRoot
            : result.NextValidators is null ? BlockFault.ValidatorSet
            : BlockFault.None;
        if (fault != BlockFault.None)
        {
            return new BlockVerdict(fault, $"the header differs from execution in {fault}");
        }

        Remember(executed = result);
        return BlockVerdict.Valid;
    }

    private static BlockVerdict CheckSeals(BlockHeader header, IReadOnlyList<Address> validators, Hash32 parentHash)
    {
        SealVerdict verdict = SealCheck.Verify(
            header, new SealExpectation(header.Number, validators, ValidatorSource.Contract, parentHash));
        return verdict switch
        {
            SealVerdict.Valid => BlockVerdict.Valid,
            // Everything but seals is HeaderRules' to name.
            SealVerdict.MalformedSeal or SealVerdict.ForeignSeal or SealVerdict.DuplicateSeal or SealVerdict.TooFewSeals
                => new BlockVerdict(BlockFault.Seals, verdict.ToString()),
            SealVerdict.WrongNumber or SealVerdict.WrongParent
                => new BlockVerdict(BlockFault.NotNext, verdict.ToString()),
            _ => BlockVerdict.Valid,
        };
    }

    /// <summary>
    /// A block of a final height. Two of one height, both sealed by a quorum, prove more than f faulty validators; that
    /// must be told apart from one that anybody made up.
    /// </summary>
    private ImportResult CompareWithFinal(Block block)
    {
        ulong number = block.Header.Number;
        Block final = Blocks.ByNumber(number)!;
        if (final.Hash == block.Hash)
        {
            return new ImportResult(ImportStatus.AlreadyKnown, BlockVerdict.Valid);
        }

        SealVerdict seals = number == 0
            ? SealVerdict.TooFewSeals
            : SealCheck.Verify(block.Header, new SealExpectation(number, ValidatorsAt(number)));
        return new ImportResult(ImportStatus.Refused, seals == SealVerdict.Valid
            ? new BlockVerdict(BlockFault.ConflictsWithFinal, $"a quorum sealed {block.Hash} and {final.Hash}")
            : new BlockVerdict(BlockFault.NotNext, $"number {number} is final with another hash"));
    }

    /// <summary>
    /// Runs what the pool has. A transaction after which nobody could seal the next block leaves the pool, and the
    /// execution can't be used: false.
    /// </summary>
    private bool TryFillFromPool(BlockExecution execution)
    {
        int bytes = _options.BlockMaxBytes - BlockRoomForHeader;
        foreach (IReadOnlyList<Transaction> run in Pool.Executable())
        {
            foreach (Transaction transaction in run)
            {
                bytes -= transaction.Encoded.Length + RlpPrefixMaxBytes;
                if (bytes < 0)
                {
                    return true;
                }

                if (execution.Run(transaction) is { } reason)
                {
                    // A full block leaves the rest for the next one; anything else will not get better.
                    if (transaction.GasLimit <= Head.Header.GasLimit - execution.GasUsed)
                    {
                        Pool.Drop(transaction.Hash);
                    }

                    break;
                }

                if (!execution.HasValidators(Genesis.Governance))
                {
                    Pool.Drop(transaction.Hash);
                    return false;
                }
            }
        }

        return true;
    }

    private BlockExecution Start(BlockHeader header) => new(
        _executor,
        new WorldState(_nodes, _head.Block.Header.StateRoot),
        BlockExecution.Context(header, ChainId, BlockHashes(header)),
        ChainId);

    private void Remember(ExecutedBlock executed)
    {
        if (_executed.Count >= ExecutedMaxCount)
        {
            _executed.Clear();
        }

        _executed[executed.Block.Hash] = executed;
    }

    private Func<ulong, Hash32> BlockHashes(BlockHeader header) => number =>
        number + 1 == header.Number ? header.ParentHash : Blocks.ByNumber(number)?.Hash ?? Hash32.Zero;

    private SenderAccount AccountOf(Address address)
    {
        WorldState state = new(_nodes, _head.Block.Header.StateRoot);
        return new SenderAccount(
            state.GetNonce(address), state.GetBalance(address), state.GetCodeHash(address) != Keccak256.Empty);
    }

    private IReadOnlyList<Address>? ReadValidators(BlockHeader header)
    {
        WorldState state = new(_nodes, header.StateRoot);
        return ValidatorSet.Read(slot => state.GetStorage(Genesis.Governance, slot));
    }

    private sealed record LedgerHead(Block Block, Hash32 Hash, IReadOnlyList<Address> NextValidators);
}
