using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;
using static Services.Integration.Receivables.Signatures.IssuingWorld;

namespace Services.Integration.Receivables.Signatures;

/// <summary>No voucher without a claim, over HTTP on two whole instances that share one chain.</summary>
public sealed class ClaimedIssueTests(IssuingWorld world) : IClassFixture<IssuingWorld>
{
    [Fact]
    public async Task An_issue_claims_its_invoice_and_the_other_instance_is_refused_with_proof()
    {
        string number = PledgeTests.Number(), root = NewRoot();
        string invoice = (await world.DepositAsync(world.A, number, 1_000)).Sha256;
        await SendAsync(world.A, Issue(root, 600, invoice));

        string other = NewRoot();
        string copy = (await world.DepositAsync(world.B, $" {number[..8]}-{number[8..]} ", 1_000)).Sha256;
        JsonObject refused = await SendAsync(world.B, Issue(other, 1, copy), 409);

        ((string)refused["code"]!).ShouldBe("pledge-taken");
        ((string)refused["platform"]!).ShouldBe(world.Platform(world.A).ToString());
        refused["evidence"]!["claimProof"]!.AsArray().Count.ShouldBeGreaterThan(0);
        await GetAsync(await world.B.Services.AsAsync("carmaker"), $"vouchers/{other}", 404);
        await SendAsync(world.A, Issue(NewRoot(), 400, invoice));
        ((string)(await SendAsync(world.A, Issue(NewRoot(), 1, invoice), 422))["code"]!).ShouldBe("invoice-exhausted");
    }

    [Fact]
    public async Task An_issue_that_a_rule_refuses_claims_nothing()
    {
        string number = PledgeTests.Number();
        string invoice = (await world.DepositAsync(world.A, number, 1_000)).Sha256;
        JsonObject late = Issue(NewRoot(), 10, invoice);
        late["dueDate"] = "2020-01-01";
        ((string)(await SendAsync(world.A, late, 422))["code"]!).ShouldBe("due-date-past");
        string copy = (await world.DepositAsync(world.B, number, 1_000)).Sha256;
        await SendAsync(world.B, Issue(NewRoot(), 10, copy));
    }
}
