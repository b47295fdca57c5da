using Receivables.Parties;

namespace Receivables.Signatures;

/// <summary>What the rules of approval need to know of a command.</summary>
/// <param name="CommandId">The command.</param>
/// <param name="AmountFen">What it moves, in fen; 0 where it moves nothing.</param>
/// <param name="ManagesKeys">Whether it decides about the party's keys and rules, which administrators sign.</param>
/// <param name="NewKey">The key that it binds.</param>
public sealed record CommandFacts(string CommandId, long AmountFen, bool ManagesKeys = false, BoundKey? NewKey = null);

/// <summary>An approval that was given before, and by whom.</summary>
public sealed record Given(SignerRole Role, string KeyId, string Person);

/// <summary>Who must sign what; pure.</summary>
public static class ApprovalRules
{
    /// <summary>How far a stated time may be from the server's.</summary>
    public static readonly TimeSpan TimeTolerance = TimeSpan.FromMinutes(5);

    /// <summary>The key is not one of the party's.</summary>
    public const string KeyUnknown = "signer-key-unknown";

    /// <summary>The key is not valid today.</summary>
    public const string KeyExpired = "signer-key-expired";

    /// <summary>The key may not sign in this capacity.</summary>
    public const string RoleMissing = "signer-role-missing";

    /// <summary>The amount is above the key's limit.</summary>
    public const string LimitExceeded = "signer-limit-exceeded";

    /// <summary>The stated time is too far from the server's.</summary>
    public const string TimeOff = "approval-time-off";

    /// <summary>The stated time is before the key's last signature.</summary>
    public const string TimeBackwards = "approval-time-backwards";

    /// <summary>The approval does not follow the key's last one.</summary>
    public const string HeadStale = "approval-head-stale";

    /// <summary>Somebody has signed in this capacity.</summary>
    public const string Duplicate = "approval-duplicate";

    /// <summary>The command needs no signature in this capacity.</summary>
    public const string RoleNotNeeded = "approval-role-not-needed";

    /// <summary>One person can't sign twice.</summary>
    public const string SamePerson = "maker-is-checker";

    /// <summary>Whoever binds a key for somebody is another person.</summary>
    public const string HolderIsAdmin = "key-holder-is-admin";

    /// <summary>About keys everybody signs in as the person that its own key was bound to.</summary>
    public const string OtherPerson = "approval-of-another-person";

    /// <summary>Signatures are missing.</summary>
    public const string Missing = "approvals-missing";

    /// <summary>The capacities in which a command needs signatures.</summary>
    public static IReadOnlyList<SignerRole> Needed(PartyState party, CommandFacts facts)
    {
        if (facts.ManagesKeys)
        {
            return facts.NewKey is null ? [SignerRole.Admin]
                : party.IsFirst(facts.NewKey) ? [SignerRole.Holder]
                : [SignerRole.Holder, SignerRole.Admin];
        }
        return facts.AmountFen > party.Policy.SecondCheckerAboveFen
            ? [SignerRole.Maker, SignerRole.Checker, SignerRole.SecondChecker]
            : [SignerRole.Maker, SignerRole.Checker];
    }

    /// <summary>The key that an approval is made with: one of the party's, or the one that is being bound.</summary>
    public static BoundKey? KeyOf(PartyState party, CommandFacts facts, SignerRole role, string keyId) =>
        role == SignerRole.Holder
            ? facts.NewKey is { } key && key.KeyId == keyId ? key : null
            : party.Keys.TryGetValue(keyId, out KeyState? bound) ? bound.Key : null;

    /// <summary>The rule that stands against one more approval; null where none does.</summary>
    /// <param name="party">The acting party.</param>
    /// <param name="facts">The command.</param>
    /// <param name="given">Approvals given before.</param>
    /// <param name="chain">What the key signed so far.</param>
    /// <param name="signing">The approval.</param>
    /// <param name="now">The server's time.</param>
    public static string? Against(
        PartyState party, CommandFacts facts, IReadOnlyList<Given> given, SignerChain chain, Signing signing,
        DateTimeOffset now)
    {
        if (KeyOf(party, facts, signing.Role, signing.KeyId) is not { } key)
            return KeyUnknown;
        return AgainstKey(party, facts, key, signing, now)
            ?? AgainstRole(party, facts, given, key, signing)
            ?? AgainstChain(chain, signing, now);
    }

    private static string? AgainstKey(
        PartyState party, CommandFacts facts, BoundKey key, Signing signing, DateTimeOffset now)
    {
        if (signing.Role == SignerRole.Holder)
            return null;
        if (party.Keys[key.KeyId].Revoked is not null)
            return Party.KeyRevoked;
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime.AddHours(8));
        if (today < key.ValidFrom || today > key.ValidUntil)
            return KeyExpired;
        if (!key.Roles.Contains(signing.Role))
            return RoleMissing;
        return facts.AmountFen > key.LimitFen ? LimitExceeded : null;
    }

    private static string? AgainstRole(
        PartyState party, CommandFacts facts, IReadOnlyList<Given> given, BoundKey key, Signing signing)
    {
        if (!Needed(party, facts).Contains(signing.Role))
            return RoleNotNeeded;
        if (given.Any(g => g.Role == signing.Role))
            return Duplicate;
        return !given.Any(g => g.Person == key.Person || g.KeyId == key.KeyId) ? null
            : facts.ManagesKeys ? HolderIsAdmin : SamePerson;
    }

    private static string? AgainstChain(SignerChain chain, Signing signing, DateTimeOffset now)
    {
        if (!SignedPage.TryReadTime(signing.At, out DateTimeOffset at) || (at - now).Duration() > TimeTolerance)
            return TimeOff;
        if (at < chain.At)
            return TimeBackwards;
        return signing.Previous != chain.Head ? HeadStale : null;
    }
}
