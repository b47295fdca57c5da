namespace Chain.Core;

/// <summary>One log entry of a transaction (YP §4.3.1): who wrote it, at most four topics, and the data.</summary>
/// <param name="Address">The contract that wrote it.</param>
/// <param name="Topics">Topics in order.</param>
/// <param name="Data">Unindexed data.</param>
public sealed record Log(Address Address, IReadOnlyList<Hash32> Topics, ReadOnlyMemory<byte> Data)
{
    private const int MaxTopics = 4;

    /// <summary>Writes [address, [topic…], data].</summary>
    public void WriteTo(RlpWriter writer)
    {
        int log = writer.StartList();
        writer.Write(Address);
        HashList.Write(writer, Topics);
        writer.Write(Data.Span);
        writer.EndList(log);
    }

    /// <summary>Reads [address, [topic…], data].</summary>
    public static bool TryRead(ref RlpReader reader, out Log log)
    {
        log = null!;
        if (!reader.TryReadList(out var items) || !items.TryReadAddress(out var address)
            || !HashList.TryRead(ref items, out var topics) || topics.Count > MaxTopics
            || !items.TryReadBytes(out var data) || !items.AtEnd) return false;
        log = new Log(address, topics, data.ToArray());
        return true;
    }

    /// <summary>Equality of content.</summary>
    public bool Equals(Log? other) => other is not null && Address == other.Address
        && Topics.SequenceEqual(other.Topics) && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, Topics.Count, Data.Length);
}
