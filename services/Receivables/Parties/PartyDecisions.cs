using ServiceDefaults;

namespace Receivables.Parties;

/// <summary>What may be asked of the register.</summary>
public abstract record PartyCommand
{
    private PartyCommand()
    {
    }

    /// <summary>Enter an organisation.</summary>
    public sealed record Register(PartyEvent.Registered Data) : PartyCommand;

    /// <summary>Record another name.</summary>
    public sealed record Rename(PartyEvent.Renamed Data) : PartyCommand;

    /// <summary>Record that it went into another party.</summary>
    public sealed record Merge(PartyEvent.Merged Data, bool SuccessorActive) : PartyCommand;

    /// <summary>Record that a court took the bankruptcy case.</summary>
    public sealed record Bankrupt(PartyEvent.WentBankrupt Data) : PartyCommand;

    /// <summary>Record that the agent changed.</summary>
    public sealed record HandOverAgent(PartyEvent.AgentHandedOver Data) : PartyCommand;

    /// <summary>Bind a key.</summary>
    public sealed record BindKey(BoundKey Key, string Command) : PartyCommand;

    /// <summary>Stop a key; without a signed command this is the stop of a lost key.</summary>
    public sealed record RevokeKey(string KeyId, string Reason, string? Command) : PartyCommand;

    /// <summary>Let somebody bind a first key anew.</summary>
    public sealed record NameFounder(PartyEvent.FounderNamed Data) : PartyCommand;

    /// <summary>Let it issue without a credit line for a time.</summary>
    public sealed record AllowUnlined(PartyEvent.UnlinedAllowed Data) : PartyCommand;

    /// <summary>Name the account that confirms transfers of claims.</summary>
    public sealed record NameAccount(string Account) : PartyCommand;

    /// <summary>Decide how many people are needed.</summary>
    public sealed record SetPolicy(ApprovalPolicy Policy, string Command) : PartyCommand;
}

/// <summary>Decides about parties; pure.</summary>
public static class Party
{
    /// <summary>There is no such party.</summary>
    public const string Missing = "party-not-found";

    /// <summary>The party is in the register already.</summary>
    public const string Exists = "party-exists";

    /// <summary>The party went into another or is bankrupt.</summary>
    public const string Inactive = "party-inactive";

    /// <summary>A party can't go into itself.</summary>
    public const string MergesIntoItself = "party-merges-into-itself";

    /// <summary>Who takes over is not an active party.</summary>
    public const string SuccessorMissing = "party-successor-not-found";

    /// <summary>The person who hands over is no agent of the party.</summary>
    public const string NotAgent = "party-agent-not-found";

    /// <summary>The key was bound before.</summary>
    public const string KeyUsed = "signer-key-used";

    /// <summary>The party has no such key.</summary>
    public const string KeyMissing = "signer-key-not-found";

    /// <summary>The key is revoked.</summary>
    public const string KeyRevoked = "signer-key-revoked";

    /// <summary>A party's first key must be an administrator's.</summary>
    public const string FirstKeyAdmin = "signer-first-key-admin";

    /// <summary>An administrator's key is in force: it binds others.</summary>
    public const string HasAdministrator = "party-has-administrator";

    /// <summary>An administrator is appointed where a court took the bankruptcy case.</summary>
    public const string NotBankrupt = "party-not-bankrupt";

    /// <summary>The stream of a party.</summary>
    public static string Stream(string party) => $"party/{party}";

    /// <summary>What a command comes to.</summary>
    public static Decision<PartyEvent> Decide(PartyState state, PartyCommand command) => (state.Status, command) switch
    {
        (PartyStatus.Unknown, PartyCommand.Register c) => Accept(c.Data),
        (PartyStatus.Unknown, _) => Refuse(Missing),
        (_, PartyCommand.Register) => Refuse(Exists),
        (_, PartyCommand.RevokeKey c) => Revoke(state, c),
        (PartyStatus.Merged, _) => Refuse(Inactive),
        (_, PartyCommand.Rename c) => Accept(c.Data),
        (_, PartyCommand.Merge c) when c.Data.Into == state.Id => Refuse(MergesIntoItself),
        (_, PartyCommand.Merge { SuccessorActive: false }) => Refuse(SuccessorMissing),
        (_, PartyCommand.Merge c) => Accept(c.Data),
        (_, PartyCommand.NameFounder c) => Found(state, c.Data),
        (PartyStatus.Bankrupt, PartyCommand.BindKey or PartyCommand.SetPolicy) when state.Foundings.IsEmpty =>
            Refuse(Inactive),
        (PartyStatus.Bankrupt, not (PartyCommand.BindKey or PartyCommand.SetPolicy)) => Refuse(Inactive),
        (_, PartyCommand.Bankrupt c) => Accept(c.Data),
        (_, PartyCommand.HandOverAgent { Data.FromPerson: { } from }) when !state.Agents.Contains(from) => Refuse(NotAgent),
        (_, PartyCommand.HandOverAgent c) => Accept(c.Data),
        (_, PartyCommand.AllowUnlined c) => Accept(c.Data),
        (_, PartyCommand.BindKey c) when state.Keys.ContainsKey(c.Key.KeyId) => Refuse(KeyUsed),
        (_, PartyCommand.BindKey c) when state.IsFirst(c.Key) && !c.Key.Roles.Contains(SignerRole.Admin) =>
            Refuse(FirstKeyAdmin),
        (_, PartyCommand.BindKey c) => Accept(new PartyEvent.KeyBound(c.Key, c.Command)),
        (_, PartyCommand.NameAccount c) when state.Account == c.Account => Accept(),
        (_, PartyCommand.NameAccount c) => Accept(new PartyEvent.AccountNamed(c.Account)),
        (_, PartyCommand.SetPolicy c) => Accept(new PartyEvent.PolicySet(c.Policy, c.Command)),
        _ => throw new InvalidOperationException($"{command.GetType().Name} is not a command of a party."),
    };

    private static Decision<PartyEvent> Found(PartyState state, PartyEvent.FounderNamed founder)
    {
        bool bankrupt = state.Status == PartyStatus.Bankrupt;
        if (founder.Ground == FounderGround.Administrator)
            return bankrupt ? Accept(founder) : Refuse(NotBankrupt);
        bool administered = state.Keys.IsEmpty
            || state.Keys.Values.Any(k => k.Revoked is null && k.Key.Roles.Contains(SignerRole.Admin));
        return bankrupt ? Refuse(Inactive) : administered ? Refuse(HasAdministrator) : Accept(founder);
    }

    private static Decision<PartyEvent> Revoke(PartyState state, PartyCommand.RevokeKey c) =>
        !state.Keys.TryGetValue(c.KeyId, out KeyState? key) ? Refuse(KeyMissing)
        : key.Revoked is not null ? Refuse(KeyRevoked)
        : Accept(new PartyEvent.KeyRevoked(c.KeyId, c.Reason, c.Command));

    private static Decision<PartyEvent> Accept(params PartyEvent[] events) => events;

    private static Decision<PartyEvent> Refuse(string rule) => new Decision<PartyEvent>.Refused(rule);
}
