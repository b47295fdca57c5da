using Receivables.Parties;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Parties;

public class PartyTests
{
    private static readonly DateOnly Day = new(2026, 11, 22);
    private static readonly string Paper = new('a', 64);

    private static readonly PartyEvent.Registered Registered =
        new("acme", PartyKind.Supplier, Sme: true, "甲有限公司", null, null, null);

    private static readonly BoundKey Admin = new(
        "k1", "x", "y", "an", [SignerRole.Admin], 0, Day, Day.AddYears(1));

    [Fact]
    public void A_party_keeps_its_names()
    {
        PartyState state = Given(Registered, new PartyEvent.Renamed("乙有限公司", Day, Paper));
        state.Name.ShouldBe("乙有限公司");
        state.Names.Select(n => n.Name).ShouldBe(["甲有限公司", "乙有限公司"]);
    }

    [Fact]
    public void Nobody_registers_twice_and_nothing_happens_to_strangers()
    {
        Refusal(Given(Registered), new PartyCommand.Register(Registered)).ShouldBe("party-exists");
        Refusal(PartyState.Initial, new PartyCommand.Rename(new("x", Day, Paper))).ShouldBe("party-not-found");
    }

    [Fact]
    public void Keys_end_with_a_merger_and_with_bankruptcy()
    {
        PartyEvent.KeyBound bound = new(Admin, "C-1");
        Given(Registered, bound, new PartyEvent.Merged("other", Day, Paper)).Keys["k1"].Revoked.ShouldBe("merged");
        PartyState bankrupt = Given(Registered, bound, new PartyEvent.WentBankrupt("court", "no", Day, Paper));
        bankrupt.Keys["k1"].Revoked.ShouldBe("bankrupt");
        Refusal(bankrupt, new PartyCommand.SetPolicy(new ApprovalPolicy(1), "C-2")).ShouldBe("party-inactive");
    }

    [Fact]
    public void An_administrator_whom_the_court_appointed_binds_keys_for_a_bankrupt_party()
    {
        PartyEvent.FounderNamed named =
            new("guan", FounderGround.Administrator, "某市中级人民法院", "(2026)破1号", Day, Paper);
        PartyState party = Given(Registered, new PartyEvent.KeyBound(Admin, "C-1"));
        Refusal(party, new PartyCommand.NameFounder(named)).ShouldBe("party-not-bankrupt");
        PartyState bankrupt = PartyState.Evolve(party, new PartyEvent.WentBankrupt("court", "no", Day, Paper));
        BoundKey own = Admin with { KeyId = "k2", Person = "guan" }, other = Admin with { KeyId = "k3", Person = "li" };
        Refusal(bankrupt, new PartyCommand.BindKey(own, "C-2")).ShouldBe("party-inactive");
        PartyState administered = PartyState.Evolve(bankrupt, named);
        administered.IsFirst(own).ShouldBeTrue();
        administered.IsFirst(other).ShouldBeFalse();
        Party.Decide(administered, new PartyCommand.BindKey(own, "C-2"))
            .ShouldBeOfType<Decision<PartyEvent>.Accepted>();
        PartyState bound = PartyState.Evolve(administered, new PartyEvent.KeyBound(own, "C-2"));
        bound.IsFirst(Admin with { KeyId = "k4", Person = "guan" }).ShouldBeFalse();
        // Another administrator takes the place of this one.
        PartyState.Evolve(bound, named with { Person = "xin" }).Keys["k2"].Revoked.ShouldBe("replaced");
    }

    [Fact]
    public void A_party_without_an_administrators_key_is_founded_anew_in_everybodys_sight()
    {
        PartyEvent.FounderNamed named = new("zhao", FounderGround.KeysLost, "登记机关", "2026-1", Day, Paper);
        PartyState party = Given(Registered, new PartyEvent.KeyBound(Admin, "C-1"));
        Refusal(party, new PartyCommand.NameFounder(named)).ShouldBe("party-has-administrator");
        PartyState lost = PartyState.Evolve(party, new PartyEvent.KeyRevoked("k1", "lost", null));
        Party.Decide(lost, new PartyCommand.NameFounder(named)).ShouldBeOfType<Decision<PartyEvent>.Accepted>();
        PartyState.Evolve(lost, named).Foundings.ShouldBe([named]);
    }

    [Fact]
    public void A_party_merges_into_another_active_one()
    {
        Refusal(Given(Registered), new PartyCommand.Merge(new("acme", Day, Paper), SuccessorActive: true))
            .ShouldBe("party-merges-into-itself");
        Refusal(Given(Registered), new PartyCommand.Merge(new("other", Day, Paper), SuccessorActive: false))
            .ShouldBe("party-successor-not-found");
    }

    [Fact]
    public void Only_an_agent_hands_over()
    {
        PartyState state = Given(Registered, new PartyEvent.AgentHandedOver(null, "li", Day, Paper));
        Refusal(state, new PartyCommand.HandOverAgent(new("wang", "zhao", Day, Paper))).ShouldBe("party-agent-not-found");
        PartyState.Evolve(state, new PartyEvent.AgentHandedOver("li", "zhao", Day, Paper)).Agents.ShouldBe(["zhao"]);
    }

    [Fact]
    public void The_first_key_is_an_administrators_and_no_key_is_bound_twice()
    {
        BoundKey maker = Admin with { KeyId = "k2", Roles = [SignerRole.Maker] };
        Refusal(Given(Registered), new PartyCommand.BindKey(maker, "C-1")).ShouldBe("signer-first-key-admin");
        PartyState state = Given(Registered, new PartyEvent.KeyBound(Admin, "C-1"));
        Refusal(state, new PartyCommand.BindKey(Admin, "C-2")).ShouldBe("signer-key-used");
        Refusal(state, new PartyCommand.RevokeKey("k9", "lost", null)).ShouldBe("signer-key-not-found");
    }

    private static PartyState Given(params PartyEvent[] events) => events.Aggregate(PartyState.Initial, PartyState.Evolve);

    private static string Refusal(PartyState state, PartyCommand command) =>
        Party.Decide(state, command).ShouldBeOfType<Decision<PartyEvent>.Refused>().Rule;
}
