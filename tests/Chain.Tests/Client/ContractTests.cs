using System.Text.Json.Nodes;
using Chain.Client;
using Chain.Core;
using Chain.Tests.JsonRpc;
using Shouldly;
using Xunit;
using static Chain.Tests.Ledger.OneValidatorChain;

namespace Chain.Tests.Client;

/// <summary>The bundled contracts, deployed and called through the client.</summary>
public sealed class ContractTests : IAsyncLifetime
{
    private static readonly AbiFunction GetValidators = AbiFunction.Parse("getValidators() returns (address[])");
    private static readonly AbiFunction Checkpoint = AbiFunction.Parse("checkpoint(uint64,bytes32,bytes32[])");
    private static readonly AbiFunction Latest =
        AbiFunction.Parse("latest() returns (bytes32 origin, uint64 size, bytes32 root, uint64 epoch)");

    private static readonly AbiEvent Recorded = AbiEvent.Parse(
        "CheckpointRecorded(bytes32 indexed origin, uint64 indexed size, bytes32 root, uint64 epoch)");

    private readonly CancellationToken _deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
    private RpcNode _node = null!;
    private ChainClient _client = null!;

    public async Task InitializeAsync()
    {
        // Governance with one anchor, and the registry pointing to it, as network generation writes them.
        _node = await RpcNode.StartAsync(genesis: genesis =>
        {
            var governance = genesis["alloc"]!["0x0000000000000000000000000000000000001000"]!["storage"]!;
            byte[] slot = Keccak256.Hash([.. Rich.ToWord().Bytes, .. ((UInt256)2).ToBigEndian()]).ToArray();
            governance[Hex.ToPrefixed(slot)] = Word(1);
            genesis["alloc"]!["0x0000000000000000000000000000000000001001"] = new JsonObject
            {
                ["balance"] = "0x0",
                ["code"] = ContractJson("AnchorRegistry").GetProperty("deployedBytecode").GetString(),
                ["storage"] = new JsonObject { [Word(0)] = Word(0x1000), [Word(1)] = Word(7) },
            };
        });
        _client = _node.NewClient();
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task The_governance_contract_names_the_validators_that_seal()
    {
        Contract governance = new(_client, Chain.Ledger.Genesis.DefaultGovernance);
        object[] results = await governance.CallAsync(GetValidators, BlockTag.Latest, _deadline);
        results[0].ShouldBeOfType<object[]>().ShouldBe([Validator]);
    }

    [Fact]
    public async Task A_checkpoint_is_recorded_and_found_by_its_event()
    {
        Contract registry = new(_client, Address.Parse("0x0000000000000000000000000000000000001001"));
        Hash32 root = Keccak256.Hash([1]);
        TransactionRequest request = await registry.RequestAsync(Rich, Checkpoint, _deadline, (UInt256)3, root, Array.Empty<object>());
        SentTransaction sent = new TransactionSigner(ChainId, RichKey).Sign(request, 0);
        await _client.SendRawAsync(sent.Raw, _deadline);
        (await _client.ReceiptAsync(sent.Hash, _deadline))!.Succeeded.ShouldBeTrue();
        (await registry.CallAsync(Latest, BlockTag.Latest, _deadline))[2].ShouldBe(root);
        (RpcLog log, object[] values) = (await registry.EventsAsync(Recorded, 0, 1, _deadline)).ShouldHaveSingleItem();
        log.TransactionHash.ShouldBe(sent.Hash);
        values[1].ShouldBe((UInt256)3);
        values[2].ShouldBe(root);
    }

    [Fact]
    public async Task A_stranger_is_refused_before_anything_is_sent()
    {
        Contract registry = new(_client, Address.Parse("0x0000000000000000000000000000000000001001"));
        (await Should.ThrowAsync<RpcErrorException>(registry.RequestAsync(
            Validator, Checkpoint, _deadline, (UInt256)3, Hash32.Zero, Array.Empty<object>()))).Code.ShouldBe(3);
    }

    [Fact]
    public async Task A_contract_that_is_not_there_is_told_by_the_form_of_its_answer() =>
        await Should.ThrowAsync<FormatException>(
            new Contract(_client, Validator).CallAsync(Latest, BlockTag.Latest, _deadline));
}
