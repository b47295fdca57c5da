using EventStore.Personal;
using Identity;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Identity;

public class AccountTests
{
    private static readonly PersonalField Sealed = new(new string('0', 64), "AA==");
    private static readonly IdentityEvent Added = new IdentityEvent.UserAdded(Sealed, Sealed, ["member"]);
    private static readonly IdentityEvent Closed = new IdentityEvent.UserClosed("left");
    private static readonly IdentityEvent Registered = new IdentityEvent.ClientRegistered("ERP", ["member"], []);

    public static TheoryData<IdentityEvent> First => [new IdentityEvent.OrganisationRegistered("品牌", null), Added, Registered];

    public static TheoryData<IdentityEvent> Later =>
    [
        new IdentityEvent.UserRolesChanged(["admin"]), new IdentityEvent.UserPasswordChanged(), Closed,
        new IdentityEvent.ClientSecretChanged(), new IdentityEvent.ClientClosed("replaced"),
    ];

    [Theory]
    [MemberData(nameof(First))]
    public void An_account_is_opened_once(IdentityEvent first)
    {
        Decide([], first).ShouldBe([first]);
        Refusal([first], first).ShouldBe(Account.Exists);
    }

    [Theory]
    [MemberData(nameof(Later))]
    public void Only_an_open_account_changes(IdentityEvent change)
    {
        Refusal([], change).ShouldBe(Account.Missing);
        Decide([Added], change).ShouldBe([change]);
        Refusal([Added, Closed], change).ShouldBe(Account.Closed);
    }

    [Fact]
    public void The_same_roles_again_are_no_event()
    {
        Decide([Added], new IdentityEvent.UserRolesChanged(["member"])).ShouldBeEmpty();
        Decide([Added, new IdentityEvent.UserRolesChanged(["admin"])], new IdentityEvent.UserRolesChanged(["member"]))
            .Count.ShouldBe(1);
    }

    [Fact]
    public void A_client_secret_is_kept_as_a_salted_hash()
    {
        string secret = ClientSecret.Create(), kept = ClientSecret.Hash(secret);
        ClientSecret.Matches(kept, secret).ShouldBeTrue();
        ClientSecret.Matches(kept, secret + "0").ShouldBeFalse();
        ClientSecret.Hash(secret).ShouldNotBe(kept);
        new RegisteredClient("c", "t", [], [], null).Accepts("anything").ShouldBeFalse();
        new RegisteredClient("c", "t", [], [], kept).Accepts(null).ShouldBeFalse();
    }

    private static IReadOnlyList<IdentityEvent> Decide(IdentityEvent[] given, IdentityEvent wanted) =>
        Account.Decide(given.Aggregate(AccountState.Initial, AccountState.Evolve), wanted)
            .ShouldBeOfType<Decision<IdentityEvent>.Accepted>().Events;

    private static string Refusal(IdentityEvent[] given, IdentityEvent wanted) =>
        Account.Decide(given.Aggregate(AccountState.Initial, AccountState.Evolve), wanted)
            .ShouldBeOfType<Decision<IdentityEvent>.Refused>().Rule;
}
