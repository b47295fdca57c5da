namespace Chain.Core;

/// <summary>The transaction types of EIP-2718.</summary>
public enum TransactionType
{
    /// <summary>Before EIP-2718; signed with a chain id (EIP-155) or without.</summary>
    Legacy = 0,

    /// <summary>With an access list (EIP-2930).</summary>
    AccessList = 1,

    /// <summary>With a fee cap and a tip (EIP-1559).</summary>
    DynamicFee = 2,

    /// <summary>With blob hashes (EIP-4844). It can be read and executed; the ledger of the chain doesn't take it.</summary>
    Blob = 3,
}
