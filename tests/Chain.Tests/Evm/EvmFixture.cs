using Chain.Core;
using Chain.Evm;
using Chain.State;
using Word = Chain.Core.UInt256;

namespace Chain.Tests.Evm;

/// <summary>A state in memory, an executor and a rich sender.</summary>
internal sealed class EvmFixture
{
    public static readonly Address Sender = Address.Parse("0x00000000000000000000000000000000005e4de4");
    public static readonly Address Contract = Address.Parse("0x0000000000000000000000000000000000c0de00");

    private readonly TransactionExecutor _executor = new();

    public EvmFixture(params byte[] code)
    {
        State = new WorldState(Nodes, BlockHeader.EmptyTrieRoot);
        State.BeginTransaction();
        State.AddBalance(Sender, Word.One << 100);
        if (code.Length > 0)
            State.SetCode(Contract, code);
        State.EndTransaction();
    }

    public StateWrites Nodes { get; } = new();

    public WorldState State { get; private set; }

    public BlockContext Block { get; } = new() { ChainId = 1, Number = 5, Timestamp = 1000, GasLimit = long.MaxValue };

    /// <summary>Commits, forgets everything in memory and reads back from the tries.</summary>
    public void Reopen() => State = new WorldState(Nodes, State.Commit(Nodes));

    public ExecutionResult Send(Address? to, byte[] data, ulong gas = 10_000_000, ulong value = 0) =>
        _executor.Execute(State, Block, Message(to, data, gas, value, State.GetNonce(Sender)), Sender);

    public ExecutionResult Call(Address? to, byte[] data, ulong gas = 10_000_000, ulong value = 0) =>
        _executor.Call(State, Block, Message(to, data, gas, value, 0), Sender);

    private static Transaction Message(Address? to, byte[] data, ulong gas, ulong value, ulong nonce) => new()
    {
        Type = TransactionType.DynamicFee,
        ChainId = 1,
        Nonce = nonce,
        GasLimit = gas,
        To = to,
        Value = value,
        Data = data,
    };
}
