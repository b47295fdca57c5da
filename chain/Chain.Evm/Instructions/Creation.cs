using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private static void AddCreation(Operation[] table)
    {
        table[Opcode.Create] = new(&Create, GasSchedule.Create, 3, 1);
        table[Opcode.Create2] = new(&Create2, GasSchedule.Create, 4, 1);
        table[Opcode.SelfDestruct] = new(&SelfDestruct, GasSchedule.SelfDestruct, 1, 0);
    }

    private static Halt Create(Frame frame)
    {
        ref var value = ref frame.Pop();
        ref var offset = ref frame.Pop();
        ref var length = ref frame.Pop();
        return PrepareCreation(frame, CallKind.Create, value, offset, length);
    }

    // EIP-1014
    private static Halt Create2(Frame frame)
    {
        ref var value = ref frame.Pop();
        ref var offset = ref frame.Pop();
        ref var length = ref frame.Pop();
        frame.PendingSalt = frame.Pop();
        return PrepareCreation(frame, CallKind.Create2, value, offset, length);
    }

    private static Halt PrepareCreation(
        Frame frame, CallKind kind, in UInt256 value, in UInt256 offset, in UInt256 length)
    {
        if (frame.Message.IsStatic)
            return Halt.StaticViolation;
        // EIP-3860
        if (length > GasSchedule.MaxInitCodeSize)
            return Halt.CodeTooLarge;
        var wordCost = kind == CallKind.Create2
            ? GasSchedule.InitCodeWord + GasSchedule.KeccakWord
            : GasSchedule.InitCodeWord;
        if (!frame.TryUseMemory(offset, length, out var start, out var count)
            || !frame.TryUseGas(wordCost * GasSchedule.Words(count)))
            return Halt.OutOfGas;

        var gas = frame.Gas - (frame.Gas / 64);
        frame.Gas -= gas;
        frame.Pending = new CallMessage
        {
            Kind = kind,
            Caller = frame.Self,
            Value = value,
            Input = frame.Memory.Buffer.AsMemory(start, count),
            Gas = gas,
            Depth = frame.Message.Depth + 1,
        };
        return Halt.Call;
    }

    private static Halt SelfDestruct(Frame frame)
    {
        if (frame.Message.IsStatic)
            return Halt.StaticViolation;
        var state = frame.Machine.State;
        var heir = frame.PopAddress();
        var balance = state.GetBalance(frame.Self);
        long cost = state.WarmAddress(heir) ? GasSchedule.ColdAccount : 0;
        if (!balance.IsZero && state.IsDead(heir))
            cost += GasSchedule.NewAccount;
        if (!frame.TryUseGas(cost))
            return Halt.OutOfGas;

        // EIP-6780: the balance moves in any case; the account goes only if this transaction created it.
        state.TrySubtractBalance(frame.Self, balance);
        state.AddBalance(heir, balance);
        if (state.Destroy(frame.Self) && heir == frame.Self)
            state.TrySubtractBalance(frame.Self, balance);
        return Halt.Stop;
    }
}
