using Chain.Core;

namespace Chain.Evm;

/// <summary>Code ready to run: zero-padded so that the program counter and PUSH data never leave the array, with its
/// jump destinations found on first use.</summary>
internal sealed class Bytecode
{
    /// <summary>STOP after the end, and 32 bytes for a PUSH32 cut off by it.</summary>
    private const int Padding = 33 + 32;

    private ulong[]? _jumpDestinations;

    public Bytecode(ReadOnlySpan<byte> code)
    {
        Length = code.Length;
        Padded = new byte[code.Length + Padding];
        code.CopyTo(Padded);
    }

    public static Bytecode Empty { get; } = new([]);

    public byte[] Padded { get; }

    public int Length { get; }

    public ReadOnlySpan<byte> Bytes => Padded.AsSpan(0, Length);

    public bool IsJumpDestination(in UInt256 target)
    {
        if (!target.IsUInt64 || target.Limb0 >= (ulong)Length)
            return false;
        var position = (int)target.Limb0;
        var map = _jumpDestinations ??= FindJumpDestinations();
        return ((map[position >> 6] >> (position & 63)) & 1) != 0;
    }

    private ulong[] FindJumpDestinations()
    {
        var map = new ulong[(Length + 63) / 64];
        for (var i = 0; i < Length; i++)
        {
            var opcode = Padded[i];
            if (opcode == Opcode.JumpDest)
                map[i >> 6] |= 1ul << (i & 63);
            else if (opcode is >= Opcode.Push1 and <= Opcode.Push32)
                i += opcode - Opcode.Push0;
        }

        return map;
    }
}
