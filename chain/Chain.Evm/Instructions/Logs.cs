using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private static void AddLogs(Operation[] table)
    {
        for (var topics = 0; topics <= 4; topics++)
        {
            table[Opcode.Log0 + topics] =
                new(&WriteLog, GasSchedule.Log + (topics * GasSchedule.LogTopic), 2 + topics, 0);
        }
    }

    private static Halt WriteLog(Frame frame)
    {
        if (frame.Message.IsStatic)
            return Halt.StaticViolation;
        var count = CodeAt(frame, frame.Pc - 1) - Opcode.Log0;
        ref var offset = ref frame.Pop();
        ref var length = ref frame.Pop();
        if (!frame.TryUseMemory(offset, length, out var start, out var size)
            || !frame.TryUseGas((long)GasSchedule.LogByte * size))
            return Halt.OutOfGas;
        var topics = new Hash32[count];
        Span<byte> topic = stackalloc byte[32];
        for (var i = 0; i < count; i++)
        {
            frame.Pop().WriteBigEndian(topic);
            topics[i] = new Hash32(topic);
        }

        frame.Machine.State.AddLog(new Log(frame.Self, topics, frame.Memory.Span(start, size).ToArray()));
        return Halt.None;
    }
}
