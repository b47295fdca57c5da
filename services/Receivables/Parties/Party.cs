using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ServiceDefaults;

namespace Receivables.Parties;

/// <summary>What an organisation is among the parties to vouchers.</summary>
[JsonConverter(typeof(KebabEnum<PartyKind>))]
public enum PartyKind
{
    /// <summary>Owes on vouchers and has a credit line of its own (核心企业).</summary>
    CoreEnterprise,

    /// <summary>Member of a core enterprise's group.</summary>
    GroupMember,

    /// <summary>Supplies goods or services, at any tier.</summary>
    Supplier,

    /// <summary>A bank: lines, financing, clearing.</summary>
    Bank,

    /// <summary>A factor (商业保理).</summary>
    Factor,

    /// <summary>Guarantees what another owes.</summary>
    Guarantor,

    /// <summary>An authority or public institution (机关、事业单位).</summary>
    PublicInstitution,

    /// <summary>A court or another authority that may order freezes (人民法院等有权机关).</summary>
    Court,
}

/// <summary>Whether a party may still act.</summary>
[JsonConverter(typeof(KebabEnum<PartyStatus>))]
public enum PartyStatus
{
    /// <summary>Not in the register.</summary>
    Unknown,

    /// <summary>Acts.</summary>
    Active,

    /// <summary>A court has taken the bankruptcy case; the administrator acts with keys of its own.</summary>
    Bankrupt,

    /// <summary>Went into another party, which acts for it.</summary>
    Merged,
}

/// <summary>In what capacity a key signs.</summary>
[JsonConverter(typeof(KebabEnum<SignerRole>))]
public enum SignerRole
{
    /// <summary>Prepares a command (经办).</summary>
    Maker,

    /// <summary>Checks what another person prepared (复核).</summary>
    Checker,

    /// <summary>Checks once more above a limit (二次复核).</summary>
    SecondChecker,

    /// <summary>Decides which keys and rules the party has.</summary>
    Admin,

    /// <summary>Shows that it holds the private key of a key that is being bound.</summary>
    Holder,
}

/// <summary>A public key through which a person signs for a party. RFC 7518 §6.2: P-256, coordinates in base64url.</summary>
/// <param name="KeyId">RFC 7638 thumbprint with SHA-256, base64url.</param>
/// <param name="X">x coordinate.</param>
/// <param name="Y">y coordinate.</param>
/// <param name="Person">Pseudonymous id of the person (Identity's <c>sub</c>).</param>
/// <param name="Roles">In what capacities it may sign.</param>
/// <param name="LimitFen">Highest amount of one command, in fen.</param>
/// <param name="ValidFrom">First day, in Beijing.</param>
/// <param name="ValidUntil">Last day, in Beijing.</param>
public sealed record BoundKey(
    string KeyId, string X, string Y, string Person, IReadOnlyList<SignerRole> Roles, long LimitFen, DateOnly ValidFrom,
    DateOnly ValidUntil);

/// <summary>A key with what became of it.</summary>
public sealed record KeyState(BoundKey Key, string? Revoked);

/// <summary>How many people a party's commands need.</summary>
/// <param name="SecondCheckerAboveFen">Above this amount, in fen, a second checker signs too.</param>
public sealed record ApprovalPolicy(long SecondCheckerAboveFen)
{
    /// <summary>Until a party decides otherwise: a second checker above ten million yuan.</summary>
    public static readonly ApprovalPolicy Default = new(1_000_000_000);
}

/// <summary>Why somebody may bind a party's first key anew.</summary>
[JsonConverter(typeof(KebabEnum<FounderGround>))]
public enum FounderGround
{
    /// <summary>The court appointed an administrator (管理人, 企业破产法 arts. 13, 22).</summary>
    Administrator,

    /// <summary>The last administrator's key was lost; the registry or a court confirms who acts.</summary>
    KeysLost,
}

/// <summary>Facts about a party.</summary>
public abstract record PartyEvent
{
    private PartyEvent()
    {
    }

    /// <summary>The organisation entered the register.</summary>
    /// <param name="Party">Its id: the tenant of Identity.</param>
    /// <param name="Kind">What it is.</param>
    /// <param name="Sme">Whether it is a small or medium enterprise (中小企业划型标准).</param>
    /// <param name="Name">Registered name.</param>
    /// <param name="CreditCode">Unified social credit code (GB 32100), where it has one.</param>
    /// <param name="Group">The core enterprise whose group it is a member of.</param>
    /// <param name="EvidenceSha256">Digest of the registration papers.</param>
    public sealed record Registered(
        string Party, PartyKind Kind, bool Sme, string Name, string? CreditCode, string? Group, string? EvidenceSha256)
        : PartyEvent;

    /// <summary>It has another name.</summary>
    public sealed record Renamed(string Name, DateOnly From, string EvidenceSha256) : PartyEvent;

    /// <summary>It went into another party.</summary>
    public sealed record Merged(string Into, DateOnly From, string EvidenceSha256) : PartyEvent;

    /// <summary>A court took the bankruptcy case.</summary>
    public sealed record WentBankrupt(string Court, string CaseNumber, DateOnly From, string EvidenceSha256) : PartyEvent;

    /// <summary>The party's agent (经办人) handed over to another person.</summary>
    public sealed record AgentHandedOver(string? FromPerson, string ToPerson, DateOnly From, string AuthoritySha256)
        : PartyEvent;

    /// <summary>A key signs for the party from now on.</summary>
    /// <param name="Key">The key.</param>
    /// <param name="Command">The signed command that bound it.</param>
    public sealed record KeyBound(BoundKey Key, string Command) : PartyEvent;

    /// <summary>A key no longer signs.</summary>
    /// <param name="KeyId">The key.</param>
    /// <param name="Reason">Why, for example <c>lost</c>.</param>
    /// <param name="Command">The signed command; none where an administrator stopped a lost key at once.</param>
    public sealed record KeyRevoked(string KeyId, string Reason, string? Command) : PartyEvent;

    /// <summary>The party decided how many people its commands need.</summary>
    public sealed record PolicySet(ApprovalPolicy Policy, string Command) : PartyEvent;

    /// <summary>
    /// The party may issue without a credit line for a time: its jurisdiction or its regulator lets it, and somebody
    /// recorded why.
    /// </summary>
    /// <param name="From">First day, in Beijing.</param>
    /// <param name="Until">Last day.</param>
    /// <param name="Basis">The provision or decision.</param>
    /// <param name="EvidenceSha256">Digest of the paper.</param>
    public sealed record UnlinedAllowed(DateOnly From, DateOnly Until, string Basis, string EvidenceSha256)
        : PartyEvent;

    /// <summary>
    /// Somebody may bind a first key anew, by a document of a court or of the registry. Everybody sees it.
    /// </summary>
    /// <param name="Person">Who (Identity's <c>sub</c>).</param>
    /// <param name="Ground">Why.</param>
    /// <param name="Authority">Which court or registry.</param>
    /// <param name="Reference">Number of its document.</param>
    /// <param name="From">Its day.</param>
    /// <param name="EvidenceSha256">Digest of it.</param>
    public sealed record FounderNamed(
        string Person, FounderGround Ground, string Authority, string Reference, DateOnly From, string EvidenceSha256)
        : PartyEvent;

    /// <summary>The party named the account on the chain by which it confirms that claims to its things move.</summary>
    /// <param name="Account">secp256k1 account, 0x and 40 hex digits.</param>
    public sealed record AccountNamed(string Account) : PartyEvent;
}

/// <summary>A name and since when it is the party's.</summary>
public sealed record PartyName(string Name, DateOnly? From);

/// <summary>A party as its events tell it.</summary>
/// <param name="Id">Its id: the tenant of Identity.</param>
/// <param name="Status">Whether it acts.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Sme">Whether it is a small or medium enterprise.</param>
/// <param name="Names">All names in order, the present one last.</param>
/// <param name="CreditCode">Unified social credit code.</param>
/// <param name="Group">The core enterprise whose group it belongs to.</param>
/// <param name="MergedInto">Who took it over.</param>
/// <param name="Agents">Persons that are its agents now.</param>
/// <param name="Keys">All keys ever bound, by id.</param>
/// <param name="Policy">How many people its commands need.</param>
public sealed record PartyState(
    string Id, PartyStatus Status, PartyKind Kind, bool Sme, ImmutableList<PartyName> Names, string? CreditCode,
    string? Group, string? MergedInto, ImmutableList<string> Agents, ImmutableDictionary<string, KeyState> Keys,
    ApprovalPolicy Policy)
{
    /// <summary>Before the first event.</summary>
    public static readonly PartyState Initial = new(
        "", PartyStatus.Unknown, PartyKind.Supplier, Sme: false, [], null, null, null, [],
        ImmutableDictionary<string, KeyState>.Empty, ApprovalPolicy.Default);

    /// <summary>Account by which it confirms that claims to its things move to another platform; null for none.</summary>
    public string? Account { get; init; }

    /// <summary>Who may bind a first key anew and has not done so; null for nobody.</summary>
    public string? Founder { get; init; }

    /// <summary>Every time that somebody was let bind a first key anew.</summary>
    public ImmutableList<PartyEvent.FounderNamed> Foundings { get; init; } = [];

    /// <summary>Whether a key's holder binds it alone: the party's first, or the first of whoever takes over.</summary>
    public bool IsFirst(BoundKey key) => Keys.IsEmpty || Founder is { } person && person == key.Person;

    /// <summary>The last permission to issue without a credit line; null for none.</summary>
    public PartyEvent.UnlinedAllowed? Unlined { get; init; }

    /// <summary>Whether it may issue without a credit line on a day.</summary>
    public bool MayIssueWithoutLine(DateOnly day) =>
        Status == PartyStatus.Active && Unlined is { } allowed && allowed.From <= day && day <= allowed.Until;

    /// <summary>Registered name.</summary>
    public string Name => Names.Count == 0 ? "" : Names[^1].Name;

    /// <summary>Folds one event.</summary>
    public static PartyState Evolve(PartyState state, PartyEvent e) => e switch
    {
        PartyEvent.Registered r => state with
        {
            Id = r.Party,
            Status = PartyStatus.Active,
            Kind = r.Kind,
            Sme = r.Sme,
            CreditCode = r.CreditCode,
            Group = r.Group,
            Names = [new PartyName(r.Name, null)],
        },
        PartyEvent.Renamed r => state with { Names = state.Names.Add(new PartyName(r.Name, r.From)) },
        PartyEvent.Merged m => Stop(state, "merged") with { Status = PartyStatus.Merged, MergedInto = m.Into },
        PartyEvent.WentBankrupt => Stop(state, "bankrupt") with { Status = PartyStatus.Bankrupt },
        PartyEvent.AgentHandedOver a => state with
        {
            Agents = state.Agents.RemoveAll(p => p == a.FromPerson || p == a.ToPerson).Add(a.ToPerson),
        },
        PartyEvent.FounderNamed f => (f.Ground == FounderGround.Administrator ? Stop(state, "replaced") : state) with
        {
            Founder = f.Person,
            Foundings = state.Foundings.Add(f),
        },
        PartyEvent.KeyBound k => state with
        {
            Keys = state.Keys.SetItem(k.Key.KeyId, new KeyState(k.Key, null)),
            Founder = state.Founder == k.Key.Person ? null : state.Founder,
        },
        PartyEvent.KeyRevoked k => state with
        {
            Keys = state.Keys.SetItem(k.KeyId, state.Keys[k.KeyId] with { Revoked = k.Reason }),
        },
        PartyEvent.PolicySet p => state with { Policy = p.Policy },
        PartyEvent.UnlinedAllowed u => state with { Unlined = u },
        PartyEvent.AccountNamed a => state with { Account = a.Account },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not an event of a party."),
    };

    /// <summary>Whoever could sign before no longer can: the successor or the administrator signs with other keys.</summary>
    private static PartyState Stop(PartyState state, string reason) => state with
    {
        Keys = state.Keys.ToImmutableDictionary(k => k.Key, k => k.Value with { Revoked = k.Value.Revoked ?? reason }),
    };
}
