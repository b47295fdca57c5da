using System.Buffers.Binary;
using System.Numerics;

namespace Chain.Evm.Precompiles;

/// <summary>0x03: RIPEMD-160 (Dobbertin, Bosselaers, Preneel 1996), padded to 32 bytes on the left.</summary>
internal sealed class Ripemd160 : PrecompiledContract
{
    private static ReadOnlySpan<byte> LeftWords =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8,
        3, 10, 14, 4, 9, 15, 8, 1, 2, 7, 0, 6, 13, 11, 5, 12,
        1, 9, 11, 10, 0, 8, 12, 4, 13, 3, 7, 15, 14, 5, 6, 2,
        4, 0, 5, 9, 7, 12, 2, 10, 14, 1, 3, 8, 11, 6, 15, 13,
    ];

    private static ReadOnlySpan<byte> RightWords =>
    [
        5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12,
        6, 11, 3, 7, 0, 13, 5, 10, 14, 15, 8, 12, 4, 9, 1, 2,
        15, 5, 1, 3, 7, 14, 6, 9, 11, 8, 12, 2, 10, 0, 4, 13,
        8, 6, 4, 1, 3, 11, 15, 0, 5, 12, 2, 13, 9, 7, 10, 14,
        12, 15, 10, 4, 1, 5, 8, 7, 6, 2, 13, 14, 0, 3, 9, 11,
    ];

    private static ReadOnlySpan<byte> LeftShifts =>
    [
        11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8,
        7, 6, 8, 13, 11, 9, 7, 15, 7, 12, 15, 9, 11, 7, 13, 12,
        11, 13, 6, 7, 14, 9, 13, 15, 14, 8, 13, 6, 5, 12, 7, 5,
        11, 12, 14, 15, 14, 15, 9, 8, 9, 14, 5, 6, 8, 6, 5, 12,
        9, 15, 5, 11, 6, 8, 13, 12, 5, 12, 13, 14, 11, 8, 5, 6,
    ];

    private static ReadOnlySpan<byte> RightShifts =>
    [
        8, 9, 9, 11, 13, 15, 15, 5, 7, 7, 8, 11, 14, 14, 12, 6,
        9, 13, 15, 7, 12, 8, 9, 11, 7, 7, 12, 7, 6, 15, 13, 11,
        9, 7, 15, 11, 8, 6, 6, 14, 12, 13, 5, 14, 13, 13, 7, 5,
        15, 5, 8, 11, 14, 14, 6, 14, 6, 9, 12, 9, 12, 5, 15, 8,
        8, 5, 12, 9, 12, 5, 14, 6, 8, 13, 6, 5, 15, 13, 11, 11,
    ];

    private static ReadOnlySpan<uint> LeftConstants => [0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e];

    private static ReadOnlySpan<uint> RightConstants => [0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0];

    public override long Gas(ReadOnlySpan<byte> input) => 600 + (120 * GasSchedule.Words(input.Length));

    public override byte[] Run(ReadOnlySpan<byte> input)
    {
        Span<uint> state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
        var rest = input;
        for (; rest.Length >= 64; rest = rest[64..])
            Compress(state, rest);

        Span<byte> tail = stackalloc byte[128];
        tail.Clear();
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        tail = tail[..(rest.Length < 56 ? 64 : 128)];
        BinaryPrimitives.WriteUInt64LittleEndian(tail[^8..], (ulong)input.Length * 8);
        for (; tail.Length > 0; tail = tail[64..])
            Compress(state, tail);

        var output = new byte[32];
        for (var i = 0; i < 5; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(output.AsSpan(12 + (4 * i)), state[i]);
        return output;
    }

    private static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[16];
        for (var i = 0; i < 16; i++)
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * i)..]);

        Span<uint> left = [state[0], state[1], state[2], state[3], state[4]];
        Span<uint> right = [state[0], state[1], state[2], state[3], state[4]];
        for (var step = 0; step < 80; step++)
        {
            var round = step / 16;
            Step(left, round, words[LeftWords[step]] + LeftConstants[round], LeftShifts[step]);
            Step(right, 4 - round, words[RightWords[step]] + RightConstants[round], RightShifts[step]);
        }

        var first = state[1] + left[2] + right[3];
        state[1] = state[2] + left[3] + right[4];
        state[2] = state[3] + left[4] + right[0];
        state[3] = state[4] + left[0] + right[1];
        state[4] = state[0] + left[1] + right[2];
        state[0] = first;
    }

    private static void Step(Span<uint> s, int function, uint addend, int shift)
    {
        var mixed = function switch
        {
            0 => s[1] ^ s[2] ^ s[3],
            1 => (s[1] & s[2]) | (~s[1] & s[3]),
            2 => (s[1] | ~s[2]) ^ s[3],
            3 => (s[1] & s[3]) | (s[2] & ~s[3]),
            _ => s[1] ^ (s[2] | ~s[3]),
        };
        var rotated = BitOperations.RotateLeft(s[0] + mixed + addend, shift) + s[4];
        s[0] = s[4];
        s[4] = s[3];
        s[3] = BitOperations.RotateLeft(s[2], 10);
        s[2] = s[1];
        s[1] = rotated;
    }
}
