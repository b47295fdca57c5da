using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Chain.Core;

/// <summary>Keccak-256 with the original padding (YP §4.3's KEC), which is not SHA3-256.</summary>
public static class Keccak256
{
    private const int RateBytes = 136;

    /// <summary>Hash of no bytes; the code hash of an account without code.</summary>
    public static readonly Hash32 Empty = Hash([]);

    /// <summary>Hash of the bytes.</summary>
    public static Hash32 Hash(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[Hash32.Length];
        Hash(data, digest);
        return new Hash32(digest);
    }

    /// <summary>Hash of the bytes, written to the first 32 bytes of the digest.</summary>
    [SkipLocalsInit]
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        Span<ulong> state = stackalloc ulong[KeccakPermutation.Lanes];
        state.Clear();
        while (data.Length >= RateBytes)
        {
            Absorb(state, data[..RateBytes]);
            data = data[RateBytes..];
        }
        Span<byte> last = stackalloc byte[RateBytes];
        data.CopyTo(last);
        last[data.Length..].Clear();
        last[data.Length] = 0x01;
        last[RateBytes - 1] |= 0x80;
        Absorb(state, last);
        for (int i = 0; i < Hash32.Length / sizeof(ulong); i++)
            BinaryPrimitives.WriteUInt64LittleEndian(digest[(i * sizeof(ulong))..], state[i]);
    }

    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        if (BitConverter.IsLittleEndian)
        {
            var lanes = MemoryMarshal.Cast<byte, ulong>(block);
            for (int i = 0; i < RateBytes / sizeof(ulong); i++) state[i] ^= lanes[i];
        }
        else
        {
            for (int i = 0; i < RateBytes / sizeof(ulong); i++)
                state[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(i * sizeof(ulong))..]);
        }
        KeccakPermutation.Apply(state);
    }
}
