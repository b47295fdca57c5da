using System.Text.Json.Serialization;
using ServiceDefaults;

namespace Receivables.Maturity;

/// <summary>An account that money can go to: a party's own, or a court's. There is no other kind.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(OwnAccount), "own")]
[JsonDerivedType(typeof(CourtAccount), "court")]
public abstract record PayeeAccount
{
    private protected PayeeAccount()
    {
    }
}

/// <summary>A party's own settlement account.</summary>
/// <param name="Party">Whose it is.</param>
/// <param name="Bank">The bank's number (联行号).</param>
/// <param name="Number">Its number there.</param>
public sealed record OwnAccount(string Party, string Bank, string Number) : PayeeAccount;

/// <summary>The account that a court named when it froze a claim.</summary>
/// <param name="Account">As the order has it.</param>
public sealed record CourtAccount(string Account) : PayeeAccount;

/// <summary>A party's account was registered, with the bank's confirmation that it is its own.</summary>
/// <param name="Party">Whose.</param>
/// <param name="Bank">The bank's number.</param>
/// <param name="Number">Its number there.</param>
/// <param name="ConfirmationSha256">Digest of what the bank confirmed.</param>
public sealed record AccountRegistered(string Party, string Bank, string Number, string ConfirmationSha256);

/// <summary>What is known of an account.</summary>
/// <param name="Party">Whose it is; null while nobody registered it.</param>
public sealed record AccountState(string? Party)
{
    /// <summary>Another party has the same account: it would gather money of two (77号 art. 4).</summary>
    public const string Pooled = "account-pooled";

    /// <summary>The operator of the platform wants to register one (77号 art. 4, 14).</summary>
    public const string Platforms = "account-of-platform";

    /// <summary>Nobody registered it.</summary>
    public static readonly AccountState Initial = new((string?)null);

    /// <summary>Folds the event.</summary>
    public static AccountState Evolve(AccountState state, AccountRegistered e) => state with { Party = e.Party };

    /// <summary>Whether a party may register an account.</summary>
    /// <param name="state">What is known of it.</param>
    /// <param name="e">The registration.</param>
    /// <param name="byPlatform">Whether the party runs the platform.</param>
    public static Decision<AccountRegistered> Decide(AccountState state, AccountRegistered e, bool byPlatform) =>
        byPlatform ? new Decision<AccountRegistered>.Refused(Platforms)
        : state.Party is { } party && party != e.Party ? new Decision<AccountRegistered>.Refused(Pooled)
        : new Decision<AccountRegistered>.Accepted(state.Party is null ? [e] : []);
}

/// <summary>What a bank is told to pay: from the debtor's own account straight to the payee's.</summary>
/// <param name="Id">Its name, the same each time it is made.</param>
/// <param name="Start">The leaf.</param>
/// <param name="From">The debtor's account.</param>
/// <param name="To">The payee's, or the court's.</param>
/// <param name="Fen">How much.</param>
public sealed record Instruction(string Id, long Start, OwnAccount From, PayeeAccount To, long Fen);
