namespace Chain.Evm;

/// <summary>Why a transaction may not run (YP §6.2 and the EIPs named).</summary>
public enum TransactionRefusal
{
    /// <summary>It may.</summary>
    None,

    /// <summary>No key can have made the signature.</summary>
    InvalidSignature,

    /// <summary>Signed for another chain (EIP-155).</summary>
    WrongChain,

    /// <summary>The sender has sent this nonce before.</summary>
    NonceTooLow,

    /// <summary>An earlier nonce is missing.</summary>
    NonceTooHigh,

    /// <summary>The nonce cannot grow (EIP-2681).</summary>
    NonceOverflow,

    /// <summary>The sender is a contract (EIP-3607).</summary>
    SenderIsContract,

    /// <summary>The fee cap is below the base fee (EIP-1559).</summary>
    FeeBelowBaseFee,

    /// <summary>The tip is above the fee cap (EIP-1559).</summary>
    TipAboveFee,

    /// <summary>The gas limit is below the intrinsic gas.</summary>
    IntrinsicGasTooLow,

    /// <summary>The block has not that much gas left.</summary>
    BlockGasExceeded,

    /// <summary>Init code above 49,152 bytes (EIP-3860).</summary>
    InitCodeTooLarge,

    /// <summary>The sender cannot pay value and the highest fee.</summary>
    InsufficientFunds,

    /// <summary>A blob transaction that creates a contract, names no blob, too many, or one of another version
    /// (EIP-4844).</summary>
    InvalidBlobs,

    /// <summary>The blob fee cap is below the blob base fee (EIP-4844).</summary>
    BlobFeeTooLow,
}
