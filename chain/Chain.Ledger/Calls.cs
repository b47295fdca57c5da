using Chain.Core;

namespace Chain.Ledger;

/// <summary>A call that is executed and forgotten (eth_call).</summary>
public sealed record CallRequest
{
    /// <summary>The caller; the zero address by default.</summary>
    public Address From { get; init; }

    /// <summary>The callee; null to create a contract.</summary>
    public Address? To { get; init; }

    /// <summary>Gas; as much as is allowed by default.</summary>
    public ulong? Gas { get; init; }

    /// <summary>Fee cap; 0 by default, and then no balance is needed for gas.</summary>
    public UInt256 MaxFeePerGas { get; init; }

    /// <summary>Tip.</summary>
    public UInt256? MaxPriorityFeePerGas { get; init; }

    /// <summary>Wei sent.</summary>
    public UInt256 Value { get; init; }

    /// <summary>Call data or initialisation code.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Warm addresses and slots (EIP-2930).</summary>
    public IReadOnlyList<AccessListEntry> AccessList { get; init; } = [];

    /// <summary>As given; it has no effect.</summary>
    public ulong? Nonce { get; init; }
}

/// <summary>Outcome of a call or of an estimate.</summary>
/// <param name="Succeeded">Whether it ran to its end.</param>
/// <param name="Reverted">Whether it failed by REVERT, with the reason in the output.</param>
/// <param name="GasUsed">Gas used; of an estimate, the gas limit to send.</param>
/// <param name="Output">Returned bytes.</param>
/// <param name="Error">Why it failed, in geth's words; empty when it succeeded.</param>
public sealed record CallResult(
    bool Succeeded, bool Reverted, ulong GasUsed, ReadOnlyMemory<byte> Output, string Error);

/// <summary>A storage word with its proof under the account's storage root.</summary>
public sealed record StorageProof(Hash32 Key, UInt256 Value, IReadOnlyList<byte[]> Nodes);

/// <summary>An account with its proof under the state root (EIP-1186).</summary>
public sealed record AccountProof(
    Address Address, Account Account, IReadOnlyList<byte[]> Nodes, IReadOnlyList<StorageProof> Storage);
