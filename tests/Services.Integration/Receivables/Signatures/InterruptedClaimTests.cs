using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.Signatures.IssuingWorld;

namespace Services.Integration.Receivables.Signatures;

/// <summary>A whole instance that stops in the middle of a claim, and another that wants the same invoice meanwhile.</summary>
public sealed class InterruptedClaimTests : IAsyncLifetime
{
    private const int DaySeconds = 24 * 60 * 60;

    private readonly IssuingWorld _world = new(PledgeBench.StartOnAnvilAsync);

    public Task InitializeAsync() => _world.InitializeAsync();

    public Task DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Before_its_reveal_an_instance_holds_nothing_and_is_refused_when_it_comes_back()
    {
        (string number, JsonObject issue) = await InterruptedAsync(passes: 1);
        JsonObject other = Issue(NewRoot(), 100, (await _world.DepositAsync(_world.B, number, 100)).Sha256);
        await SendAsync(_world.B, other);
        await BackAsync();
        await RefusedAsync(issue);
    }

    [Fact]
    public async Task A_claim_that_expired_unbound_is_free_for_all_and_its_issue_is_refused_when_the_instance_comes_back()
    {
        (string number, JsonObject issue) = await InterruptedAsync(passes: 2);
        string copy = (await _world.DepositAsync(_world.B, number, 100)).Sha256;
        ((string)(await SendAsync(_world.B, Issue(NewRoot(), 100, copy), 409))["code"]!).ShouldBe("pledge-taken");
        await _world.Bench.Anvil!.CallAsync("evm_increaseTime", DaySeconds);
        await _world.Bench.Anvil.CallAsync("evm_mine");
        await SendAsync(_world.B, Issue(NewRoot(), 100, copy));
        await BackAsync();
        await RefusedAsync(issue);
    }

    [Fact]
    public async Task What_stopped_before_it_was_bound_is_bound_and_issued_when_the_instance_comes_back_in_time()
    {
        (string _, JsonObject issue) = await InterruptedAsync(passes: 2);
        await BackAsync();
        await SendAsync(_world.A, issue);
    }

    /// <summary>The first instance sends so many transactions for an issue, and no more.</summary>
    private async Task<(string Number, JsonObject Issue)> InterruptedAsync(int passes)
    {
        string number = PledgeTests.Number();
        JsonObject issue = Issue(NewRoot(), 100, (await _world.DepositAsync(_world.A, number, 100)).Sha256);
        await using DroppingRpc node = await DroppingRpc.StartAsync(_world.Bench.Rpc, passes);
        await _world.A.Services.RestartAsync([.. _world.Settings(node.Url)]);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(4));
        await Should.ThrowAsync<OperationCanceledException>(() => TryAsync(_world.A, issue, patience.Token));
        await _world.A.Services.App.StopAsync();
        return (number, issue);
    }

    private Task BackAsync() => _world.A.Services.RestartAsync([.. _world.Settings()]);

    private async Task RefusedAsync(JsonObject issue)
    {
        JsonObject refused = await SendAsync(_world.A, issue, 409);
        ((string)refused["code"]!, (string)refused["platform"]!)
            .ShouldBe(("pledge-taken", _world.Platform(_world.B).ToString()));
        refused["evidence"]!["claimProof"]!.AsArray().ShouldNotBeEmpty();
        await RunningReceivables.GetAsync(
            await _world.A.Services.AsAsync("carmaker"), $"vouchers/{issue["root"]}", 404);
    }
}
