using System.Buffers.Binary;

namespace Proofs.Merkle;

/// <summary>C2SP tlog-tiles entry bundles: entries one after another, each after its length as big-endian uint16.</summary>
public static class EntryBundle
{
    /// <summary>Writes entries of at most 65,535 bytes each.</summary>
    public static byte[] Write(IReadOnlyList<byte[]> entries)
    {
        var bytes = new byte[entries.Sum(e => e.Length + 2)];
        var rest = bytes.AsSpan();
        foreach (var entry in entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, checked((ushort)entry.Length));
            entry.CopyTo(rest[2..]);
            rest = rest[(entry.Length + 2)..];
        }
        return bytes;
    }

    /// <summary>Reads a bundle.</summary>
    /// <exception cref="InvalidDataException">The bytes end inside an entry.</exception>
    public static IReadOnlyList<byte[]> Read(ReadOnlySpan<byte> bytes)
    {
        var entries = new List<byte[]>();
        while (bytes.Length > 0)
        {
            if (bytes.Length < 2)
                throw new InvalidDataException("The entry bundle ends inside a length.");
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
            if (bytes.Length < 2 + length)
                throw new InvalidDataException("The entry bundle ends inside an entry.");
            entries.Add(bytes.Slice(2, length).ToArray());
            bytes = bytes[(2 + length)..];
        }
        return entries;
    }
}
