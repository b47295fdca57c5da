using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Client;
using Chain.Core;
using Microsoft.Extensions.DependencyInjection;
using Receivables.Ledger;
using Receivables.Pledges;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;
using static Services.Integration.Receivables.Signatures.IssuingWorld;

namespace Services.Integration.Receivables.Signatures;

/// <summary>No voucher without a claim, over HTTP on two whole instances that share one chain and nothing else.</summary>
public sealed class ClaimedIssueTests(IssuingWorld world) : IClassFixture<IssuingWorld>
{
    [Theory]
    [InlineData(null, "as it stands")]
    [InlineData(null, "spaced")]
    [InlineData(null, "full-width")]
    [InlineData(null, "leading zeros")]
    [InlineData("044031900111", "code in the number")]
    [InlineData("4403190011", "without its zeros")]
    public async Task Another_instance_is_refused_with_proof_however_the_number_is_written(string? code, string spelling)
    {
        string digits = PledgeTests.Number();
        string number = code is null ? digits : "00" + digits[^6..];
        string invoice = (await world.DepositAsync(world.A, number, 1_000, code)).Sha256;
        await SendAsync(world.A, Issue(NewRoot(), 1_000, invoice));
        (string? otherCode, string other) = spelling switch
        {
            "spaced" => (code, string.Join(' ', number.Chunk(4).Select(c => new string(c)))),
            "full-width" => (code, string.Concat(number.Select(c => (char)(c - '0' + '０')))),
            "leading zeros" => (code, "000" + number),
            "code in the number" => (null, code + number),
            "without its zeros" => (code, number[2..]),
            _ => (code, number),
        };
        string copy = (await world.DepositAsync(world.B, other, 1_000, otherCode)).Sha256;
        await RefusedWithProofAsync(world.B, Issue(NewRoot(), 1_000, copy), world.A);
    }

    [Fact]
    public async Task A_part_of_an_invoice_keeps_the_other_instance_from_the_rest_of_it()
    {
        string number = PledgeTests.Number();
        string invoice = (await world.DepositAsync(world.A, number, 1_000)).Sha256;
        await SendAsync(world.A, Issue(NewRoot(), 1, invoice));
        string copy = (await world.DepositAsync(world.B, number, 1_000)).Sha256;
        await RefusedWithProofAsync(world.B, Issue(NewRoot(), 999, copy), world.A);
        await SendAsync(world.A, Issue(NewRoot(), 999, invoice));
        Code(await SendAsync(world.A, Issue(NewRoot(), 1, invoice), 422)).ShouldBe("invoice-exhausted");
    }

    [Fact]
    public async Task Of_two_that_issue_at_the_same_time_one_is_refused_with_proof()
    {
        string number = PledgeTests.Number();
        (SigningWorld World, JsonObject Issue)[] wanted =
        [
            (world.A, Issue(NewRoot(), 10, (await world.DepositAsync(world.A, number, 10)).Sha256)),
            (world.B, Issue(NewRoot(), 10, (await world.DepositAsync(world.B, number, 10)).Sha256)),
        ];
        bool[] done = await Task.WhenAll(wanted.Select(async w =>
            (await TryAsync(w.World, w.Issue)).ContainsKey("families")));
        done.Count(d => d).ShouldBe(1);
        int loser = done[0] ? 1 : 0;
        await RefusedWithProofAsync(wanted[loser].World, wanted[loser].Issue, wanted[1 - loser].World);
    }

    [Fact]
    public async Task A_restarted_instance_remembers_and_the_other_is_still_refused()
    {
        string number = PledgeTests.Number();
        string invoice = (await world.DepositAsync(world.A, number, 100)).Sha256;
        await SendAsync(world.A, Issue(NewRoot(), 60, invoice));
        string later = NewRoot();
        // It dies between the claim and the issue.
        await PostAsync(await world.A.Services.AsAsync("carmaker"), "pledges", Claim(number, later, 40, 100));
        await world.A.Services.RestartAsync([.. world.Settings()]);
        string copy = (await world.DepositAsync(world.B, number, 100)).Sha256;
        await RefusedWithProofAsync(world.B, Issue(NewRoot(), 40, copy), world.A);
        await SendAsync(world.A, Issue(later, 40, invoice));
        (await LocksAsync(world.A, later)).ShouldBe([(later, "issued")], ignoreOrder: true);
    }

    [Fact]
    public async Task An_issue_that_a_rule_refuses_claims_nothing()
    {
        string number = PledgeTests.Number();
        string invoice = (await world.DepositAsync(world.A, number, 1_000)).Sha256;
        JsonObject late = Issue(NewRoot(), 10, invoice);
        late["dueDate"] = "2020-01-01";
        Code(await SendAsync(world.A, late, 422)).ShouldBe("due-date-past");
        Code(await SendAsync(world.A, Issue(NewRoot(), 10, new string('b', 64)), 404)).ShouldBe("trade-document-not-found");
        string copy = (await world.DepositAsync(world.B, number, 1_000)).Sha256;
        await SendAsync(world.B, Issue(NewRoot(), 10, copy));
    }

    [Fact]
    public async Task What_another_organisation_of_the_platform_claimed_is_refused()
    {
        string number = PledgeTests.Number();
        string invoice = (await world.DepositAsync(world.A, number, 100)).Sha256;
        await PostAsync(await world.A.Services.AsAsync("seats"), "pledges", Claim(number, "V-seats", 1, 100));
        string root = NewRoot();
        Code(await SendAsync(world.A, Issue(root, 50, invoice), 409)).ShouldBe("pledge-other-organisation");
        await GetAsync(await world.A.Services.AsAsync("carmaker"), $"vouchers/{root}", 404);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("another amount")]
    [InlineData("another voucher")]
    public async Task The_ledger_itself_refuses_an_issue_without_its_claim(string claimed)
    {
        string number = PledgeTests.Number(), root = NewRoot();
        string invoice = (await world.DepositAsync(world.A, number, 100)).Sha256;
        if (claimed != "nothing")
        {
            string voucher = claimed == "another voucher" ? NewRoot() : root;
            await PostAsync(await world.A.Services.AsAsync("carmaker"), "pledges", Claim(number, voucher, 60, 100));
        }
        VoucherCommand issue = SignedCommand.Read(JsonSerializer.SerializeToElement(Issue(root, 40, invoice))).Voucher!;
        ILedger ledger = world.A.Services.App.Services.GetRequiredService<ILedger>();
        (await Should.ThrowAsync<ProblemException>(() => ledger.ExecuteAsync(issue, new Approved("", []), null, default)))
            .Problem.Code.ShouldBe("issue-unclaimed");
        await GetAsync(await world.A.Services.AsAsync("carmaker"), $"vouchers/{root}", 404);
    }

    [Fact]
    public async Task Another_whole_thing_that_an_issue_names_is_claimed_whole()
    {
        const string Unit = "310115 004003 GB00001 F00010001", Thing = "warehouse-receipt";
        (string first, string second) = (PledgeTests.Number(), PledgeTests.Number());
        string invoice = (await world.DepositAsync(world.A, first, 100)).Sha256;
        string land = (await world.DepositAsync(world.A, Unit, 9_000, kind: "land-right")).Sha256;
        await SendAsync(world.A, Issue(NewRoot(), 50, invoice, land));
        Code(await SendAsync(world.A, Issue(NewRoot(), 50, invoice, land), 422)).ShouldBe("invoice-exhausted");

        string other = (await world.DepositAsync(world.B, second, 100)).Sha256;
        string same = Unit.Replace(" ", "").ToLowerInvariant();
        string copy = (await world.DepositAsync(world.B, same, 9_000, kind: "land-right")).Sha256;
        await RefusedWithProofAsync(world.B, Issue(NewRoot(), 50, other, copy), world.A);
        await SendAsync(world.B, Issue(NewRoot(), 100, other));
        JsonObject unknown = Issue(NewRoot(), 1, invoice, new string('d', 64));
        unknown["trade"]![1]!["kind"] = Thing;
        Code(await SendAsync(world.A, unknown, 404)).ShouldBe("trade-document-not-found");
    }

    [Fact]
    public async Task A_rejected_voucher_gives_its_claim_back_for_all()
    {
        string number = PledgeTests.Number(), root = NewRoot();
        string invoice = (await world.DepositAsync(world.A, number, 100)).Sha256;
        await SendAsync(world.A, Issue(root, 100, invoice));
        await SendAsync(world.A, new JsonObject
        {
            ["kind"] = "reject",
            ["commandId"] = $"R{root}",
            ["party"] = "seats",
            ["offer"] = $"I{root}",
            ["in"] = new JsonArray(root),
        }, party: "seats");
        (await LocksAsync(world.A, root)).ShouldBeEmpty();
        IServiceProvider services = world.A.Services.App.Services;
        await services.GetRequiredService<PledgeSaga>().RecoverAsync(services.GetRequiredService<IVoucherRegister>(), default);
        string copy = (await world.DepositAsync(world.B, number, 100)).Sha256;
        await SendAsync(world.B, Issue(NewRoot(), 100, copy));
    }

    [Fact]
    public async Task Without_a_register_nothing_is_issued_unless_the_demand_is_turned_off()
    {
        string invoice = (await world.DepositAsync(world.B, PledgeTests.Number(), 100)).Sha256;
        await world.B.Services.RestartAsync("--Pledges:Required=true");
        try
        {
            Code(await SendAsync(world.B, Issue(NewRoot(), 1, invoice), 503)).ShouldBe("issue-claims-off");
            await world.B.Services.RestartAsync("--Pledges:Required=false");
            await SendAsync(world.B, Issue(NewRoot(), 1, invoice));
        }
        finally
        {
            await world.B.Services.RestartAsync([.. world.Settings()]);
        }
    }

    private static JsonObject Claim(string number, string voucher, long fen, long gross) => new()
    {
        ["kind"] = "invoice",
        ["number"] = number,
        ["voucher"] = voucher,
        ["fen"] = fen,
        ["grossFen"] = gross,
    };

    private static async Task<IReadOnlyList<(string, string)>> LocksAsync(SigningWorld of, string voucher)
    {
        JsonObject list = await GetAsync(await of.Services.AsAsync("carmaker"), $"pledges?voucher={voucher}");
        return [.. list["items"]!.AsArray().SelectMany(i => i!["vouchers"]!.AsArray())
            .Select(v => ((string)v!["voucher"]!, (string)v["state"]!)).Where(v => v.Item1 == voucher)];
    }

    private static string Code(JsonObject problem) => (string)problem["code"]!;

    /// <summary>The answer is a refusal whose proof stands under a sealed block and names the owner.</summary>
    private async Task RefusedWithProofAsync(SigningWorld by, JsonObject issue, SigningWorld owner)
    {
        JsonObject refused = await SendAsync(by, issue, 409);
        (Code(refused), (string)refused["platform"]!).ShouldBe(("pledge-taken", world.Platform(owner).ToString()));
        JsonNode e = refused["evidence"]!;
        ClaimEvidence evidence = new(
            Address.Parse((string)e["registry"]!), Hash32.Parse((string)e["key"]!), (ulong)e["block"]!,
            Hash32.Parse((string)e["blockHash"]!), Hash32.Parse((string)e["stateRoot"]!), Nodes(e["accountProof"]!),
            [Nodes(e["idProof"]!), Nodes(e["claimProof"]!)]);
        evidence.TryRead(out Address platform, out _).ShouldBeTrue();
        platform.ShouldBe(world.Platform(owner));
        BlockHeader header = (await world.Bench.Chain.HeaderAsync(BlockTag.Number(evidence.Block), default))!;
        (header.Hash, header.StateRoot).ShouldBe((evidence.BlockHash, evidence.StateRoot));
        await GetAsync(await by.Services.AsAsync("carmaker"), $"vouchers/{issue["root"]}", 404);
    }

    private static byte[][] Nodes(JsonNode nodes) => [.. nodes.AsArray().Select(n => Hex.Parse((string)n!))];
}
