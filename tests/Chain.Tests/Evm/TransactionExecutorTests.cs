using Chain.Core;
using Chain.Evm;
using Shouldly;
using Xunit;
using Word = Chain.Core.UInt256;

namespace Chain.Tests.Evm;

public class TransactionExecutorTests
{
    /// <summary>Adds one to slot 0 and returns the sum.</summary>
    private static readonly byte[] Counter = Convert.FromHexString("5f54600101805f555f5260205ff3");

    private static byte[] Deploying(byte[] code) =>
        [0x60, (byte)code.Length, 0x60, 0x0a, 0x5f, 0x39, 0x60, (byte)code.Length, 0x5f, 0xf3, .. code];

    [Fact]
    public void A_deployed_contract_keeps_its_storage_through_the_tries()
    {
        var evm = new EvmFixture();
        var deployment = evm.Send(null, Deploying(Counter));
        deployment.Status.ShouldBe(ExecutionStatus.Succeeded);
        var address = deployment.ContractAddress.ShouldNotBeNull();
        address.ShouldBe(Address.OfCreate(EvmFixture.Sender, 0));
        evm.Reopen();
        evm.State.GetCode(address).ShouldBe(Counter);

        for (ulong n = 1; n <= 3; n++)
        {
            Word.FromBigEndian(evm.Send(address, []).Output.Span).ShouldBe(n);
            evm.Reopen();
            evm.State.GetStorage(address, 0).ShouldBe(n);
        }
    }

    [Fact]
    public void A_call_leaves_the_state_as_it_was()
    {
        var evm = new EvmFixture(Counter);
        evm.Reopen();
        var root = evm.State.Commit(evm.Nodes);
        Word.FromBigEndian(evm.Call(EvmFixture.Contract, []).Output.Span).ShouldBe(Word.One);
        evm.State.GetStorage(EvmFixture.Contract, 0).ShouldBe(Word.Zero);
        evm.State.Commit(evm.Nodes).ShouldBe(root);
    }

    [Fact]
    public void A_reverted_transaction_is_charged_and_changes_nothing_else()
    {
        // SSTORE(0, 1), then REVERT with the word 7.
        var evm = new EvmFixture(Convert.FromHexString("60015f5560075f5260205ffd"));
        var result = evm.Send(EvmFixture.Contract, []);
        result.Status.ShouldBe(ExecutionStatus.Reverted);
        Word.FromBigEndian(result.Output.Span).ShouldBe(7ul);
        result.Logs.ShouldBeEmpty();
        evm.State.GetStorage(EvmFixture.Contract, 0).ShouldBe(Word.Zero);
        evm.State.GetNonce(EvmFixture.Sender).ShouldBe(1ul);
    }

    [Theory]
    [InlineData(1ul, 21_000ul, 0ul, TransactionRefusal.NonceTooHigh)]
    [InlineData(0ul, 20_999ul, 0ul, TransactionRefusal.IntrinsicGasTooLow)]
    [InlineData(0ul, 21_000ul, 30_000_001ul, TransactionRefusal.BlockGasExceeded)]
    public void A_transaction_that_may_not_run_is_refused(
        ulong nonce, ulong gas, ulong moreGas, TransactionRefusal expected)
    {
        var evm = new EvmFixture();
        var root = evm.State.Commit(evm.Nodes);
        var transaction = new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = 1,
            Nonce = nonce,
            GasLimit = gas + moreGas,
            To = EvmFixture.Contract,
        };
        var result = new TransactionExecutor().Execute(
            evm.State, evm.Block, transaction, EvmFixture.Sender, gasAvailable: 30_000_000);
        result.Status.ShouldBe(ExecutionStatus.Refused);
        result.Refusal.ShouldBe(expected);
        evm.State.Commit(evm.Nodes).ShouldBe(root);
    }

    [Fact]
    public void A_contract_cannot_send_a_transaction()
    {
        var evm = new EvmFixture(Counter);
        var transaction = new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = 1,
            GasLimit = 21_000,
            To = EvmFixture.Sender,
        };
        new TransactionExecutor().Execute(evm.State, evm.Block, transaction, EvmFixture.Contract)
            .Refusal.ShouldBe(TransactionRefusal.SenderIsContract);
    }

    [Fact]
    public void Calls_nest_1024_deep_without_the_native_stack()
    {
        // Counts its calls in slot 0, then calls itself with all gas.
        var evm = new EvmFixture(Convert.FromHexString("5f546001015f555f5f5f5f5f305af100"));
        ExecutionResult? result = null;
        var thread = new Thread(
            () => result = evm.Send(EvmFixture.Contract, [], gas: 1ul << 60), maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();
        result.ShouldNotBeNull().Status.ShouldBe(ExecutionStatus.Succeeded);
        evm.State.GetStorage(EvmFixture.Contract, 0).ShouldBe(1025ul);
    }

    [Fact]
    public void Transient_storage_ends_with_the_transaction()
    {
        // Returns TLOAD(0) after TSTORE(0, TLOAD(0) + 1).
        var evm = new EvmFixture(Convert.FromHexString("5f5c600101805f5d5f5260205ff3"));
        Word.FromBigEndian(evm.Send(EvmFixture.Contract, []).Output.Span).ShouldBe(Word.One);
        Word.FromBigEndian(evm.Send(EvmFixture.Contract, []).Output.Span).ShouldBe(Word.One);
    }

    [Fact]
    public void Logs_of_a_failed_call_are_dropped()
    {
        // LOG0 of nothing, then INVALID.
        var evm = new EvmFixture(Convert.FromHexString("5f5fa0fe"));
        var result = evm.Send(EvmFixture.Contract, [], gas: 100_000);
        result.Status.ShouldBe(ExecutionStatus.Failed);
        result.Halt.ShouldBe(Halt.InvalidInstruction);
        result.GasUsed.ShouldBe(100_000ul);
        result.Logs.ShouldBeEmpty();
    }
}
