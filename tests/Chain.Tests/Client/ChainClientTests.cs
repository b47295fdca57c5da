using Chain.Client;
using Chain.Core;
using Chain.Tests.JsonRpc;
using Shouldly;
using Xunit;
using static Chain.Tests.Ledger.OneValidatorChain;

namespace Chain.Tests.Client;

/// <summary>The client against a one-validator chain over HTTP: standard answers are all it needs.</summary>
public sealed class ChainClientTests : IAsyncLifetime
{
    private readonly CancellationToken _deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
    private RpcNode _node = null!;
    private ChainClient _client = null!;

    public async Task InitializeAsync()
    {
        _node = await RpcNode.StartAsync();
        _client = _node.NewClient();
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_durable_send_ends_with_a_receipt_whose_proofs_verify_under_the_sealed_header()
    {
        using DurableSender sender = new(
            _client, new TransactionSigner(ChainId, RichKey), new EphemeralStore(), TimeProvider.System);
        SendOutcome outcome = await sender.SendAsync(
            new TransactionRequest { To = Logger, Data = LogData(7), GasLimit = 100_000 }, _deadline);
        outcome.Status.ShouldBe(SendStatus.Succeeded);
        RpcReceipt receipt = outcome.Receipt.ShouldNotBeNull();
        BlockEvidence evidence = (await BlockEvidence.FetchAsync(_client, receipt.BlockNumber, _deadline)).ShouldNotBeNull();

        evidence.Header.ShouldBe(_node.Chain.Ledger.Head.Header);
        SealCheck.Verify(
            evidence.Header.Encode(), new SealExpectation(receipt.BlockNumber, [Validator]), out _).ShouldBe(SealVerdict.Valid);
        TrieProof.TryVerifyItem(
            evidence.Header.ReceiptsRoot, receipt.TransactionIndex, evidence.ProveReceipt(receipt.TransactionIndex), out byte[]? proven)
            .ShouldBeTrue();
        proven.ShouldBe(receipt.Receipt.Encode());
        TrieProof.TryVerifyItem(
            evidence.Header.TransactionsRoot, receipt.TransactionIndex, evidence.ProveTransaction(receipt.TransactionIndex),
            out byte[]? transaction).ShouldBeTrue();
        Keccak256.Hash(transaction!).ShouldBe(outcome.Hash);
    }

    [Fact]
    public async Task Every_form_of_transaction_comes_back_with_its_hash()
    {
        _node.Chain.Send(new Transaction
        {
            Type = TransactionType.Legacy,
            ChainId = ChainId,
            Nonce = 0,
            GasLimit = 50_000,
            To = Rich,
            Data = new byte[] { 1 },
        }.Sign(RichKey));
        _node.Chain.Send(new Transaction
        {
            Type = TransactionType.AccessList,
            ChainId = ChainId,
            Nonce = 1,
            GasLimit = 100_000,
            To = Rich,
            AccessList = [new AccessListEntry(Rich, [Hash32.Zero, BlockHeader.EmptyTrieRoot])],
        }.Sign(RichKey));
        _node.Chain.Send(new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = ChainId,
            Nonce = 2,
            GasLimit = 100_000,
            MaxFeePerGas = 9,
            MaxPriorityFeePerGas = 3,
            Data = new byte[] { 0 },
        }.Sign(RichKey));
        for (ulong number = 1; number <= 3; number++)
        {
            BlockEvidence evidence = (await BlockEvidence.FetchAsync(_client, number, _deadline)).ShouldNotBeNull();
            evidence.Transactions.Select(t => t.Hash)
                .ShouldBe(_node.Chain.Ledger.Blocks.ByNumber(number)!.Transactions.Select(t => t.Hash));
        }
    }

    [Fact]
    public async Task Genesis_and_a_missing_block_are_told_apart()
    {
        (await _client.HeaderAsync(BlockTag.Number(0), _deadline))!.Hash.ShouldBe(_node.Chain.Ledger.GenesisHash);
        (await _client.HeaderAsync(BlockTag.Number(1), _deadline)).ShouldBeNull();
        (await BlockEvidence.FetchAsync(_client, 1, _deadline)).ShouldBeNull();
    }

    [Fact]
    public async Task State_is_read_and_proven()
    {
        (await _client.ChainIdAsync(_deadline)).ShouldBe(ChainId);
        (await _client.CodeAsync(Logger, BlockTag.Latest, _deadline)).ShouldNotBeEmpty();
        (await _client.BalanceAsync(Rich, BlockTag.Latest, _deadline)).ShouldBe(UInt256.Parse("1000000000000000000000"));
        Address governance = Chain.Ledger.Genesis.DefaultGovernance;
        (await _client.StorageAsync(governance, 0, BlockTag.Latest, _deadline)).ShouldBe(UInt256.One);
        BlockHeader header = (await _client.HeaderAsync(BlockTag.Latest, _deadline))!;
        RpcAccountProof proof = await _client.ProofAsync(governance, [Hash32.Zero], BlockTag.Latest, _deadline);
        TrieProof.TryVerifyAccount(header.StateRoot, governance, proof.Nodes, out Account? account).ShouldBeTrue();
        account!.Value.StorageRoot.ShouldBe(proof.StorageRoot);
        proof.Storage[0].Value.ShouldBe(UInt256.One);
    }

    [Fact]
    public async Task A_call_returns_and_a_revert_is_an_error_with_code_3()
    {
        byte[] output = await _client.CallAsync(BlockReader, default, BlockTag.Latest, _deadline);
        output[32..64].ShouldBe(BlockHeader.QbftMixHash.ToArray());
        (await Should.ThrowAsync<RpcErrorException>(_client.CallAsync(Logger, default, BlockTag.Latest, _deadline)))
            .Code.ShouldBe(3);
    }

    [Fact]
    public async Task Logs_of_a_contract_are_found_by_topic()
    {
        _node.Chain.Send(Transfer(0, to: Logger, data: LogData(7)));
        _node.Chain.Send(Transfer(1, to: Logger, data: LogData(8)));
        RpcLog log = (await _client.LogsAsync(Logger, [Hash32.LeftPadded([8])], 0, 2, _deadline)).ShouldHaveSingleItem();
        log.BlockNumber.ShouldBe(2UL);
        (await _client.LogsAsync(Logger, [null], 0, 2, _deadline)).Count.ShouldBe(2);
    }

    private static byte[] LogData(byte topic) => [.. ((UInt256)topic).ToBigEndian(), .. UInt256.One.ToBigEndian()];

    private sealed class EphemeralStore : ISentTransactionStore
    {
        public Task<SentTransaction?> FindOpenAsync(ulong chainId, Address sender, CancellationToken cancellation) =>
            Task.FromResult<SentTransaction?>(null);

        public Task SaveAsync(SentTransaction transaction, CancellationToken cancellation) => Task.CompletedTask;

        public Task CloseAsync(SentTransaction transaction, SendOutcome outcome, CancellationToken cancellation) =>
            Task.CompletedTask;
    }
}
