using Chain.Core;
using Receivables.Pledges;
using Shouldly;
using Voprf;
using Xunit;

namespace Services.Integration.Receivables;

/// <summary>What needs a chain whose clock and blocks can be moved, holders that fail, or a new key.</summary>
public sealed class PledgeChainTests : IAsyncLifetime
{
    private const int DaySeconds = 24 * 60 * 60;

    private PledgeBench _bench = null!;
    private TestPlatform _a = null!;
    private TestPlatform _b = null!;

    public async Task InitializeAsync()
    {
        _bench = await PledgeBench.StartOnAnvilAsync();
        _a = await _bench.AddPlatformAsync();
        _b = await _bench.AddPlatformAsync();
        await _a.RestartAsync(); // The holders' addresses have changed.
    }

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task Of_two_claims_in_one_block_one_is_refused_with_its_receipt()
    {
        await _bench.Anvil!.CallAsync("evm_setAutomine", false);
        await _bench.Anvil.CallAsync("evm_setIntervalMining", 1);
        string number = PledgeTests.Number();

        PledgeResult[] results = await Task.WhenAll(
            _a.ClaimAsync(number, 10, 10, "V-A"), _b.ClaimAsync(number, 10, 10, "V-B"));

        results.Count(r => r.Claimed).ShouldBe(1);
        PledgeResult refused = results.Single(r => !r.Claimed);
        TestPlatform winner = results[0].Claimed ? _a : _b;
        refused.Refusal!.Platform.ShouldBe(winner.Address.ToString());
        refused.Evidence!.TryRead(out Address platform, out _).ShouldBeTrue();
        platform.ShouldBe(winner.Address);
        if (refused.Refusal.Transaction is { } transaction)
        {
            (await _bench.Chain.ReceiptAsync(Hash32.Parse(transaction), default))!.Succeeded.ShouldBeFalse();
        }
        (_a.Vouchers.Count + _b.Vouchers.Count).ShouldBe(1);
    }

    [Fact]
    public async Task A_claim_that_lapsed_can_be_claimed_by_another_and_no_voucher_comes_of_the_first()
    {
        string number = PledgeTests.Number();
        _a.CrashAt(2, delivered: false); // Claimed on the chain; the process dies before it binds the voucher.
        await Should.ThrowAsync<CrashException>(() => _a.ClaimAsync(number, 10, 10, "V-A"));
        (await _b.ClaimAsync(number, 10, 10, "V-B")).Claimed.ShouldBeFalse("within 24 hours");
        await _bench.Anvil!.CallAsync("evm_increaseTime", DaySeconds);
        await _bench.Anvil.CallAsync("evm_mine");

        PledgeResult claimed = await _b.ClaimAsync(number, 10, 10, "V-B");

        claimed.Claimed.ShouldBeTrue("after expiry");
        await _a.RestartAsync();
        (await _a.Saga.StateAsync(claimed.Id, default)).Refusal!.Platform.ShouldBe(_b.Address.ToString());
        PledgeResult again = await _a.ClaimAsync(number, 10, 10, "V-A");
        again.Claimed.ShouldBeFalse();
        again.Refusal!.Platform.ShouldBe(_b.Address.ToString());
        _a.Vouchers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_claim_that_lapsed_while_its_platform_was_down_is_known_to_be_gone()
    {
        string number = PledgeTests.Number();
        _a.CrashAt(2, delivered: false);
        await Should.ThrowAsync<CrashException>(() => _a.ClaimAsync(number, 10, 10, "V-A"));
        await _bench.Anvil!.CallAsync("evm_increaseTime", DaySeconds);
        await _bench.Anvil.CallAsync("evm_mine");
        await _a.RestartAsync();
        PledgeResult again = await _a.ClaimAsync(number, 10, 10, "V-A2");
        again.Claimed.ShouldBeTrue("begun anew");
        (await _a.Saga.StateAsync(again.Id, default)).Locks.Keys.ShouldBe(["V-A2"]);
    }

    [Fact]
    public async Task A_voucher_keeps_the_claim_beyond_24_hours()
    {
        string number = PledgeTests.Number();
        (await _a.ClaimAsync(number, 10, 10, "V-A")).Claimed.ShouldBeTrue();
        await _bench.Anvil!.CallAsync("evm_increaseTime", 30 * DaySeconds);
        await _bench.Anvil.CallAsync("evm_mine");
        (await _b.ClaimAsync(number, 10, 10, "V-B")).Refusal!.Platform.ShouldBe(_a.Address.ToString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task With_one_holder_down_claims_go_on(int holder)
    {
        string number = PledgeTests.Number();
        PledgeResult claimed = await _a.ClaimAsync(number, 10, 10, "V-A");
        await _bench.StopHolderAsync(holder);
        PledgeResult refused = await _b.ClaimAsync(number, 10, 10, "V-B");
        (refused.Id, refused.Claimed).ShouldBe((claimed.Id, false));
        refused.Faults.Where(f => f != new HolderFault($"holder {holder}", "away")).ShouldBeEmpty();
    }

    [Fact]
    public async Task With_two_holders_down_nothing_is_claimed_and_both_are_named()
    {
        await _bench.StopHolderAsync(1);
        await _bench.StopHolderAsync(3);
        (await Should.ThrowAsync<HoldersAwayException>(() => _a.ClaimAsync(PledgeTests.Number(), 10, 10, "V-A")))
            .Faults.ShouldBe([new("holder 1", "away"), new("holder 3", "away")], ignoreOrder: true);
    }

    [Theory]
    [InlineData("another point", "bad-proof")]
    [InlineData("another proof", "bad-proof")]
    [InlineData("no point", "bad-answer")]
    [InlineData("another epoch", "bad-answer")]
    public async Task A_lying_holder_is_refused_and_named_and_claims_go_on(string lie, string code)
    {
        string number = PledgeTests.Number();
        PledgeResult claimed = await _a.ClaimAsync(number, 10, 10, "V-A");
        await _bench.LieAsync(1, a => lie switch
        {
            "another point" => a with { Evaluated = [Point.Generator.ToString()] },
            "another proof" => a with { Proof = Flip(a.Proof) },
            "no point" => a with { Evaluated = ["02" + new string('0', 63) + "1"] },
            _ => a with { Epoch = 2 },
        });
        await _b.RestartAsync();
        PledgeResult refused = await _b.ClaimAsync(number, 10, 10, "V-B");
        (refused.Id, refused.Claimed).ShouldBe((claimed.Id, false));
        refused.Faults.ShouldBe([new HolderFault("holder 1", code)]);
    }

    [Fact]
    public async Task When_the_key_changes_open_claims_are_found_by_either_key()
    {
        (string before, string during) = (PledgeTests.Number(), PledgeTests.Number());
        PledgeResult old = await _a.ClaimAsync(before, 10, 10, "V-A");
        await _bench.OpenEpochAsync(2);
        await Task.WhenAll(_a.RestartAsync(), _b.RestartAsync()); // Recovery links what is open.
        (await _a.Saga.StateAsync(old.Id, default)).Epoch.ShouldBe(2);
        (await _a.ClaimAsync(during, 10, 10, "V-A2")).Claimed.ShouldBeTrue();
        (await _b.ClaimAsync(before, 10, 10, "V-B")).Refusal!.Platform.ShouldBe(_a.Address.ToString());

        await _bench.VoteAsync("closeKeyEpoch(uint32)", (UInt256)1);

        (await _b.ClaimAsync(before, 10, 10, "V-B")).Refusal!.Platform.ShouldBe(_a.Address.ToString());
        (await _b.ClaimAsync(during, 10, 10, "V-B")).Refusal!.Platform.ShouldBe(_a.Address.ToString());
        (await _a.Saga.ClaimAsync(TestPlatform.Invoice(before), new PledgeRequest("maker", "V-A", 10, 10), default))
            .Id.ShouldBe(old.Id, "its own claim is found by the newer key");
    }

    [Fact]
    public async Task A_platform_that_members_have_not_admitted_gets_nothing()
    {
        await _bench.VoteAsync("removePlatform(address)", _b.Address);
        PledgeResult refused = await _b.ClaimAsync(PledgeTests.Number(), 10, 10, "V-B");
        refused.Claimed.ShouldBeFalse();
        refused.Refusal!.Platform.ShouldBeEmpty();
        (await _bench.Chain.ReceiptAsync(Hash32.Parse(refused.Refusal.Transaction!), default))!.Succeeded.ShouldBeFalse();
    }

    private static string Flip(string hex) => (hex[0] == '0' ? '1' : '0') + hex[1..];
}
