using System.Text.Json.Serialization;
using EventStore;

namespace Receivables.Parties;

/// <summary>The stable names of a party's events, and its part of the model.</summary>
internal static class PartyEvents
{
    private const string Registered = "receivables.party-registered.v1";
    private const string Renamed = "receivables.party-renamed.v1";
    private const string Merged = "receivables.party-merged.v1";
    private const string WentBankrupt = "receivables.party-bankrupt.v1";
    private const string AgentHandedOver = "receivables.agent-handed-over.v1";
    private const string KeyBound = "receivables.key-bound.v1";
    private const string KeyRevoked = "receivables.key-revoked.v1";
    private const string PolicySet = "receivables.policy-set.v1";
    private const string FounderNamed = "receivables.founder-named.v1";
    private const string UnlinedAllowed = "receivables.unlined-issue-allowed.v1";
    private const string AccountNamed = "receivables.party-account-named.v1";

    public static string NameOf(PartyEvent e) => e switch
    {
        PartyEvent.Registered => Registered,
        PartyEvent.Renamed => Renamed,
        PartyEvent.Merged => Merged,
        PartyEvent.WentBankrupt => WentBankrupt,
        PartyEvent.AgentHandedOver => AgentHandedOver,
        PartyEvent.KeyBound => KeyBound,
        PartyEvent.KeyRevoked => KeyRevoked,
        PartyEvent.PolicySet => PolicySet,
        PartyEvent.FounderNamed => FounderNamed,
        PartyEvent.UnlinedAllowed => UnlinedAllowed,
        PartyEvent.AccountNamed => AccountNamed,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddParties(this EventModel model) => model
        .Event(Registered, PartyJson.Default.Registered)
        .Event(Renamed, PartyJson.Default.Renamed)
        .Event(Merged, PartyJson.Default.Merged)
        .Event(WentBankrupt, PartyJson.Default.WentBankrupt)
        .Event(AgentHandedOver, PartyJson.Default.AgentHandedOver)
        .Event(KeyBound, PartyJson.Default.KeyBound)
        .Event(KeyRevoked, PartyJson.Default.KeyRevoked)
        .Event(PolicySet, PartyJson.Default.PolicySet)
        .Event(FounderNamed, PartyJson.Default.FounderNamed)
        .Event(UnlinedAllowed, PartyJson.Default.UnlinedAllowed)
        .Event(AccountNamed, PartyJson.Default.AccountNamed)
        .Aggregate(PartyState.Initial, (state, e) => PartyState.Evolve(state, (PartyEvent)e))
        .Inline(new PartyRows())
        .Migrate("receivables-0101-parties", PartyRows.Schema);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PartyEvent.Registered))]
[JsonSerializable(typeof(PartyEvent.Renamed))]
[JsonSerializable(typeof(PartyEvent.Merged))]
[JsonSerializable(typeof(PartyEvent.WentBankrupt))]
[JsonSerializable(typeof(PartyEvent.AgentHandedOver))]
[JsonSerializable(typeof(PartyEvent.KeyBound))]
[JsonSerializable(typeof(PartyEvent.KeyRevoked))]
[JsonSerializable(typeof(PartyEvent.PolicySet))]
[JsonSerializable(typeof(PartyEvent.FounderNamed))]
[JsonSerializable(typeof(PartyEvent.UnlinedAllowed))]
[JsonSerializable(typeof(PartyEvent.AccountNamed))]
internal sealed partial class PartyJson : JsonSerializerContext;
