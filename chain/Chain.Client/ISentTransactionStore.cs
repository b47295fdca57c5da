using Chain.Core;

namespace Chain.Client;

/// <summary>A signed transaction that was, or may have been, sent.</summary>
/// <param name="ChainId">EIP-155 chain id.</param>
/// <param name="Sender">Address of the signing key.</param>
/// <param name="Nonce">Nonce of the transaction.</param>
/// <param name="Hash">Transaction hash.</param>
/// <param name="Raw">The signed transaction as eth_sendRawTransaction takes it.</param>
public sealed record SentTransaction(ulong ChainId, Address Sender, ulong Nonce, Hash32 Hash, ReadOnlyMemory<byte> Raw);

/// <summary>
/// Where <see cref="DurableSender"/> keeps what it signed. At most one transaction per chain and sender is open (saved and
/// not closed).
/// </summary>
public interface ISentTransactionStore
{
    /// <summary>The open transaction of a sender, or null.</summary>
    Task<SentTransaction?> FindOpenAsync(ulong chainId, Address sender, CancellationToken cancellation);

    /// <summary>Saves a transaction as open. It must survive a power cut once the task has completed.</summary>
    /// <exception cref="InvalidOperationException">Another one of that chain and sender is open.</exception>
    Task SaveAsync(SentTransaction transaction, CancellationToken cancellation);

    /// <summary>Closes a transaction with its outcome. Closing one that is closed already changes nothing.</summary>
    Task CloseAsync(SentTransaction transaction, SendOutcome outcome, CancellationToken cancellation);
}

/// <summary>What became of a transaction.</summary>
public enum SendStatus
{
    /// <summary>It is in a final block and did what it was to do.</summary>
    Succeeded,

    /// <summary>It is in a final block and its execution failed; its nonce is used.</summary>
    Reverted,

    /// <summary>Another transaction of the same key has used its nonce: it will never be in a block.</summary>
    Superseded,

    /// <summary>Every node refuses it (for example more gas than a block has); its nonce is unused.</summary>
    Refused,
}

/// <summary>Outcome of one transaction.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Hash">Transaction hash.</param>
/// <param name="Receipt">Its receipt, when it is in a block.</param>
/// <param name="Reason">The nodes' words, when it was refused.</param>
public sealed record SendOutcome(SendStatus Status, Hash32 Hash, RpcReceipt? Receipt, string? Reason);
