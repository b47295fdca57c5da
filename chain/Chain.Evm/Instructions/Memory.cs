using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private static void AddMemory(Operation[] table)
    {
        table[Opcode.MLoad] = new(&MLoad, GasSchedule.VeryLow, 1, 1);
        table[Opcode.MStore] = new(&MStore, GasSchedule.VeryLow, 2, 0);
        table[Opcode.MStore8] = new(&MStore8, GasSchedule.VeryLow, 2, 0);
        table[Opcode.MSize] = new(&MSize, GasSchedule.Base, 0, 1);
        table[Opcode.MCopy] = new(&MCopy, GasSchedule.VeryLow, 3, 0);
    }

    private static Halt MLoad(Frame frame)
    {
        ref var top = ref frame.Peek(0);
        if (!top.IsUInt64 || !frame.TryUseMemory(top.Limb0, 32, out var start, out _))
            return Halt.OutOfGas;
        top = UInt256.FromBigEndian(frame.Memory.Span(start, 32));
        return Halt.None;
    }

    private static Halt MStore(Frame frame)
    {
        ref var offset = ref frame.Pop();
        ref var value = ref frame.Pop();
        if (!offset.IsUInt64 || !frame.TryUseMemory(offset.Limb0, 32, out var start, out _))
            return Halt.OutOfGas;
        value.WriteBigEndian(frame.Memory.Span(start, 32));
        return Halt.None;
    }

    private static Halt MStore8(Frame frame)
    {
        ref var offset = ref frame.Pop();
        ref var value = ref frame.Pop();
        if (!offset.IsUInt64 || !frame.TryUseMemory(offset.Limb0, 1, out var start, out _))
            return Halt.OutOfGas;
        frame.Memory.Buffer[start] = (byte)value.Limb0;
        return Halt.None;
    }

    private static Halt MSize(Frame frame)
    {
        frame.Push((ulong)frame.Memory.Length);
        return Halt.None;
    }

    // EIP-5656: source and destination may overlap, and both count for expansion.
    private static Halt MCopy(Frame frame)
    {
        ref var to = ref frame.Pop();
        ref var from = ref frame.Pop();
        ref var length = ref frame.Pop();
        var furthest = to > from ? to : from;
        if (!frame.TryUseMemory(furthest, length, out _, out var count)
            || !frame.TryUseGas(GasSchedule.CopyWord * GasSchedule.Words(count)))
            return Halt.OutOfGas;
        if (count > 0)
            frame.Memory.Span((int)from.Limb0, count).CopyTo(frame.Memory.Span((int)to.Limb0, count));
        return Halt.None;
    }

    /// <summary>Pays for and performs a copy into memory; bytes beyond the source's end are zero.</summary>
    private static Halt CopyToMemory(
        Frame frame, in UInt256 to, in UInt256 from, in UInt256 length, ReadOnlySpan<byte> source)
    {
        if (!frame.TryUseMemory(to, length, out var start, out var count)
            || !frame.TryUseGas(GasSchedule.CopyWord * GasSchedule.Words(count)))
            return Halt.OutOfGas;
        var target = frame.Memory.Span(start, count);
        var available = from.IsUInt64 && from.Limb0 < (ulong)source.Length ? source[(int)from.Limb0..] : default;
        if (available.Length > count)
            available = available[..count];
        available.CopyTo(target);
        target[available.Length..].Clear();
        return Halt.None;
    }
}
