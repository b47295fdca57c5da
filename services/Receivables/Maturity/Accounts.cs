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

/// <summary>A party wants to be paid to an account; nothing is paid there before a bank has confirmed it.</summary>
/// <param name="Command">The signed command.</param>
/// <param name="Party">Whose.</param>
/// <param name="Bank">The bank's number.</param>
/// <param name="Number">Its number there.</param>
public sealed record AccountSet(string Command, string Party, string Bank, string Number);

/// <summary>An account is a party's own from now on, and nobody else's.</summary>
/// <param name="Party">Whose.</param>
/// <param name="Bank">The bank's number.</param>
/// <param name="Number">Its number there.</param>
/// <param name="ConfirmationSha256">Digest of what the bank confirmed.</param>
public sealed record AccountRegistered(string Party, string Bank, string Number, string ConfirmationSha256);

/// <summary>The account that a party wanted is the one that it is paid to from now on.</summary>
/// <param name="Party">Whose.</param>
/// <param name="Bank">The bank's number.</param>
/// <param name="Number">Its number there.</param>
/// <param name="ConfirmationSha256">Digest of what the bank confirmed.</param>
public sealed record AccountConfirmed(string Party, string Bank, string Number, string ConfirmationSha256);

/// <summary>An account's numbers.</summary>
/// <param name="Bank">The bank's number (联行号).</param>
/// <param name="Number">Its number there.</param>
public sealed record AccountNumber(string Bank, string Number);

/// <summary>Whose an account is.</summary>
/// <param name="Party">Whose it is; null while no bank has confirmed it for anybody.</param>
public sealed record AccountState(string? Party)
{
    /// <summary>Another party has the same account: it would gather money of two (77号 art. 4).</summary>
    public const string Pooled = "account-pooled";

    /// <summary>The operator of the platform wants one of its own (77号 art. 4, 14).</summary>
    public const string Platforms = "account-of-platform";

    /// <summary>Nobody's yet.</summary>
    public static readonly AccountState Initial = new((string?)null);

    /// <summary>Folds the event.</summary>
    public static AccountState Evolve(AccountState state, AccountRegistered e) => state with { Party = e.Party };

    /// <summary>Whether an account may be a party's.</summary>
    /// <param name="state">Whose it is.</param>
    /// <param name="e">Whose it is to be.</param>
    /// <param name="byPlatform">Whether the party runs the platform.</param>
    public static Decision<AccountRegistered> Decide(AccountState state, AccountRegistered e, bool byPlatform) =>
        byPlatform ? new Decision<AccountRegistered>.Refused(Platforms)
        : state.Party is { } party && party != e.Party ? new Decision<AccountRegistered>.Refused(Pooled)
        : new Decision<AccountRegistered>.Accepted(state.Party is null ? [e] : []);
}

/// <summary>The account that a party is paid to, and the one that it wants instead.</summary>
/// <param name="Present">Confirmed by a bank; null before the first.</param>
/// <param name="Wanted">Set by the party, not confirmed yet.</param>
public sealed record PayoutState(AccountNumber? Present, AccountNumber? Wanted)
{
    /// <summary>The party has not signed that it wants this account.</summary>
    public const string NotSet = "account-not-set";

    /// <summary>No account.</summary>
    public static readonly PayoutState Initial = new(null, null);

    /// <summary>Folds the party's wish.</summary>
    public static PayoutState Evolve(PayoutState state, AccountSet e) =>
        new AccountNumber(e.Bank, e.Number) is var wanted && wanted == state.Present
            ? state with { Wanted = null } : state with { Wanted = wanted };

    /// <summary>Folds the confirmation.</summary>
    public static PayoutState Evolve(PayoutState state, AccountConfirmed e) =>
        new(new AccountNumber(e.Bank, e.Number), null);

    /// <summary>
    /// The party sets its account: an event whenever it is another than what it has or wants, so that A, B, A is A.
    /// </summary>
    public static Decision<AccountSet> Set(PayoutState state, AccountSet e) =>
        (state.Wanted ?? state.Present) == new AccountNumber(e.Bank, e.Number)
            ? new Decision<AccountSet>.Accepted([]) : new Decision<AccountSet>.Accepted([e]);

    /// <summary>A bank confirmed what the party wants; what is confirmed already leads to nothing.</summary>
    public static Decision<AccountConfirmed> Confirm(PayoutState state, AccountConfirmed e)
    {
        AccountNumber number = new(e.Bank, e.Number);
        return state.Wanted == number ? new Decision<AccountConfirmed>.Accepted([e])
            : state.Wanted is null && state.Present == number ? new Decision<AccountConfirmed>.Accepted([])
            : new Decision<AccountConfirmed>.Refused(NotSet);
    }
}

/// <summary>What a bank is told to pay: from the debtor's own account straight to the payee's.</summary>
/// <param name="Id">Its name, the same each time it is made.</param>
/// <param name="Start">The leaf.</param>
/// <param name="From">The debtor's account.</param>
/// <param name="To">The payee's, or the court's.</param>
/// <param name="Fen">How much.</param>
public sealed record Instruction(string Id, long Start, OwnAccount From, PayeeAccount To, long Fen);
