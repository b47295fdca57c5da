using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private static void AddStack(Operation[] table)
    {
        table[Opcode.Pop] = new(&Pop, GasSchedule.Base, 1, 0);
        table[Opcode.Push0] = new(&Push0, GasSchedule.Base, 0, 1);
        table[Opcode.Push1] = new(&Push1, GasSchedule.VeryLow, 0, 1);
        for (var opcode = Opcode.Push1 + 1; opcode <= Opcode.Push32; opcode++)
            table[opcode] = new(&Push, GasSchedule.VeryLow, 0, 1);
        for (var n = 1; n <= 16; n++)
        {
            table[Opcode.Dup1 + n - 1] = new(&Dup, GasSchedule.VeryLow, n, n + 1);
            table[Opcode.Swap1 + n - 1] = new(&Swap, GasSchedule.VeryLow, n + 1, n + 1);
        }
    }

    private static Halt Pop(Frame frame)
    {
        frame.StackSize--;
        return Halt.None;
    }

    // EIP-3855
    private static Halt Push0(Frame frame)
    {
        frame.Push(UInt256.Zero);
        return Halt.None;
    }

    private static Halt Push1(Frame frame)
    {
        frame.Push(CodeAt(frame, frame.Pc));
        frame.Pc++;
        return Halt.None;
    }

    private static Halt Push(Frame frame)
    {
        var count = CodeAt(frame, frame.Pc - 1) - Opcode.Push0;
        // Code is padded, so 32 bytes can be read wherever the program counter is.
        var data = MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(frame.Code.Padded), frame.Pc), 32);
        frame.Push(count <= 8
            ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(data) >> (64 - (8 * count))
            : UInt256.FromBigEndian(data) >> (256 - (8 * count)));
        frame.Pc += count;
        return Halt.None;
    }

    private static Halt Dup(Frame frame)
    {
        var depth = CodeAt(frame, frame.Pc - 1) - Opcode.Dup1;
        ref var item = ref frame.Peek(depth);
        frame.Push(item);
        return Halt.None;
    }

    private static Halt Swap(Frame frame)
    {
        ref var item = ref frame.Peek(CodeAt(frame, frame.Pc - 1) - Opcode.Swap1 + 1);
        ref var top = ref frame.Peek(0);
        (item, top) = (top, item);
        return Halt.None;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte CodeAt(Frame frame, int position) =>
        Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(frame.Code.Padded), position);
}
