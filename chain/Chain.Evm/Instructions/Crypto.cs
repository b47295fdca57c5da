using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private static void AddCrypto(Operation[] table) =>
        table[Opcode.Keccak256] = new(&Keccak, GasSchedule.Keccak, 2, 1);

    private static Halt Keccak(Frame frame)
    {
        ref var offset = ref frame.Pop();
        ref var length = ref frame.Peek(0);
        if (!frame.TryUseMemory(offset, length, out var start, out var count)
            || !frame.TryUseGas(GasSchedule.KeccakWord * GasSchedule.Words(count)))
            return Halt.OutOfGas;
        Span<byte> digest = stackalloc byte[32];
        Keccak256.Hash(frame.Memory.Span(start, count), digest);
        length = UInt256.FromBigEndian(digest);
        return Halt.None;
    }
}
