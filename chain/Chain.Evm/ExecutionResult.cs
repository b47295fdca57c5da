using Chain.Core;

namespace Chain.Evm;

/// <summary>How a transaction ended.</summary>
public enum ExecutionStatus
{
    /// <summary>Not run and not charged: it may not be in a block.</summary>
    Refused,

    /// <summary>Ran to STOP, RETURN or SELFDESTRUCT.</summary>
    Succeeded,

    /// <summary>Undone by REVERT; charged for the gas used.</summary>
    Reverted,

    /// <summary>Undone by an exceptional halt; charged for all its gas.</summary>
    Failed,
}

/// <summary>The outcome of a transaction or call.</summary>
public sealed record ExecutionResult
{
    /// <summary>How it ended.</summary>
    public required ExecutionStatus Status { get; init; }

    /// <summary>Why it was refused; <see cref="TransactionRefusal.None"/> otherwise.</summary>
    public TransactionRefusal Refusal { get; init; }

    /// <summary>Why the outermost frame stopped.</summary>
    public Halt Halt { get; init; }

    /// <summary>Gas charged, after the refund.</summary>
    public ulong GasUsed { get; init; }

    /// <summary>Gas refunded (EIP-3529).</summary>
    public ulong GasRefunded { get; init; }

    /// <summary>Wei paid per gas.</summary>
    public UInt256 EffectiveGasPrice { get; init; }

    /// <summary>Logs in order; none unless it succeeded.</summary>
    public IReadOnlyList<Log> Logs { get; init; } = [];

    /// <summary>What RETURN or REVERT gave; the code for a creation.</summary>
    public ReadOnlyMemory<byte> Output { get; init; }

    /// <summary>Address of the contract a creation made, also when the creation failed.</summary>
    public Address? ContractAddress { get; init; }

    /// <summary>Whether the receipt's status is 1.</summary>
    public bool Succeeded => Status == ExecutionStatus.Succeeded;
}
