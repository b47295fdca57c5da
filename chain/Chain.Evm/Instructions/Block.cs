using Chain.Core;

namespace Chain.Evm.Instructions;

internal static unsafe partial class InstructionSet
{
    private const ulong BlockHashWindow = 256;

    private static void AddBlock(Operation[] table)
    {
        table[Opcode.BlockHash] = new(&BlockHash, GasSchedule.BlockHash, 1, 1);
        table[Opcode.Coinbase] = new(&Coinbase, GasSchedule.Base, 0, 1);
        table[Opcode.Timestamp] = new(&Timestamp, GasSchedule.Base, 0, 1);
        table[Opcode.Number] = new(&Number, GasSchedule.Base, 0, 1);
        table[Opcode.PrevRandao] = new(&PrevRandao, GasSchedule.Base, 0, 1);
        table[Opcode.GasLimit] = new(&GasLimit, GasSchedule.Base, 0, 1);
        table[Opcode.ChainId] = new(&ChainId, GasSchedule.Base, 0, 1);
        table[Opcode.BaseFee] = new(&BaseFee, GasSchedule.Base, 0, 1);
        table[Opcode.BlobHash] = new(&BlobHash, GasSchedule.VeryLow, 1, 1);
        table[Opcode.BlobBaseFee] = new(&BlobBaseFee, GasSchedule.Base, 0, 1);
    }

    private static Halt BlockHash(Frame frame)
    {
        ref var top = ref frame.Peek(0);
        var block = frame.Machine.Block;
        var known = top.IsUInt64 && top.Limb0 < block.Number && block.Number - top.Limb0 <= BlockHashWindow;
        top = known ? UInt256.FromBigEndian(block.BlockHash(top.Limb0).Bytes) : UInt256.Zero;
        return Halt.None;
    }

    private static Halt Coinbase(Frame frame)
    {
        frame.Push(Word(frame.Machine.Block.Coinbase));
        return Halt.None;
    }

    private static Halt Timestamp(Frame frame)
    {
        frame.Push(frame.Machine.Block.Timestamp);
        return Halt.None;
    }

    private static Halt Number(Frame frame)
    {
        frame.Push(frame.Machine.Block.Number);
        return Halt.None;
    }

    // EIP-4399
    private static Halt PrevRandao(Frame frame)
    {
        frame.Push(UInt256.FromBigEndian(frame.Machine.Block.PrevRandao.Bytes));
        return Halt.None;
    }

    private static Halt GasLimit(Frame frame)
    {
        frame.Push(frame.Machine.Block.GasLimit);
        return Halt.None;
    }

    private static Halt ChainId(Frame frame)
    {
        frame.Push(frame.Machine.Block.ChainId);
        return Halt.None;
    }

    // EIP-3198
    private static Halt BaseFee(Frame frame)
    {
        frame.Push(frame.Machine.Block.BaseFee);
        return Halt.None;
    }

    // EIP-4844
    private static Halt BlobHash(Frame frame)
    {
        ref var top = ref frame.Peek(0);
        var hashes = frame.Machine.BlobHashes;
        top = top.IsUInt64 && top.Limb0 < (ulong)hashes.Count
            ? UInt256.FromBigEndian(hashes[(int)top.Limb0].Bytes)
            : UInt256.Zero;
        return Halt.None;
    }

    // EIP-7516
    private static Halt BlobBaseFee(Frame frame)
    {
        frame.Push(frame.Machine.BlobBaseFee);
        return Halt.None;
    }
}
