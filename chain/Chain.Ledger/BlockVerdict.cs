using Chain.Core;

namespace Chain.Ledger;

/// <summary>Why a block is refused.</summary>
public enum BlockFault
{
    /// <summary>It is valid.</summary>
    None,

    /// <summary>It doesn't follow the head: another parent or another number.</summary>
    NotNext,

    /// <summary>Another block of that number is final. With a quorum's seals this proves more than f faulty validators.</summary>
    ConflictsWithFinal,

    /// <summary>The block is larger than <see cref="LedgerOptions.BlockMaxBytes"/>.</summary>
    Size,

    /// <summary>ommersHash is not that of the empty list.</summary>
    Ommers,

    /// <summary>The proposer (coinbase) is not a validator of this height.</summary>
    Coinbase,

    /// <summary>Difficulty is not 1.</summary>
    Difficulty,

    /// <summary>The gas limit differs from the parent's.</summary>
    GasLimit,

    /// <summary>Before the parent's time, or too far ahead of the clock.</summary>
    Timestamp,

    /// <summary>Extra data is no canonical QBFT extra data, or names validators or a vote.</summary>
    ExtraData,

    /// <summary>mixHash is not QBFT's constant.</summary>
    MixHash,

    /// <summary>The nonce is not 0.</summary>
    Nonce,

    /// <summary>The base fee is not 0.</summary>
    BaseFee,

    /// <summary>withdrawalsRoot is not that of no withdrawals.</summary>
    Withdrawals,

    /// <summary>Blob gas is not 0.</summary>
    BlobGas,

    /// <summary>parentBeaconBlockRoot is not 0.</summary>
    BeaconRoot,

    /// <summary>transactionsRoot is not that of the transactions.</summary>
    TransactionsRoot,

    /// <summary>A transaction can't be executed: signature, chain id, nonce, balance or gas.</summary>
    Transaction,

    /// <summary>gasUsed differs from what execution used.</summary>
    GasUsed,

    /// <summary>receiptsRoot or logsBloom differ from execution.</summary>
    Receipts,

    /// <summary>stateRoot differs from execution.</summary>
    StateRoot,

    /// <summary>The state after the block names no usable validator set, so nobody could seal the next one.</summary>
    ValidatorSet,

    /// <summary>A seal is malformed, foreign or doubled, or there are too few.</summary>
    Seals,
}

/// <summary>Answer about a block.</summary>
/// <param name="Fault">What is wrong, or none.</param>
/// <param name="Detail">Words for the log; empty when valid.</param>
public readonly record struct BlockVerdict(BlockFault Fault, string Detail)
{
    /// <summary>The verdict on a block without fault.</summary>
    public static BlockVerdict Valid => new(BlockFault.None, "");

    /// <summary>Whether the block is valid.</summary>
    public bool IsValid => Fault == BlockFault.None;
}

/// <summary>What became of a sealed block.</summary>
public enum ImportStatus
{
    /// <summary>It is the head now, durably.</summary>
    Imported,

    /// <summary>It was final before.</summary>
    AlreadyKnown,

    /// <summary>It is refused; the verdict says why.</summary>
    Refused,
}

/// <summary>Outcome of an import.</summary>
public readonly record struct ImportResult(ImportStatus Status, BlockVerdict Verdict);

/// <summary>The head moved.</summary>
/// <param name="Block">The new head.</param>
/// <param name="Receipts">Its receipts.</param>
/// <param name="NextValidators">Who seals the next block, ascending.</param>
public sealed record HeadChange(Block Block, IReadOnlyList<Receipt> Receipts, IReadOnlyList<Address> NextValidators);
