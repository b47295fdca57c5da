using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private static void AddControlFlow(Operation[] table)
    {
        table[Opcode.Stop] = new(&Stop, 0, 0, 0);
        table[Opcode.Jump] = new(&Jump, GasSchedule.Mid, 1, 0);
        table[Opcode.JumpI] = new(&JumpI, GasSchedule.High, 2, 0);
        table[Opcode.Pc] = new(&Pc, GasSchedule.Base, 0, 1);
        table[Opcode.Gas] = new(&Gas, GasSchedule.Base, 0, 1);
        table[Opcode.JumpDest] = new(&JumpDest, GasSchedule.JumpDest, 0, 0);
        table[Opcode.Return] = new(&Return, 0, 2, 0);
        table[Opcode.Revert] = new(&Revert, 0, 2, 0);
    }

    private static Halt Invalid(Frame frame) => Halt.InvalidInstruction;

    private static Halt Stop(Frame frame) => Halt.Stop;

    private static Halt JumpDest(Frame frame) => Halt.None;

    private static Halt Jump(Frame frame)
    {
        ref var target = ref frame.Pop();
        return JumpTo(frame, target);
    }

    private static Halt JumpI(Frame frame)
    {
        ref var target = ref frame.Pop();
        ref var condition = ref frame.Pop();
        return condition.IsZero ? Halt.None : JumpTo(frame, target);
    }

    private static Halt JumpTo(Frame frame, in UInt256 target)
    {
        if (!frame.Code.IsJumpDestination(target))
            return Halt.InvalidJump;
        frame.Pc = (int)target.Limb0;
        return Halt.None;
    }

    private static Halt Pc(Frame frame)
    {
        frame.Push((ulong)(frame.Pc - 1));
        return Halt.None;
    }

    private static Halt Gas(Frame frame)
    {
        frame.Push((ulong)frame.Gas);
        return Halt.None;
    }

    private static Halt Return(Frame frame) => Output(frame, Halt.Return);

    private static Halt Revert(Frame frame) => Output(frame, Halt.Revert);

    private static Halt Output(Frame frame, Halt halt)
    {
        ref var offset = ref frame.Pop();
        ref var length = ref frame.Pop();
        return frame.TryUseMemory(offset, length, out frame.OutputOffset, out frame.OutputLength)
            ? halt
            : Halt.OutOfGas;
    }
}
