using System.Text.Json.Nodes;
using Chain.Core;
using Chain.Ledger;
using Shouldly;
using Xunit;
using static Chain.Tests.Ledger.OneValidatorChain;

namespace Chain.Tests.Ledger;

public sealed class GenesisTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { "difficulty", "0x2" },
        { "nonce", "0x1" },
        { "coinbase", "0x0000000000000000000000000000000000000001" },
        { "baseFeePerGas", "0x7" },
        { "excessBlobGas", "0x1" },
        { "extraData", "0x1" },
        { "gasLimit", "many" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_value_that_this_chain_does_not_have_is_refused(string member, string value) =>
        Should.Throw<FormatException>(() => NewGenesis(g => g[member] = value));

    [Theory]
    [InlineData("pragueTime", 0)]
    [InlineData("cancunTime", 5)]
    [InlineData("londonBlock", 1)]
    public void A_fork_that_is_not_in_force_from_the_start_is_refused(string fork, int at) =>
        Should.Throw<FormatException>(() => NewGenesis(g => g["config"]![fork] = at));

    [Fact]
    public void The_beacon_roots_contract_is_refused() => Should.Throw<FormatException>(() => NewGenesis(g =>
        g["alloc"]!["0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02"] = new JsonObject { ["code"] = "0x00" }));

    [Fact]
    public void An_account_named_twice_is_refused() => Should.Throw<FormatException>(() => NewGenesis(g =>
        g["alloc"]![Rich.ToChecksummed()] = new JsonObject { ["balance"] = "0x1" }));

    [Fact]
    public void Numbers_may_be_hexadecimal_decimal_or_json_numbers()
    {
        Hash32 hash = GenesisBlock.HashOf(NewGenesis());
        GenesisBlock.HashOf(NewGenesis(g => g["gasLimit"] = GasLimit)).ShouldBe(hash);
        GenesisBlock.HashOf(NewGenesis(g => g["gasLimit"] = "30000000")).ShouldBe(hash);
        GenesisBlock.HashOf(NewGenesis(g => g["gasLimit"] = "30000001")).ShouldNotBe(hash);
    }

    [Fact]
    public void Code_and_storage_of_an_account_decide_the_hash()
    {
        Hash32 hash = GenesisBlock.HashOf(NewGenesis());
        GenesisBlock.HashOf(NewGenesis(g => g["alloc"]![Logger.ToString()]!["code"] = "0x00")).ShouldNotBe(hash);
        GenesisBlock.HashOf(NewGenesis(g => g["alloc"]![Logger.ToString()]!["storage"] =
            new JsonObject { [Word(0)] = Word(1) })).ShouldNotBe(hash);
    }

    [Fact]
    public void A_governance_contract_without_validators_is_not_opened() =>
        Should.Throw<InvalidOperationException>(() => new OneValidatorChain(change: g =>
            g["alloc"]![Genesis.DefaultGovernance.ToString()]!["storage"] = new JsonObject()));
}
