using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private static void AddCalls(Operation[] table)
    {
        table[Opcode.Call] = new(&Call, 0, 7, 1);
        table[Opcode.CallCode] = new(&CallCode, 0, 7, 1);
        table[Opcode.DelegateCall] = new(&DelegateCall, 0, 6, 1);
        table[Opcode.StaticCall] = new(&StaticCall, 0, 6, 1);
    }

    private static Halt Call(Frame frame)
    {
        ref var gas = ref frame.Pop();
        var to = frame.PopAddress();
        ref var value = ref frame.Pop();
        if (frame.Message.IsStatic && !value.IsZero)
            return Halt.StaticViolation;
        return PrepareCall(frame, gas, new CallMessage
        {
            Kind = CallKind.Call,
            Caller = frame.Self,
            Recipient = to,
            CodeAddress = to,
            Value = value,
            IsStatic = frame.Message.IsStatic,
        });
    }

    private static Halt CallCode(Frame frame)
    {
        ref var gas = ref frame.Pop();
        var to = frame.PopAddress();
        ref var value = ref frame.Pop();
        return PrepareCall(frame, gas, new CallMessage
        {
            Kind = CallKind.CallCode,
            Caller = frame.Self,
            Recipient = frame.Self,
            CodeAddress = to,
            Value = value,
            IsStatic = frame.Message.IsStatic,
        });
    }

    private static Halt DelegateCall(Frame frame)
    {
        ref var gas = ref frame.Pop();
        var to = frame.PopAddress();
        return PrepareCall(frame, gas, new CallMessage
        {
            Kind = CallKind.DelegateCall,
            Caller = frame.Message.Caller,
            Recipient = frame.Self,
            CodeAddress = to,
            Value = frame.Message.Value,
            IsStatic = frame.Message.IsStatic,
        });
    }

    private static Halt StaticCall(Frame frame)
    {
        ref var gas = ref frame.Pop();
        var to = frame.PopAddress();
        return PrepareCall(frame, gas, new CallMessage
        {
            Kind = CallKind.StaticCall,
            Caller = frame.Self,
            Recipient = to,
            CodeAddress = to,
            IsStatic = true,
        });
    }

    /// <summary>Takes the input and output ranges, pays (YP appendix H.2 CALL, EIP-150, EIP-2929) and leaves the call
    /// for the machine.</summary>
    private static Halt PrepareCall(Frame frame, in UInt256 gasAsked, in CallMessage message)
    {
        // The reference stays readable: nothing is pushed before the call is made.
        ref var inOffset = ref frame.Pop();
        ref var inLength = ref frame.Pop();
        ref var outOffset = ref frame.Pop();
        ref var outLength = ref frame.Pop();
        if (!frame.TryUseMemory(inOffset, inLength, out var inStart, out var inCount)
            || !frame.TryUseMemory(outOffset, outLength, out frame.ReturnOffset, out frame.ReturnLength)
            || !TryUseAccountGas(frame, message.CodeAddress))
            return Halt.OutOfGas;

        var sendsValue = message.Kind is CallKind.Call or CallKind.CallCode && !message.Value.IsZero;
        long extra = sendsValue ? GasSchedule.CallValue : 0;
        if (sendsValue && message.Kind == CallKind.Call && frame.Machine.State.IsDead(message.Recipient))
            extra += GasSchedule.NewAccount;
        if (!frame.TryUseGas(extra))
            return Halt.OutOfGas;

        // EIP-150: at most all but one 64th of what is left.
        var available = frame.Gas - (frame.Gas / 64);
        var gas = gasAsked < (ulong)available ? (long)gasAsked.Limb0 : available;
        frame.Gas -= gas;
        frame.Pending = new CallMessage
        {
            Kind = message.Kind,
            Caller = message.Caller,
            Recipient = message.Recipient,
            CodeAddress = message.CodeAddress,
            Value = message.Value,
            Input = frame.Memory.Buffer.AsMemory(inStart, inCount),
            Gas = sendsValue ? gas + GasSchedule.CallStipend : gas,
            IsStatic = message.IsStatic,
            Depth = frame.Message.Depth + 1,
        };
        return Halt.Call;
    }
}
