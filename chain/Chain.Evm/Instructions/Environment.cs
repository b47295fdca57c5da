using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private static void AddEnvironment(Operation[] table)
    {
        table[Opcode.Address] = new(&Self, GasSchedule.Base, 0, 1);
        table[Opcode.Balance] = new(&Balance, 0, 1, 1);
        table[Opcode.Origin] = new(&Origin, GasSchedule.Base, 0, 1);
        table[Opcode.Caller] = new(&Caller, GasSchedule.Base, 0, 1);
        table[Opcode.CallValue] = new(&CallValue, GasSchedule.Base, 0, 1);
        table[Opcode.CallDataLoad] = new(&CallDataLoad, GasSchedule.VeryLow, 1, 1);
        table[Opcode.CallDataSize] = new(&CallDataSize, GasSchedule.Base, 0, 1);
        table[Opcode.CallDataCopy] = new(&CallDataCopy, GasSchedule.VeryLow, 3, 0);
        table[Opcode.CodeSize] = new(&CodeSize, GasSchedule.Base, 0, 1);
        table[Opcode.CodeCopy] = new(&CodeCopy, GasSchedule.VeryLow, 3, 0);
        table[Opcode.GasPrice] = new(&GasPrice, GasSchedule.Base, 0, 1);
        table[Opcode.ExtCodeSize] = new(&ExtCodeSize, 0, 1, 1);
        table[Opcode.ExtCodeCopy] = new(&ExtCodeCopy, 0, 4, 0);
        table[Opcode.ReturnDataSize] = new(&ReturnDataSize, GasSchedule.Base, 0, 1);
        table[Opcode.ReturnDataCopy] = new(&ReturnDataCopy, GasSchedule.VeryLow, 3, 0);
        table[Opcode.ExtCodeHash] = new(&ExtCodeHash, 0, 1, 1);
        table[Opcode.SelfBalance] = new(&SelfBalance, GasSchedule.Low, 0, 1);
    }

    private static UInt256 Word(in Address address) => UInt256.FromBigEndian(address.Bytes);

    /// <summary>EIP-2929: an account costs more when the transaction first sees it.</summary>
    private static bool TryUseAccountGas(Frame frame, Address address) =>
        frame.TryUseGas(frame.Machine.State.WarmAddress(address) ? GasSchedule.ColdAccount : GasSchedule.Warm);

    private static Halt Self(Frame frame)
    {
        frame.Push(Word(frame.Self));
        return Halt.None;
    }

    private static Halt Balance(Frame frame)
    {
        ref var top = ref frame.Peek(0);
        var address = Frame.ToAddress(top);
        if (!TryUseAccountGas(frame, address))
            return Halt.OutOfGas;
        top = frame.Machine.State.GetBalance(address);
        return Halt.None;
    }

    private static Halt SelfBalance(Frame frame)
    {
        frame.Push(frame.Machine.State.GetBalance(frame.Self));
        return Halt.None;
    }

    private static Halt Origin(Frame frame)
    {
        frame.Push(Word(frame.Machine.Origin));
        return Halt.None;
    }

    private static Halt Caller(Frame frame)
    {
        frame.Push(Word(frame.Message.Caller));
        return Halt.None;
    }

    private static Halt CallValue(Frame frame)
    {
        frame.Push(frame.Message.Value);
        return Halt.None;
    }

    private static Halt CallDataLoad(Frame frame)
    {
        ref var top = ref frame.Peek(0);
        var input = frame.Message.Input.Span;
        if (!top.IsUInt64 || top.Limb0 >= (ulong)input.Length)
        {
            top = UInt256.Zero;
            return Halt.None;
        }

        var data = input[(int)top.Limb0..];
        top = data.Length >= 32
            ? UInt256.FromBigEndian(data[..32])
            : UInt256.FromBigEndian(data) << (256 - (8 * data.Length));
        return Halt.None;
    }

    private static Halt CallDataSize(Frame frame)
    {
        frame.Push((ulong)frame.Message.Input.Length);
        return Halt.None;
    }

    private static Halt CallDataCopy(Frame frame)
    {
        ref var to = ref frame.Pop();
        ref var from = ref frame.Pop();
        ref var length = ref frame.Pop();
        return CopyToMemory(frame, to, from, length, frame.Message.Input.Span);
    }

    private static Halt CodeSize(Frame frame)
    {
        frame.Push((ulong)frame.Code.Length);
        return Halt.None;
    }

    private static Halt CodeCopy(Frame frame)
    {
        ref var to = ref frame.Pop();
        ref var from = ref frame.Pop();
        ref var length = ref frame.Pop();
        return CopyToMemory(frame, to, from, length, frame.Code.Bytes);
    }

    private static Halt GasPrice(Frame frame)
    {
        frame.Push(frame.Machine.GasPrice);
        return Halt.None;
    }

    private static Halt ExtCodeSize(Frame frame)
    {
        ref var top = ref frame.Peek(0);
        var address = Frame.ToAddress(top);
        if (!TryUseAccountGas(frame, address))
            return Halt.OutOfGas;
        top = (ulong)frame.Machine.State.GetCode(address).Length;
        return Halt.None;
    }

    private static Halt ExtCodeCopy(Frame frame)
    {
        var address = frame.PopAddress();
        ref var to = ref frame.Pop();
        ref var from = ref frame.Pop();
        ref var length = ref frame.Pop();
        return TryUseAccountGas(frame, address)
            ? CopyToMemory(frame, to, from, length, frame.Machine.State.GetCode(address))
            : Halt.OutOfGas;
    }

    // EIP-1052
    private static Halt ExtCodeHash(Frame frame)
    {
        ref var top = ref frame.Peek(0);
        var address = Frame.ToAddress(top);
        if (!TryUseAccountGas(frame, address))
            return Halt.OutOfGas;
        top = frame.Machine.State.IsDead(address)
            ? UInt256.Zero
            : UInt256.FromBigEndian(frame.Machine.State.GetCodeHash(address).Bytes);
        return Halt.None;
    }

    private static Halt ReturnDataSize(Frame frame)
    {
        frame.Push((ulong)frame.ReturnData.Length);
        return Halt.None;
    }

    // EIP-211: unlike the other copies, reading past the end fails.
    private static Halt ReturnDataCopy(Frame frame)
    {
        ref var to = ref frame.Pop();
        ref var from = ref frame.Pop();
        ref var length = ref frame.Pop();
        if (!UInt256.TryAdd(from, length, out var end) || end > (ulong)frame.ReturnData.Length)
            return Halt.ReturnDataOutOfBounds;
        return CopyToMemory(frame, to, from, length, frame.ReturnData.Span);
    }
}
