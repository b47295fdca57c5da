using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private static void AddArithmetic(Operation[] table)
    {
        table[Opcode.Add] = new(&Add, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Mul] = new(&Mul, GasSchedule.Low, 2, 1);
        table[Opcode.Sub] = new(&Sub, GasSchedule.VeryLow, 2, 1);
        table[Opcode.Div] = new(&Div, GasSchedule.Low, 2, 1);
        table[Opcode.SDiv] = new(&SDiv, GasSchedule.Low, 2, 1);
        table[Opcode.Mod] = new(&Mod, GasSchedule.Low, 2, 1);
        table[Opcode.SMod] = new(&SMod, GasSchedule.Low, 2, 1);
        table[Opcode.AddMod] = new(&AddMod, GasSchedule.Mid, 3, 1);
        table[Opcode.MulMod] = new(&MulMod, GasSchedule.Mid, 3, 1);
        table[Opcode.Exp] = new(&Exp, GasSchedule.Exp, 2, 1);
        table[Opcode.SignExtend] = new(&SignExtend, GasSchedule.Low, 2, 1);
    }

    private static Halt Add(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = a + b;
        return Halt.None;
    }

    private static Halt Mul(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = a * b;
        return Halt.None;
    }

    private static Halt Sub(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = a - b;
        return Halt.None;
    }

    private static Halt Div(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        if (!b.IsZero)
            b = a / b;
        return Halt.None;
    }

    private static Halt SDiv(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = UInt256.SignedDivide(a, b);
        return Halt.None;
    }

    private static Halt Mod(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        if (!b.IsZero)
            b = a % b;
        return Halt.None;
    }

    private static Halt SMod(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Peek(0);
        b = UInt256.SignedModulo(a, b);
        return Halt.None;
    }

    private static Halt AddMod(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Pop();
        ref var modulus = ref frame.Peek(0);
        modulus = UInt256.AddMod(a, b, modulus);
        return Halt.None;
    }

    private static Halt MulMod(Frame frame)
    {
        ref var a = ref frame.Pop();
        ref var b = ref frame.Pop();
        ref var modulus = ref frame.Peek(0);
        modulus = UInt256.MulMod(a, b, modulus);
        return Halt.None;
    }

    // EIP-160
    private static Halt Exp(Frame frame)
    {
        ref var value = ref frame.Pop();
        ref var exponent = ref frame.Peek(0);
        if (!frame.TryUseGas(GasSchedule.ExpByte * exponent.ByteLength))
            return Halt.OutOfGas;
        exponent = UInt256.Exp(value, exponent);
        return Halt.None;
    }

    private static Halt SignExtend(Frame frame)
    {
        ref var index = ref frame.Pop();
        ref var value = ref frame.Peek(0);
        value = UInt256.SignExtend(value, index);
        return Halt.None;
    }
}
