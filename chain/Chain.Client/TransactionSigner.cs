using Chain.Core;

namespace Chain.Client;

/// <summary>What a transaction is to do; nonce, chain id and signature come from the signer.</summary>
public sealed record TransactionRequest
{
    /// <summary>The contract called; null to create one.</summary>
    public Address? To { get; init; }

    /// <summary>Call data or initialisation code.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Wei sent.</summary>
    public UInt256 Value { get; init; }

    /// <summary>Gas limit.</summary>
    public required ulong GasLimit { get; init; }

    /// <summary>Fee cap in wei per gas; 0 on a chain without fees.</summary>
    public UInt256 MaxFeePerGas { get; init; }

    /// <summary>Tip in wei per gas.</summary>
    public UInt256 MaxPriorityFeePerGas { get; init; }

    /// <summary>EIP-1559, or legacy for chains that know nothing else.</summary>
    public TransactionType Type { get; init; } = TransactionType.DynamicFee;
}

/// <summary>A key of one chain. It is kept in memory; where it comes from is the host's affair.</summary>
public sealed class TransactionSigner
{
    private readonly byte[] _privateKey;

    /// <summary>A signer with a 32-byte secp256k1 key.</summary>
    /// <exception cref="ArgumentException">Not a private key.</exception>
    public TransactionSigner(ulong chainId, ReadOnlySpan<byte> privateKey)
    {
        ChainId = chainId;
        _privateKey = privateKey.ToArray();
        Address = Secp256k1.AddressOf(_privateKey);
    }

    /// <summary>EIP-155 chain id.</summary>
    public ulong ChainId { get; }

    /// <summary>Address of the key.</summary>
    public Address Address { get; }

    /// <summary>Signs a request with a nonce.</summary>
    public SentTransaction Sign(TransactionRequest request, ulong nonce)
    {
        Transaction signed = new Transaction
        {
            Type = request.Type,
            ChainId = ChainId,
            Nonce = nonce,
            GasLimit = request.GasLimit,
            MaxFeePerGas = request.MaxFeePerGas,
            MaxPriorityFeePerGas = request.Type == TransactionType.DynamicFee ? request.MaxPriorityFeePerGas : request.MaxFeePerGas,
            To = request.To,
            Value = request.Value,
            Data = request.Data,
        }.Sign(_privateKey);
        return new SentTransaction(ChainId, Address, nonce, signed.Hash, signed.Encoded);
    }
}
