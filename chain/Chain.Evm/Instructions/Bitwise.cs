using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private static void AddBitwise(Operation[] table)
    {
        table[Opcode.Lt] = new(&Lt, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Gt] = new(&Gt, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Slt] = new(&Slt, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Sgt] = new(&Sgt, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Eq] = new(&Eq, GasSchedule.VeryLow, 2, 1);
        table[Opcode.IsZero] = new(&IsZero, GasSchedule.VeryLow, 1, 1);
        table[Opcode.And] = new(&And, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Or] = new(&Or, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Xor] = new(&Xor, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Not] = new(&Not, GasSchedule.VeryLow, 1, 1);
        table[Opcode.Byte] = new(&Byte, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Shl] = new(&Shl, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Shr] = new(&Shr, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Sar] = new(&Sar, GasSchedule.VeryLow, 2, 1);
    }

    private static UInt256 Word(bool condition) => new(condition ? 1ul : 0ul);

    private static Halt Lt(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = Word(a < b);
        return Halt.None;
    }

    private static Halt Gt(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = Word(a > b);
        return Halt.None;
    }

    private static Halt Slt(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = Word(UInt256.SignedLessThan(a, b));
        return Halt.None;
    }

    private static Halt Sgt(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = Word(UInt256.SignedLessThan(b, a));
        return Halt.None;
    }

    private static Halt Eq(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = Word(a == b);
        return Halt.None;
    }

    private static Halt IsZero(Frame frame)
    {
        ref var a = ref frame.Peek(0);
        a = Word(a.IsZero);
        return Halt.None;
    }

    private static Halt And(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = a & b;
        return Halt.None;
    }

    private static Halt Or(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = a | b;
        return Halt.None;
    }

    private static Halt Xor(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = a ^ b;
        return Halt.None;
    }

    private static Halt Not(Frame frame)
    {
        ref var a = ref frame.Peek(0);
        a = ~a;
        return Halt.None;
    }

    private static Halt Byte(Frame frame)
    {
        ref var index = ref frame.Pop();
        ref var value = ref frame.Peek(0);
        value = index.IsUInt64 && index.Limb0 < 32
            ? (value >> (8 * (31 - (int)index.Limb0))).Limb0 & 0xff
            : UInt256.Zero;
        return Halt.None;
    }

    // EIP-145
    private static Halt Shl(Frame frame)
    {
        var shift = ShiftCount(frame.Pop());
        ref var value = ref frame.Peek(0);
        value <<= shift;
        return Halt.None;
    }

    private static Halt Shr(Frame frame)
    {
        var shift = ShiftCount(frame.Pop());
        ref var value = ref frame.Peek(0);
        value >>= shift;
        return Halt.None;
    }

    private static Halt Sar(Frame frame)
    {
        var shift = ShiftCount(frame.Pop());
        ref var value = ref frame.Peek(0);
        value = UInt256.ShiftRightArithmetic(value, shift);
        return Halt.None;
    }

    private static int ShiftCount(in UInt256 word) => word.IsUInt64 && word.Limb0 < 256 ? (int)word.Limb0 : 256;
}
