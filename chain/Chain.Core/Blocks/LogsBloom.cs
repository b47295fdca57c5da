namespace Chain.Core;

/// <summary>The 2048-bit Bloom filter of logs (YP §4.3.1): three bits for each address and topic.</summary>
public sealed class LogsBloom : IEquatable<LogsBloom>
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 256;

    /// <summary>The filter of no logs.</summary>
    public static readonly LogsBloom Empty = new(new byte[Length]);

    private readonly byte[] _bytes;

    private LogsBloom(byte[] bytes) => _bytes = bytes;

    /// <summary>The 256 bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The filter of these logs.</summary>
    public static LogsBloom Of(IEnumerable<Log> logs)
    {
        var bytes = new byte[Length];
        bool any = false;
        foreach (var log in logs)
        {
            any = true;
            Add(bytes, log.Address.Bytes);
            foreach (var topic in log.Topics) Add(bytes, topic.Bytes);
        }
        return any ? new LogsBloom(bytes) : Empty;
    }

    /// <summary>The filter of all logs of these filters.</summary>
    public static LogsBloom Union(IEnumerable<LogsBloom> blooms)
    {
        var bytes = new byte[Length];
        foreach (var bloom in blooms)
        {
            for (int i = 0; i < Length; i++) bytes[i] |= bloom._bytes[i];
        }
        return new LogsBloom(bytes);
    }

    /// <summary>A filter of 256 bytes.</summary>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public static LogsBloom FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == Length
        ? new LogsBloom(bytes.ToArray())
        : throw new ArgumentException("A bloom filter has 256 bytes.", nameof(bytes));

    /// <summary>Reads 256 bytes.</summary>
    public static bool TryRead(ref RlpReader reader, out LogsBloom bloom)
    {
        bloom = Empty;
        var bytes = new byte[Length];
        if (!reader.TryReadFixed(bytes)) return false;
        if (bytes.AsSpan().ContainsAnyExcept((byte)0)) bloom = new LogsBloom(bytes);
        return true;
    }

    /// <summary>False when no log has this address or topic; true when one may have.</summary>
    public bool MayContain(ReadOnlySpan<byte> addressOrTopic)
    {
        var hash = Keccak256.Hash(addressOrTopic);
        for (int i = 0; i < 6; i += 2)
        {
            var (index, mask) = Bit(hash, i);
            if ((_bytes[index] & mask) == 0) return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(LogsBloom? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LogsBloom);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var code = new HashCode();
        code.AddBytes(_bytes);
        return code.ToHashCode();
    }

    private static void Add(byte[] bytes, ReadOnlySpan<byte> addressOrTopic)
    {
        var hash = Keccak256.Hash(addressOrTopic);
        for (int i = 0; i < 6; i += 2)
        {
            var (index, mask) = Bit(hash, i);
            bytes[index] |= mask;
        }
    }

    private static (int Index, byte Mask) Bit(in Hash32 hash, int pair)
    {
        int bit = ((hash.Bytes[pair] << 8) | hash.Bytes[pair + 1]) & 2047;
        return (Length - 1 - (bit / 8), (byte)(1 << (bit % 8)));
    }
}
