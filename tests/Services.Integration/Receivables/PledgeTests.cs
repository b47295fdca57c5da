using Chain.Client;
using Chain.Core;
using Receivables.Pledges;
using ServiceDefaults.Problems;
using Shouldly;
using Xunit;

namespace Services.Integration.Receivables;

/// <summary>Two platforms with databases and accounts of their own on one real chain, and the key holders.</summary>
public sealed class PledgeTests(PledgeFixture fixture) : IClassFixture<PledgeFixture>
{
    private static int _numbers;

    private PledgeBench Bench => fixture.Bench;

    private TestPlatform A => fixture.A;

    private TestPlatform B => fixture.B;

    [Theory]
    [InlineData(null, "{0}", " {0} ")]
    [InlineData(null, "{0}", "spaced")]
    [InlineData(null, "{0}", "full-width")]
    [InlineData(null, "{0}", "000{0}")]
    [InlineData("044031900111", "{8}", "code in the number")]
    [InlineData("4403190011", "{8}", "without its zeros")]
    public async Task The_other_platform_is_refused_however_the_number_is_written(string? code, string first, string second)
    {
        string digits = Number();
        string number = first == "{8}" ? "00" + digits[^6..] : digits;
        (string? otherCode, string other) = second switch
        {
            "spaced" => (code, string.Join(' ', number.Chunk(4).Select(c => new string(c)))),
            "full-width" => (code, string.Concat(number.Select(c => (char)(c - '0' + '０')))),
            "code in the number" => (null, code + number),
            "without its zeros" => (code, number[2..]),
            _ => (code, second.Replace("{0}", number)),
        };
        PledgeResult claimed = await A.ClaimAsync(number, 100, 100, $"V-{digits}-A", code: code);
        claimed.Claimed.ShouldBeTrue();

        PledgeResult refused = await B.ClaimAsync(other, 100, 100, $"V-{digits}-B", code: otherCode);

        refused.Id.ShouldBe(claimed.Id);
        await RefusedWithProofAsync(refused, A);
        B.Vouchers.ShouldNotContain($"V-{digits}-B");
    }

    [Fact]
    public async Task A_part_of_an_invoice_claims_the_whole_of_it()
    {
        string number = Number();
        (await A.ClaimAsync(number, 1, 1_000_000, $"V-{number}-A")).Claimed.ShouldBeTrue();
        await RefusedWithProofAsync(await B.ClaimAsync(number, 999_999, 1_000_000, $"V-{number}-B"), A);
    }

    [Fact]
    public async Task Vouchers_never_use_more_than_gross_less_credit_notes()
    {
        string number = Number();
        PledgeResult first = await A.ClaimAsync(number, 600, 1_000, $"V-{number}-1");
        (await A.ClaimAsync(number, 300, 1_000, $"V-{number}-2")).Claimed.ShouldBeTrue();
        (await RuleAsync(() => A.ClaimAsync(number, 101, 1_000, $"V-{number}-3"))).ShouldBe("pledge-amount-exceeded");
        (await RuleAsync(() => A.ClaimAsync(number, 50, 2_000, $"V-{number}-3"))).ShouldBe("pledge-gross-differs");
        (await RuleAsync(() => A.ClaimAsync(number, 50, 1_000, $"V-{number}-3", tenant: "stranger")))
            .ShouldBe("pledge-other-organisation");
        (await A.Saga.CreditAsync(first.Id, "红字1", 60, default)).LeftFen.ShouldBe(40);
        (await A.Saga.CreditAsync(first.Id, "红字1", 60, default)).LeftFen.ShouldBe(40, "counted once");
        (await RuleAsync(() => A.ClaimAsync(number, 41, 1_000, $"V-{number}-3"))).ShouldBe("pledge-amount-exceeded");
        (await A.ClaimAsync(number, 40, 1_000, $"V-{number}-3")).Claimed.ShouldBeTrue();
        (await A.Saga.CreditAsync(first.Id, "红字2", 10, default)).LeftFen.ShouldBe(-10, "recorded, with an alarm");
        (await A.ClaimAsync(number, 40, 1_000, $"V-{number}-3")).Claimed.ShouldBeTrue("the same once more");
    }

    [Fact]
    public async Task Before_the_reveal_nobody_learns_or_copies_anything()
    {
        string number = Number();
        A.CrashAt(1, delivered: false);
        await Should.ThrowAsync<CrashException>(() => A.ClaimAsync(number, 10, 10, $"V-{number}-A"));

        // The commitment is on the chain, the reveal is not: the other platform's own claim is as good.
        (await B.ClaimAsync(number, 10, 10, $"V-{number}-B")).Claimed.ShouldBeTrue();

        await A.RestartAsync();
        Hash32 id = (await B.Registry.FindAsync(await KeyAsync(number), default))!.Id;
        PledgeState state = await A.Saga.StateAsync(id, default);
        state.Stage.ShouldBe(PledgeStage.Free);
        state.Refusal!.Platform.ShouldBe(B.Address.ToString());
        await RefusedWithProofAsync(await A.ClaimAsync(number, 10, 10, $"V-{number}-A"), B);
    }

    public static TheoryData<int, bool> CrashPoints
    {
        get
        {
            TheoryData<int, bool> points = [];
            for (int transaction = 0; transaction < 3; transaction++)
            {
                points.Add(transaction, true);
                points.Add(transaction, false);
            }
            return points;
        }
    }

    [Theory]
    [MemberData(nameof(CrashPoints))]
    public async Task After_a_crash_at_any_message_the_claim_is_neither_lost_nor_eternal(int transaction, bool delivered)
    {
        string number = Number();
        string voucher = $"V-{number}";
        A.CrashAt(transaction, delivered);
        await Should.ThrowAsync<CrashException>(() => A.ClaimAsync(number, 10, 10, voucher));

        await A.RestartAsync();

        Hash32 key = await KeyAsync(number);
        ChainClaim claim = (await B.Registry.FindAsync(key, default))!;
        (claim.Platform, claim.Vouchers).ShouldBe((A.Address, 1u), "not lost: the claim is ours and its voucher bound, once");
        (await A.Saga.StateAsync(claim.Id, default)).Locks[voucher].ShouldSatisfyAllConditions(
            l => l.Bound.ShouldBeTrue(), l => l.Issued.ShouldBeFalse());
        await RefusedWithProofAsync(await B.ClaimAsync(number, 10, 10, voucher + "B"), A);

        // The voucher is never issued: an hour later the amount and the claim are given back.
        await A.RestartAsync(new LaterTime(TimeSpan.FromHours(2)));
        await A.RestartAsync();
        (await B.Registry.FindAsync(key, default)).ShouldBeNull("not eternal");
        (await B.ClaimAsync(number, 10, 10, voucher + "B")).Claimed.ShouldBeTrue();
    }

    [Fact]
    public async Task Many_things_are_claimed_side_by_side_each_voucher_bound_once()
    {
        string[] numbers = [.. Enumerable.Range(0, 40).Select(_ => Number())];
        PledgeResult[] claimed = await Task.WhenAll(numbers.Select(n => A.ClaimAsync(n, 10, 10, $"V-{n}")));
        claimed.ShouldAllBe(c => c.Claimed);
        foreach (PledgeResult claim in claimed)
            (await B.Registry.FindAsync(claim.Id, default))!.Vouchers.ShouldBe(1u);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(7, false)]
    [InlineData(7, true)]
    [InlineData(20, false)]
    public async Task After_a_crash_with_many_in_flight_each_is_claimed_and_bound_once(int transaction, bool delivered)
    {
        string[] numbers = [.. Enumerable.Range(0, 10).Select(_ => Number())];
        A.CrashAt(transaction, delivered);
        Task<PledgeResult>[] claims = [.. numbers.Select(n => A.Saga.ClaimAsync(
            TestPlatform.Invoice(n), new PledgeRequest("maker", $"V-{n}", 10, 10), default))];
        await Should.ThrowAsync<CrashException>(() => Task.WhenAll(claims).WaitAsync(TimeSpan.FromSeconds(30)));

        await A.RestartAsync();

        foreach (string number in numbers)
        {
            PledgeResult again = await A.ClaimAsync(number, 10, 10, $"V-{number}");
            again.Claimed.ShouldBeTrue();
            (await B.Registry.FindAsync(again.Id, default))!.Vouchers.ShouldBe(1u, "bound once");
        }
    }

    [Fact]
    public async Task A_crash_after_the_issue_keeps_the_claim_for_good()
    {
        string number = Number();
        PledgeResult claimed = await A.Saga.ClaimAsync(
            TestPlatform.Invoice(number), new PledgeRequest("maker", $"V-{number}", 10, 10), default);
        claimed.Claimed.ShouldBeTrue();
        A.Vouchers.Add($"V-{number}"); // Issued; the saga does not hear of it.
        await A.RestartAsync(new LaterTime(TimeSpan.FromHours(2)));
        (await A.Saga.StateAsync(claimed.Id, default)).Locks[$"V-{number}"].Issued.ShouldBeTrue();
        await A.RestartAsync();
        await RefusedWithProofAsync(await B.ClaimAsync(number, 10, 10, $"V-{number}-B"), A);
    }

    [Fact]
    public async Task A_restarted_platform_remembers_what_it_used()
    {
        string number = Number();
        (await A.ClaimAsync(number, 70, 100, $"V-{number}-1")).Claimed.ShouldBeTrue();
        await A.RestartAsync();
        (await RuleAsync(() => A.ClaimAsync(number, 31, 100, $"V-{number}-2"))).ShouldBe("pledge-amount-exceeded");
        await RefusedWithProofAsync(await B.ClaimAsync(number, 30, 100, $"V-{number}-B"), A);
    }

    [Fact]
    public async Task A_voided_vouchers_claim_is_free_for_all()
    {
        string number = Number();
        PledgeResult claimed = await A.ClaimAsync(number, 10, 10, $"V-{number}");
        await A.Saga.UnlockAsync(claimed.Id, $"V-{number}", default);
        (await B.Registry.FindAsync(claimed.Id, default)).ShouldBeNull();
        (await B.ClaimAsync(number, 10, 10, $"V-{number}-B")).Claimed.ShouldBeTrue();
        await RefusedWithProofAsync(await A.ClaimAsync(number, 10, 10, $"V-{number}-2"), B);
    }

    [Fact]
    public async Task What_the_ledger_voided_is_given_back_by_recovery()
    {
        string number = Number();
        PledgeResult claimed = await A.ClaimAsync(number, 10, 10, $"V-{number}");
        A.Voided.Add($"V-{number}");
        await A.RestartAsync();
        (await B.Registry.FindAsync(claimed.Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task The_unused_rest_moves_with_the_suppliers_signature_and_only_the_rest()
    {
        string number = Number();
        byte[] supplier = PledgeBench.NewAccount();
        PledgeResult claimed = await A.ClaimAsync(
            number, 60, 100, $"V-{number}", Secp256k1.AddressOf(supplier).ToString());
        (string statement, Hash32 digest) = await A.Saga.PrepareMoveAsync(claimed.Id, B.Address, default);

        (await A.Saga.MoveAsync(claimed.Id, B.Address, statement, Sign(digest, PledgeBench.NewAccount()), default))
            .ShouldBeFalse("another's signature");
        (await RuleAsync(() => B.Saga.ReceiveAsync(TestPlatform.Invoice(number), "maker", statement, default)))
            .ShouldBe("pledge-not-received");
        (await A.Saga.MoveAsync(claimed.Id, B.Address, statement, Sign(digest, supplier), default)).ShouldBeTrue();

        (await RuleAsync(() => B.Saga.ReceiveAsync(
            TestPlatform.Invoice(number), "maker", statement.Replace("60", "10"), default))).ShouldBe("pledge-not-received");
        Hash32 received = await B.Saga.ReceiveAsync(TestPlatform.Invoice(number), "maker", statement, default);
        received.ShouldBe(claimed.Id);
        (await RuleAsync(() => B.ClaimAsync(number, 41, 100, $"V-{number}-B"))).ShouldBe("pledge-amount-exceeded");
        (await B.ClaimAsync(number, 40, 100, $"V-{number}-B")).Claimed.ShouldBeTrue();
        await RefusedWithProofAsync(await A.ClaimAsync(number, 40, 100, $"V-{number}-2"), B);
    }

    private static byte[] Sign(Hash32 digest, byte[] key)
    {
        byte[] signature = Secp256k1.Sign(digest, key).ToArray();
        signature[64] += 27; // ecrecover's v.
        return signature;
    }

    private async Task RefusedWithProofAsync(PledgeResult result, TestPlatform owner)
    {
        result.Claimed.ShouldBeFalse();
        result.Refusal!.Platform.ShouldBe(owner.Address.ToString());
        ClaimEvidence evidence = result.Evidence.ShouldNotBeNull();
        evidence.TryRead(out Address platform, out ulong claimedAt).ShouldBeTrue();
        platform.ShouldBe(owner.Address);
        ((long)claimedAt).ShouldBe(result.Refusal.ClaimedAt);
        // The proof stands under a block that a quorum sealed.
        BlockHeader header = (await Bench.Chain.HeaderAsync(BlockTag.Number(evidence.Block), default))!;
        (header.Hash, header.StateRoot).ShouldBe((evidence.BlockHash, evidence.StateRoot));
        (evidence with { Key = Keccak256.Hash(evidence.Key.Bytes) }).TryRead(out _, out _).ShouldBeFalse();
    }

    private async Task<Hash32> KeyAsync(string number)
    {
        KeyEpoch epoch = (await A.Registry.EpochsAsync(default))[0];
        using HttpClient http = new();
        KeyHolders holders = new(http, Bench.Holders, fixture.Asker, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<KeyHolders>.Instance);
        return (await holders.EvaluateAsync(TestPlatform.Invoice(number), epoch.Number, epoch.Key, default)).Key;
    }

    private static async Task<string> RuleAsync(Func<Task> work) =>
        (await Should.ThrowAsync<ProblemException>(work)).Problem.Code;

    internal static string Number() => $"2431200000{Interlocked.Increment(ref _numbers):0000000000}";

    private sealed class LaterTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}

/// <summary>One chain, three holders and two platforms for a class of tests.</summary>
public sealed class PledgeFixture : IAsyncLifetime
{
    public PledgeBench Bench { get; private set; } = null!;

    public TestPlatform A { get; private set; } = null!;

    public TestPlatform B { get; private set; } = null!;

    /// <summary>An account that holders know, to compute keys in tests.</summary>
    public byte[] Asker { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Bench = await PledgeBench.StartOnOwnChainAsync();
        Asker = await Bench.AddAskerAsync();
        A = await Bench.AddPlatformAsync();
        B = await Bench.AddPlatformAsync();
        await A.RestartAsync(); // The holders' addresses have changed.
    }

    public async Task DisposeAsync() => await Bench.DisposeAsync();
}
