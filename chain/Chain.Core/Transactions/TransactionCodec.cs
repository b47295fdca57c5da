namespace Chain.Core;

/// <summary>RLP of transactions: EIP-155, EIP-2718, EIP-2930, EIP-1559, EIP-4844.</summary>
internal static class TransactionCodec
{
    private const ulong UnprotectedV = 27;
    private const ulong ProtectedV = 35;

    internal static byte[] Encode(Transaction transaction)
    {
        var writer = Start(transaction, out int list);
        WriteBody(writer, transaction);
        WriteSignature(writer, transaction);
        writer.EndList(list);
        return writer.ToArray();
    }

    internal static Hash32 SigningHash(Transaction transaction)
    {
        var writer = Start(transaction, out int list);
        WriteBody(writer, transaction);
        if (transaction is { Type: TransactionType.Legacy, ChainId: { } chainId })
        {
            writer.Write(chainId);
            writer.Write(0);
            writer.Write(0);
        }
        writer.EndList(list);
        return Keccak256.Hash(writer.Written);
    }

    internal static bool TryDecode(ReadOnlySpan<byte> encoded, out Transaction transaction)
    {
        transaction = null!;
        if (encoded.IsEmpty) return false;
        var type = TransactionType.Legacy;
        if (encoded[0] < 0xc0)
        {
            if (encoded[0] is < 1 or > 3) return false;
            type = (TransactionType)encoded[0];
            encoded = encoded[1..];
        }
        var outer = new RlpReader(encoded);
        return outer.TryReadList(out var items) && outer.AtEnd && TryReadItems(type, ref items, out transaction);
    }

    private static RlpWriter Start(Transaction transaction, out int list)
    {
        var writer = new RlpWriter(160 + transaction.Data.Length);
        if (transaction.Type != TransactionType.Legacy) writer.WriteRaw([(byte)transaction.Type]);
        list = writer.StartList();
        return writer;
    }

    private static void WriteBody(RlpWriter writer, Transaction tx)
    {
        if (tx.Type != TransactionType.Legacy) writer.Write(tx.ChainId ?? 0);
        writer.Write(tx.Nonce);
        if (tx.Type >= TransactionType.DynamicFee) writer.Write(tx.MaxPriorityFeePerGas);
        writer.Write(tx.MaxFeePerGas);
        writer.Write(tx.GasLimit);
        writer.Write(tx.To is { } to ? to.Bytes : default);
        writer.Write(tx.Value);
        writer.Write(tx.Data.Span);
        if (tx.Type == TransactionType.Legacy) return;
        AccessListEntry.WriteAll(writer, tx.AccessList);
        if (tx.Type != TransactionType.Blob) return;
        writer.Write(tx.MaxFeePerBlobGas);
        HashList.Write(writer, tx.BlobVersionedHashes);
    }

    private static void WriteSignature(RlpWriter writer, Transaction tx)
    {
        UInt256 v = tx.Signature.YParity;
        if (tx.Type == TransactionType.Legacy)
            v += tx.ChainId is { } chainId ? ((UInt256)chainId << 1) + ProtectedV : UnprotectedV;
        writer.Write(v);
        writer.Write(UInt256.FromBigEndian(tx.Signature.R.Bytes));
        writer.Write(UInt256.FromBigEndian(tx.Signature.S.Bytes));
    }

    private static bool TryReadItems(TransactionType type, ref RlpReader items, out Transaction transaction)
    {
        transaction = null!;
        ulong chainId = 0;
        UInt256 tip = default, blobFee = default;
        IReadOnlyList<AccessListEntry> accessList = [];
        IReadOnlyList<Hash32> blobHashes = [];
        bool legacy = type == TransactionType.Legacy, twoFees = type >= TransactionType.DynamicFee;

        if (!legacy && !items.TryReadUInt64(out chainId)) return false;
        if (!items.TryReadUInt64(out ulong nonce) || nonce == ulong.MaxValue) return false;
        if (twoFees && !items.TryReadUInt256(out tip)) return false;
        if (!items.TryReadUInt256(out var fee)) return false;
        if (!twoFees) tip = fee;
        if (tip > fee) return false;
        if (!items.TryReadUInt64(out ulong gasLimit) || !TryReadTo(ref items, out var to)) return false;
        if (type == TransactionType.Blob && to is null) return false;
        if (!items.TryReadUInt256(out var value) || !items.TryReadBytes(out var data)) return false;
        if (!legacy && !AccessListEntry.TryReadAll(ref items, out accessList)) return false;
        if (type == TransactionType.Blob
            && !(items.TryReadUInt256(out blobFee) && HashList.TryRead(ref items, out blobHashes))) return false;
        if (!TryReadSignature(legacy, ref items, out var signature, out ulong? signedFor) || !items.AtEnd) return false;

        transaction = new Transaction
        {
            Type = type,
            ChainId = legacy ? signedFor : chainId,
            Nonce = nonce,
            MaxFeePerGas = fee,
            MaxPriorityFeePerGas = tip,
            GasLimit = gasLimit,
            To = to,
            Value = value,
            Data = data.ToArray(),
            AccessList = accessList,
            MaxFeePerBlobGas = blobFee,
            BlobVersionedHashes = blobHashes,
            Signature = signature,
        };
        return true;
    }

    private static bool TryReadTo(ref RlpReader items, out Address? to)
    {
        to = null;
        if (items.TryReadEmpty()) return true;
        bool ok = items.TryReadAddress(out var address);
        to = address;
        return ok;
    }

    private static bool TryReadSignature(
        bool legacy, ref RlpReader items, out Signature signature, out ulong? signedFor)
    {
        signature = default;
        signedFor = null;
        if (!items.TryReadUInt256(out var v) || !items.TryReadUInt256(out var r) || !items.TryReadUInt256(out var s))
            return false;
        if (!TryReadParity(legacy, v, out byte parity, out signedFor)) return false;
        signature = new Signature(new Hash32(r.ToBigEndian()), new Hash32(s.ToBigEndian()), parity);
        return signature is { IsWellFormed: true, IsLowS: true };
    }

    private static bool TryReadParity(bool legacy, in UInt256 v, out byte parity, out ulong? signedFor)
    {
        (parity, signedFor) = (0, null);
        ulong offset = !legacy ? 0 : v < ProtectedV ? UnprotectedV : ProtectedV;
        if (v < offset) return false;
        var rest = v - offset;
        parity = (byte)(rest.Limb0 & 1);
        var chainId = rest >> 1;
        if (offset != ProtectedV) return chainId.IsZero;
        signedFor = chainId.Limb0;
        return chainId.IsUInt64;
    }
}
