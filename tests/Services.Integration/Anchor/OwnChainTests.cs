using System.Diagnostics;
using System.Security.Cryptography;
using Chain.Client;
using Chain.Core;
using Proofs;
using Shouldly;
using TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Services.Integration.Anchor;

/// <summary>The whole way over our own chain: what is anchored there is proven offline.</summary>
public sealed class OwnChainTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_bundle_verifies_offline(int validators)
    {
        await using var network = await ChainNetwork.StartAsync(validators, "evidence:1001", "apps.example", AnchorBench.Sender);
        await using var bench = await AnchorBench.StartOnOwnChainAsync(network);
        await bench.AnchorAsync(1);
        await bench.AnchorAsync(300);
        foreach (var position in new long[] { 1, 2, 301 })
            (await VerifyAsync(bench, position)).Verdict.ShouldBe(Verdict.Proven);
        var times = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var watch = Stopwatch.StartNew();
            await bench.Anchor.Intake.TakeAsync(bench.Feed.Record(1), default);
            await bench.ProveAsync(bench.Feed.Head);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        times.Sort();
        output.WriteLine($"{validators} validators, from message to proof: p50 {times[10]:N0} ms, worst {times[^1]:N0} ms");
        var result = await VerifyAsync(bench, bench.Feed.Head);
        result.Verdict.ShouldBe(Verdict.Proven);
        result.Block!.Seals.ShouldBeGreaterThanOrEqualTo(result.Block.Quorum);
    }

    [Fact]
    public async Task Sealing_goes_on_with_one_validator_of_four_dead()
    {
        await using var network = await ChainNetwork.StartAsync(4, "evidence:1001", "apps.example", AnchorBench.Sender);
        await using var bench = await AnchorBench.StartOnOwnChainAsync(network);
        await bench.AnchorAsync(10);
        await network.KillAsync(0);
        for (var i = 0; i < 5; i++)
            await bench.AnchorAsync(10);
        var result = await VerifyAsync(bench, 60);
        result.Verdict.ShouldBe(Verdict.Proven);
        result.Block!.Seals.ShouldBe(3);
    }

    [Fact]
    public async Task The_trust_file_follows_the_validators_that_governance_adopts()
    {
        await using var network = await ChainNetwork.StartAsync(4, "evidence:1001", "apps.example", AnchorBench.Sender);
        await using var bench = await AnchorBench.StartOnOwnChainAsync(network);
        await bench.AnchorAsync(10);
        var before = bench.Anchor.TrustFile();
        await bench.Anchor.RefreshTrustAsync(default);
        bench.Anchor.TrustFile().ShouldBe(before);
        await AddValidatorAsync(bench, network, Address.Parse("00000000000000000000000000000000000000aa"));
        await bench.AnchorAsync(10);
        await bench.Anchor.RefreshTrustAsync(default);
        var trust = TrustFile.Parse(bench.Anchor.TrustFile()).ShouldNotBeNull();
        trust.Validators.Count.ShouldBe(2);
        trust.Validators[1].Addresses.Count.ShouldBe(5);
        (await VerifyAsync(bench, 5)).Verdict.ShouldBe(Verdict.Proven);
        var later = await VerifyAsync(bench, 15);
        later.Verdict.ShouldBe(Verdict.Proven);
        later.Block!.Quorum.ShouldBe(4);
        await bench.StopAsync();
        await bench.RunAsync();
        bench.Anchor.TrustFile().ShouldBe(trust.ToBytes());
    }

    // A majority of the members: three of four.
    private static async Task AddValidatorAsync(AnchorBench bench, ChainNetwork network, Address validator)
    {
        var governance = Address.Parse("0000000000000000000000000000000000001000");
        for (var member = 0; member < 3; member++)
        {
            var signer = new TransactionSigner(1001, network.ValidatorKey(member, "evidence"));
            var call = member == 0
                ? AbiFunction.Parse("propose(uint8,address,bytes32)").Encode((UInt256)0, validator, Hash32.Zero)
                : AbiFunction.Parse("approve(uint256)").Encode((UInt256)0);
            var sent = signer.Sign(new TransactionRequest { To = governance, Data = call, GasLimit = 1_000_000 }, 0);
            await bench.Chain.SendRawAsync(sent.Raw, default);
            await Eventually.TrueAsync(async () => await bench.Chain.ReceiptAsync(sent.Hash, default) is { Succeeded: true },
                "the member's transaction is in a block");
        }
    }

    private static async Task<VerificationResult> VerifyAsync(AnchorBench bench, long position)
    {
        var (log, chain) = Bundle.ParseParts(await bench.ProveAsync(position))!.Value;
        var digest = SHA256.HashData(bench.Feed.EventAt(position).ToByteArray());
        return Verifier.Verify(Bundle.WithDigest(new(digest), log, chain).ToBytes(), bench.Anchor.TrustFile());
    }
}
