using System.Buffers.Binary;

namespace Chain.Core;

/// <summary>RLP of headers; a field of a fork is written only with all fields before it.</summary>
internal static class BlockHeaderCodec
{
    internal static void Write(RlpWriter writer, BlockHeader h, ReadOnlySpan<byte> extraData)
    {
        int list = writer.StartList();
        writer.Write(h.ParentHash);
        writer.Write(h.OmmersHash);
        writer.Write(h.Coinbase);
        writer.Write(h.StateRoot);
        writer.Write(h.TransactionsRoot);
        writer.Write(h.ReceiptsRoot);
        writer.Write(h.LogsBloom.Bytes.Span);
        writer.Write(h.Difficulty);
        writer.Write(h.Number);
        writer.Write(h.GasLimit);
        writer.Write(h.GasUsed);
        writer.Write(h.Timestamp);
        writer.Write(extraData);
        writer.Write(h.MixHash);
        Span<byte> nonce = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(nonce, h.Nonce);
        writer.Write(nonce);
        WriteForkFields(writer, h);
        writer.EndList(list);
    }

    private static void WriteForkFields(RlpWriter writer, BlockHeader h)
    {
        if (h.BaseFeePerGas is not { } baseFee) return;
        writer.Write(baseFee);
        if (h.WithdrawalsRoot is not { } withdrawalsRoot) return;
        writer.Write(withdrawalsRoot);
        if (h is not { BlobGasUsed: { } used, ExcessBlobGas: { } excess, ParentBeaconBlockRoot: { } beacon }) return;
        writer.Write(used);
        writer.Write(excess);
        writer.Write(beacon);
        if (h.RequestsHash is { } requests) writer.Write(requests);
    }

    internal static bool TryRead(ref RlpReader reader, out BlockHeader header)
    {
        header = null!;
        Span<byte> nonce = stackalloc byte[sizeof(ulong)];
        if (!reader.TryReadList(out var items)) return false;
        if (!items.TryReadHash(out var parent) || !items.TryReadHash(out var ommers)
            || !items.TryReadAddress(out var coinbase) || !items.TryReadHash(out var stateRoot)
            || !items.TryReadHash(out var transactionsRoot) || !items.TryReadHash(out var receiptsRoot)
            || !LogsBloom.TryRead(ref items, out var bloom) || !items.TryReadUInt256(out var difficulty)
            || !items.TryReadUInt64(out ulong number) || !items.TryReadUInt64(out ulong gasLimit)
            || !items.TryReadUInt64(out ulong gasUsed) || !items.TryReadUInt64(out ulong timestamp)
            || !items.TryReadBytes(out var extraData) || !items.TryReadHash(out var mixHash)
            || !items.TryReadFixed(nonce)) return false;
        var read = new BlockHeader
        {
            ParentHash = parent,
            OmmersHash = ommers,
            Coinbase = coinbase,
            StateRoot = stateRoot,
            TransactionsRoot = transactionsRoot,
            ReceiptsRoot = receiptsRoot,
            LogsBloom = bloom,
            Difficulty = difficulty,
            Number = number,
            GasLimit = gasLimit,
            GasUsed = gasUsed,
            Timestamp = timestamp,
            ExtraData = extraData.ToArray(),
            MixHash = mixHash,
            Nonce = BinaryPrimitives.ReadUInt64BigEndian(nonce),
        };
        return TryReadForkFields(ref items, read, out header);
    }

    private static bool TryReadForkFields(ref RlpReader items, BlockHeader berlin, out BlockHeader header)
    {
        header = berlin;
        if (items.AtEnd) return true;
        if (!items.TryReadUInt256(out var baseFee)) return false;
        header = header with { BaseFeePerGas = baseFee };
        if (items.AtEnd) return true;
        if (!items.TryReadHash(out var withdrawalsRoot)) return false;
        header = header with { WithdrawalsRoot = withdrawalsRoot };
        if (items.AtEnd) return true;
        if (!items.TryReadUInt64(out ulong used) || !items.TryReadUInt64(out ulong excess)
            || !items.TryReadHash(out var beacon)) return false;
        header = header with { BlobGasUsed = used, ExcessBlobGas = excess, ParentBeaconBlockRoot = beacon };
        if (items.AtEnd) return true;
        if (!items.TryReadHash(out var requests)) return false;
        header = header with { RequestsHash = requests };
        return items.AtEnd;
    }
}
