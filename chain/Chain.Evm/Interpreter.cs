using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Chain.Evm.Instructions;

namespace Chain.Evm;

/// <summary>Fetches, checks and dispatches instructions until a frame stops or asks for a call (YP §9.4).</summary>
internal static unsafe class Interpreter
{
    private static readonly Operation* Operations = InstructionSet.Operations;

    public static Halt Run(Frame frame)
    {
        // Code is padded with STOP, so the program counter stays inside: a jump goes to a checked destination, and
        // PUSH advances by at most the padding.
        ref var code = ref MemoryMarshal.GetArrayDataReference(frame.Code.Padded);
        var operations = Operations;
        while (true)
        {
            var operation = operations + Unsafe.Add(ref code, frame.Pc++);
            var spare = frame.StackSize - operation->MinStack;
            if ((uint)spare > (uint)operation->StackRange)
                return spare < 0 ? Halt.StackUnderflow : Halt.StackOverflow;
            if ((frame.Gas -= operation->Gas) < 0)
                return Halt.OutOfGas;
            var halt = operation->Execute(frame);
            if (halt != Halt.None)
                return halt;
        }
    }
}
