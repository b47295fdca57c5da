using Chain.Core;

namespace Chain.Evm;

/// <summary>What a transaction can see of the block it runs in.</summary>
public sealed record BlockContext
{
    /// <summary>Chain id (CHAINID, EIP-1344).</summary>
    public required UInt256 ChainId { get; init; }

    /// <summary>Block number.</summary>
    public required ulong Number { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required ulong Timestamp { get; init; }

    /// <summary>Gas limit of the block.</summary>
    public required ulong GasLimit { get; init; }

    /// <summary>Receiver of the priority fee.</summary>
    public Address Coinbase { get; init; }

    /// <summary>Base fee in wei per gas (EIP-1559); zero on a chain without fees.</summary>
    public UInt256 BaseFee { get; init; }

    /// <summary>PREVRANDAO (EIP-4399): the header's mixHash.</summary>
    public Hash32 PrevRandao { get; init; }

    /// <summary>Excess blob gas of the block (EIP-4844), from which the blob base fee follows.</summary>
    public ulong ExcessBlobGas { get; init; }

    /// <summary>Hash of an earlier block by number; asked only for the 256 blocks before this one. Zero when
    /// unknown.</summary>
    public Func<ulong, Hash32> BlockHash { get; init; } = static _ => Hash32.Zero;

    /// <summary>Wei per blob gas (EIP-4844).</summary>
    public UInt256 BlobBaseFee => BlobGas.BaseFee(ExcessBlobGas);
}
