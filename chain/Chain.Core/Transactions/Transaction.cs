namespace Chain.Core;

/// <summary>
/// A transaction with its signature. It is immutable; hash, encoding and sender are computed once. Amounts are in wei.
/// </summary>
public sealed class Transaction
{
    private byte[]? _encoded;
    private Hash32[]? _hash;
    private Address[]? _sender;

    /// <summary>The form it is signed and encoded in.</summary>
    public TransactionType Type { get; init; }

    /// <summary>The chain it is for; null for a legacy transaction without replay protection.</summary>
    public ulong? ChainId { get; init; }

    /// <summary>Number of transactions the sender sent before.</summary>
    public ulong Nonce { get; init; }

    /// <summary>Highest price of a unit of gas, base fee included (<c>gasPrice</c> before EIP-1559).</summary>
    public UInt256 MaxFeePerGas { get; init; }

    /// <summary>Highest tip for a unit of gas; equals <see cref="MaxFeePerGas"/> before EIP-1559.</summary>
    public UInt256 MaxPriorityFeePerGas { get; init; }

    /// <summary>Gas the transaction may use.</summary>
    public ulong GasLimit { get; init; }

    /// <summary>The account called; null to create a contract.</summary>
    public Address? To { get; init; }

    /// <summary>Amount transferred.</summary>
    public UInt256 Value { get; init; }

    /// <summary>Call data, or the initialisation code of a contract.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Announced addresses and keys; empty for legacy transactions.</summary>
    public IReadOnlyList<AccessListEntry> AccessList { get; init; } = [];

    /// <summary>Highest price of a unit of blob gas (EIP-4844).</summary>
    public UInt256 MaxFeePerBlobGas { get; init; }

    /// <summary>Versioned hashes of blobs (EIP-4844).</summary>
    public IReadOnlyList<Hash32> BlobVersionedHashes { get; init; } = [];

    /// <summary>The sender's signature over <see cref="SigningHash"/>; default while unsigned.</summary>
    public Signature Signature { get; init; }

    /// <summary>True when the transaction creates a contract.</summary>
    public bool IsCreation => To is null;

    /// <summary>The hash the sender signs (EIP-155, EIP-2718).</summary>
    public Hash32 SigningHash => TransactionCodec.SigningHash(this);

    /// <summary>Keccak-256 of the encoding; the transaction's name.</summary>
    public Hash32 Hash => (_hash ??= [Keccak256.Hash(Encoded.Span)])[0];

    /// <summary>The encoding of EIP-2718: an RLP list, or the type byte and an RLP list.</summary>
    public ReadOnlyMemory<byte> Encoded => _encoded ??= TransactionCodec.Encode(this);

    /// <summary>
    /// Gas used before execution in Cancun (YP §6.2, EIP-2028, EIP-2930, EIP-3860).
    /// </summary>
    public ulong IntrinsicGas => TransactionGas.Intrinsic(this);

    /// <summary>
    /// Reads the encoding of EIP-2718 strictly: canonical RLP, nothing behind it, fees below 2^256, the tip not above
    /// the cap, nonce below 2^64−1 (EIP-2681), r and s in range and s low (EIP-2).
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out Transaction transaction)
    {
        if (!TransactionCodec.TryDecode(encoded, out transaction)) return false;
        transaction._encoded = encoded.ToArray();
        return true;
    }

    /// <summary>The address whose key signed; false when no key can have.</summary>
    public bool TryGetSender(out Address sender)
    {
        sender = default;
        if (_sender is null)
        {
            if (!Secp256k1.TryRecover(SigningHash, Signature, out var recovered)) return false;
            _sender = [recovered];
        }
        sender = _sender[0];
        return true;
    }

    /// <summary>The same transaction signed with a key.</summary>
    /// <exception cref="ArgumentException">Not a private key.</exception>
    /// <exception cref="PlatformNotSupportedException">libsecp256k1 is not installed.</exception>
    public Transaction Sign(ReadOnlySpan<byte> privateKey) => WithSignature(Secp256k1.Sign(SigningHash, privateKey));

    /// <summary>The same transaction with another signature.</summary>
    public Transaction WithSignature(Signature signature) => new()
    {
        Type = Type,
        ChainId = ChainId,
        Nonce = Nonce,
        MaxFeePerGas = MaxFeePerGas,
        MaxPriorityFeePerGas = MaxPriorityFeePerGas,
        GasLimit = GasLimit,
        To = To,
        Value = Value,
        Data = Data,
        AccessList = AccessList,
        MaxFeePerBlobGas = MaxFeePerBlobGas,
        BlobVersionedHashes = BlobVersionedHashes,
        Signature = signature,
    };

    /// <summary>What the sender pays for a unit of gas: base fee and as much of the tip as the cap allows.</summary>
    /// <returns>False when the cap is below the base fee.</returns>
    public bool TryGetEffectiveGasPrice(in UInt256 baseFee, out UInt256 price)
    {
        price = default;
        if (MaxFeePerGas < baseFee) return false;
        var tip = MaxFeePerGas - baseFee;
        price = baseFee + (tip < MaxPriorityFeePerGas ? tip : MaxPriorityFeePerGas);
        return true;
    }

    /// <summary>Writes it as an item of a block's list: the RLP list itself, or a string with the typed encoding.</summary>
    public void WriteTo(RlpWriter writer)
    {
        if (Type == TransactionType.Legacy) writer.WriteRaw(Encoded.Span);
        else writer.Write(Encoded.Span);
    }

    /// <summary>Reads an item of a block's list.</summary>
    public static bool TryRead(ref RlpReader reader, out Transaction transaction)
    {
        transaction = null!;
        if (reader.NextIsList) return reader.TryReadItem(out var legacy) && TryDecode(legacy, out transaction);
        return reader.TryReadBytes(out var typed) && TryDecode(typed, out transaction)
            && transaction.Type != TransactionType.Legacy;
    }
}
