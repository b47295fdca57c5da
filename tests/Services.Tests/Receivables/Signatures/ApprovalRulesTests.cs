using System.Collections.Immutable;
using Receivables.Parties;
using Receivables.Signatures;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Signatures;

public class ApprovalRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);
    private static readonly SignerChain Chain = new("head", Now.AddMinutes(-1), 3);
    private static readonly CommandFacts Trade = new("C-1", 100_000);

    private static readonly PartyState Acme = PartyState.Initial with
    {
        Id = "acme",
        Status = PartyStatus.Active,
        Policy = new ApprovalPolicy(100_000),
        Keys = new[] { Key("m", "mei", SignerRole.Maker), Key("c", "chen", SignerRole.Checker),
            Key("m2", "chen", SignerRole.Maker), Key("s", "su", SignerRole.SecondChecker), Key("a", "an", SignerRole.Admin) }
            .ToImmutableDictionary(k => k.KeyId, k => new KeyState(k, null)),
    };

    [Fact]
    public void A_right_approval_meets_no_rule() => Against(Approval(SignerRole.Maker, "m")).ShouldBeNull();

    [Fact]
    public void A_key_of_another_party_is_refused() =>
        Against(Approval(SignerRole.Maker, "other")).ShouldBe("signer-key-unknown");

    [Fact]
    public void A_revoked_key_is_refused()
    {
        PartyState party = PartyState.Evolve(Acme, new PartyEvent.KeyRevoked("m", "lost", null));
        ApprovalRules.Against(party, Trade, [], Chain, Approval(SignerRole.Maker, "m"), Now).ShouldBe("signer-key-revoked");
    }

    [Theory]
    [InlineData("2026-10-31T15:59:59.999Z", "signer-key-expired")]
    [InlineData("2026-10-31T16:00:00.000Z", null)]
    [InlineData("2026-12-31T15:59:59.999Z", null)]
    [InlineData("2026-12-31T16:00:00.000Z", "signer-key-expired")]
    public void A_key_is_valid_on_its_days_in_Beijing(string at, string? rule)
    {
        SignedPage.TryReadTime(at, out DateTimeOffset now).ShouldBeTrue();
        ApprovalRules.Against(Acme, Trade, [], SignerChain.Initial, new Signing(SignerRole.Maker, "m", null, at), now)
            .ShouldBe(rule);
    }

    [Fact]
    public void A_maker_can_not_sign_as_checker() =>
        Against(Approval(SignerRole.Checker, "m")).ShouldBe("signer-role-missing");

    [Fact]
    public void Maker_and_checker_are_different_people() =>
        ApprovalRules.Against(Acme, Trade, [new Given(SignerRole.Maker, "m2", "chen")], Chain,
            Approval(SignerRole.Checker, "c"), Now).ShouldBe("maker-is-checker");

    [Fact]
    public void An_amount_above_the_limit_of_a_key_is_refused() =>
        ApprovalRules.Against(Acme, Trade with { AmountFen = 1_000_001 }, [], Chain, Approval(SignerRole.Maker, "m"), Now)
            .ShouldBe("signer-limit-exceeded");

    [Fact]
    public void Above_the_limit_of_the_party_a_second_checker_signs()
    {
        ApprovalRules.Needed(Acme, Trade).ShouldBe([SignerRole.Maker, SignerRole.Checker]);
        ApprovalRules.Needed(Acme, Trade with { AmountFen = 100_001 })
            .ShouldBe([SignerRole.Maker, SignerRole.Checker, SignerRole.SecondChecker]);
        Against(Approval(SignerRole.SecondChecker, "s")).ShouldBe("approval-role-not-needed");
    }

    [Fact]
    public void A_capacity_is_filled_once() =>
        ApprovalRules.Against(Acme, Trade, [new Given(SignerRole.Maker, "x", "somebody")], Chain,
            Approval(SignerRole.Maker, "m"), Now).ShouldBe("approval-duplicate");

    [Theory]
    [InlineData(-301, "approval-time-off")]
    [InlineData(-61, "approval-time-backwards")]
    [InlineData(-60, null)]
    [InlineData(300, null)]
    [InlineData(301, "approval-time-off")]
    public void The_time_stated_is_near_the_server_and_never_before_the_last(int seconds, string? rule) =>
        Against(Approval(SignerRole.Maker, "m") with { At = SignedPage.WriteTime(Now.AddSeconds(seconds)) }).ShouldBe(rule);

    [Fact]
    public void An_approval_follows_the_last_one_of_its_key()
    {
        Against(Approval(SignerRole.Maker, "m") with { Previous = "older" }).ShouldBe("approval-head-stale");
        Against(Approval(SignerRole.Maker, "m") with { Previous = null }).ShouldBe("approval-head-stale");
    }

    [Fact]
    public void The_first_key_signs_for_itself_and_every_other_needs_an_administrator()
    {
        CommandFacts bind = new("C-1", 0, ManagesKeys: true, Key("new", "ning", SignerRole.Maker));
        ApprovalRules.Needed(PartyState.Initial, bind).ShouldBe([SignerRole.Holder]);
        ApprovalRules.Needed(Acme, bind).ShouldBe([SignerRole.Holder, SignerRole.Admin]);
        ApprovalRules.Against(Acme, bind, [], SignerChain.Initial,
            new Signing(SignerRole.Holder, "m", null, SignedPage.WriteTime(Now)), Now).ShouldBe("signer-key-unknown");
        ApprovalRules.Needed(Acme, new CommandFacts("C-1", 0, ManagesKeys: true)).ShouldBe([SignerRole.Admin]);
    }

    [Fact]
    public void Nobody_binds_a_key_to_himself()
    {
        CommandFacts bind = new("C-1", 0, ManagesKeys: true, Key("new", "an", SignerRole.Maker));
        ApprovalRules.Against(Acme, bind, [new Given(SignerRole.Holder, "new", "an")], Chain,
            Approval(SignerRole.Admin, "a"), Now).ShouldBe("key-holder-is-admin");
        ApprovalRules.Against(Acme, bind, [new Given(SignerRole.Holder, "new", "ning")], Chain,
            Approval(SignerRole.Admin, "a"), Now).ShouldBeNull();
    }

    private static string? Against(Signing signing) => ApprovalRules.Against(Acme, Trade, [], Chain, signing, Now);

    private static Signing Approval(SignerRole role, string key) => new(role, key, "head", SignedPage.WriteTime(Now));

    private static BoundKey Key(string id, string person, params SignerRole[] roles) => new(
        id, "x", "y", person, roles, 1_000_000, new DateOnly(2026, 11, 1), new DateOnly(2026, 12, 31));
}
