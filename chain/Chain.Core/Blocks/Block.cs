namespace Chain.Core;

/// <summary>A header and its transactions. Ommers never exist; withdrawals are an empty list from Shanghai.</summary>
/// <param name="Header">The header.</param>
/// <param name="Transactions">The transactions in order.</param>
public sealed record Block(BlockHeader Header, IReadOnlyList<Transaction> Transactions)
{
    /// <summary>The block hash.</summary>
    public Hash32 Hash => Header.Hash;

    /// <summary>The block with another header over the same transactions.</summary>
    public Block WithHeader(BlockHeader header) => this with { Header = header };

    /// <summary>Writes [header, transactions, ommers] and, with a withdrawals root, withdrawals.</summary>
    public void WriteTo(RlpWriter writer)
    {
        int block = writer.StartList();
        Header.WriteTo(writer);
        int transactions = writer.StartList();
        foreach (var transaction in Transactions) transaction.WriteTo(writer);
        writer.EndList(transactions);
        writer.WriteEmptyList();
        if (Header.WithdrawalsRoot is not null) writer.WriteEmptyList();
        writer.EndList(block);
    }

    /// <summary>The encoding.</summary>
    public byte[] Encode()
    {
        var writer = new RlpWriter(2048);
        WriteTo(writer);
        return writer.ToArray();
    }

    /// <summary>
    /// Reads a block strictly: the withdrawals list is there if and only if the header has its root, and both other
    /// lists are empty. Whether the header's roots fit the body is not checked.
    /// </summary>
    public static bool TryRead(ref RlpReader reader, out Block block)
    {
        block = null!;
        if (!reader.TryReadList(out var items) || !BlockHeader.TryRead(ref items, out var header)
            || !items.TryReadList(out var transactionItems)) return false;
        var transactions = new List<Transaction>();
        while (!transactionItems.AtEnd)
        {
            if (!Transaction.TryRead(ref transactionItems, out var transaction)) return false;
            transactions.Add(transaction);
        }
        if (!items.TryReadList(out var ommers) || !ommers.AtEnd) return false;
        if (header.WithdrawalsRoot is not null && !(items.TryReadList(out var withdrawals) && withdrawals.AtEnd))
            return false;
        block = new Block(header, transactions);
        return items.AtEnd;
    }

    /// <summary>Reads an encoding with nothing behind it.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out Block block)
    {
        var reader = new RlpReader(encoded);
        return TryRead(ref reader, out block) && reader.AtEnd;
    }

    /// <summary>Equality of encodings.</summary>
    public bool Equals(Block? other) =>
        ReferenceEquals(this, other) || (other is not null && Encode().AsSpan().SequenceEqual(other.Encode()));

    /// <inheritdoc/>
    public override int GetHashCode() => Header.GetHashCode();
}
