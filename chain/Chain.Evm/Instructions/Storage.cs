using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private static void AddStorage(Operation[] table)
    {
        table[Opcode.SLoad] = new(&SLoad, 0, 1, 1);
        table[Opcode.SStore] = new(&SStore, 0, 2, 0);
        table[Opcode.TLoad] = new(&TLoad, GasSchedule.Warm, 1, 1);
        table[Opcode.TStore] = new(&TStore, GasSchedule.Warm, 2, 0);
    }

    private static Halt SLoad(Frame frame)
    {
        ref var top = ref frame.Peek(0);
        var state = frame.Machine.State;
        if (!frame.TryUseGas(state.WarmSlot(frame.Self, top) ? GasSchedule.ColdSlot : GasSchedule.Warm))
            return Halt.OutOfGas;
        top = state.GetStorage(frame.Self, top);
        return Halt.None;
    }

    private static Halt SStore(Frame frame)
    {
        if (frame.Message.IsStatic)
            return Halt.StaticViolation;
        // EIP-2200: a plain transfer's stipend must not be able to write.
        if (frame.Gas <= GasSchedule.SlotSentry)
            return Halt.OutOfGas;
        ref var slot = ref frame.Pop();
        ref var value = ref frame.Pop();
        var state = frame.Machine.State;
        var cold = state.WarmSlot(frame.Self, slot) ? GasSchedule.ColdSlot : 0;
        var current = state.GetStorage(frame.Self, slot);
        var original = state.GetOriginalStorage(frame.Self, slot);
        if (!frame.TryUseGas(cold + StoreCost(original, current, value)))
            return Halt.OutOfGas;
        frame.Refund += StoreRefund(original, current, value);
        state.SetStorage(frame.Self, slot, value);
        return Halt.None;
    }

    private static int StoreCost(in UInt256 original, in UInt256 current, in UInt256 value)
    {
        if (value == current || original != current)
            return GasSchedule.Warm;
        return original.IsZero ? GasSchedule.SlotSet : GasSchedule.SlotReset;
    }

    private static int StoreRefund(in UInt256 original, in UInt256 current, in UInt256 value)
    {
        if (value == current)
            return 0;
        if (original == current)
            return !original.IsZero && value.IsZero ? GasSchedule.SlotClearRefund : 0;
        var refund = 0;
        if (!original.IsZero)
        {
            if (current.IsZero)
                refund -= GasSchedule.SlotClearRefund;
            else if (value.IsZero)
                refund += GasSchedule.SlotClearRefund;
        }

        if (value == original)
            refund += (original.IsZero ? GasSchedule.SlotSet : GasSchedule.SlotReset) - GasSchedule.Warm;
        return refund;
    }

    // EIP-1153
    private static Halt TLoad(Frame frame)
    {
        ref var top = ref frame.Peek(0);
        top = frame.Machine.State.GetTransient(frame.Self, top);
        return Halt.None;
    }

    private static Halt TStore(Frame frame)
    {
        if (frame.Message.IsStatic)
            return Halt.StaticViolation;
        ref var slot = ref frame.Pop();
        ref var value = ref frame.Pop();
        frame.Machine.State.SetTransient(frame.Self, slot, value);
        return Halt.None;
    }
}
