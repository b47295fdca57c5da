namespace Chain.Core;

/// <summary>The outcome of a transaction (YP §4.3.1, EIP-658, EIP-2718).</summary>
/// <param name="Type">The transaction's type.</param>
/// <param name="Succeeded">False when execution was reverted.</param>
/// <param name="CumulativeGasUsed">Gas used by the block up to and with this transaction.</param>
/// <param name="Logs">Logs in order.</param>
public sealed record Receipt(TransactionType Type, bool Succeeded, ulong CumulativeGasUsed, IReadOnlyList<Log> Logs)
{
    /// <summary>The filter of the logs.</summary>
    public LogsBloom Bloom { get; } = LogsBloom.Of(Logs);

    /// <summary>The encoding of EIP-2718, which is the value in the receipt trie.</summary>
    public byte[] Encode()
    {
        var writer = new RlpWriter(LogsBloom.Length + 64);
        if (Type != TransactionType.Legacy) writer.WriteRaw([(byte)Type]);
        int list = writer.StartList();
        writer.Write(Succeeded ? 1UL : 0UL);
        writer.Write(CumulativeGasUsed);
        writer.Write(Bloom.Bytes.Span);
        int logs = writer.StartList();
        foreach (var log in Logs) log.WriteTo(writer);
        writer.EndList(logs);
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>Reads the encoding of EIP-2718 strictly; the bloom filter must be that of the logs.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out Receipt receipt)
    {
        receipt = null!;
        if (encoded.IsEmpty) return false;
        var type = TransactionType.Legacy;
        if (encoded[0] < 0xc0)
        {
            if (encoded[0] is < 1 or > 3) return false;
            type = (TransactionType)encoded[0];
            encoded = encoded[1..];
        }
        var outer = new RlpReader(encoded);
        if (!outer.TryReadList(out var items) || !outer.AtEnd) return false;
        if (!items.TryReadUInt64(out ulong status) || status > 1 || !items.TryReadUInt64(out ulong gas)
            || !LogsBloom.TryRead(ref items, out var bloom) || !items.TryReadList(out var logItems)
            || !items.AtEnd) return false;
        var logs = new List<Log>();
        while (!logItems.AtEnd)
        {
            if (!Log.TryRead(ref logItems, out var log)) return false;
            logs.Add(log);
        }
        receipt = new Receipt(type, status == 1, gas, logs);
        return receipt.Bloom.Equals(bloom);
    }

    /// <summary>Equality of encodings.</summary>
    public bool Equals(Receipt? other) => other is not null && Encode().AsSpan().SequenceEqual(other.Encode());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Succeeded, CumulativeGasUsed, Logs.Count);
}
