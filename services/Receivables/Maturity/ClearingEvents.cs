using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;
using Receivables.Rules;

namespace Receivables.Maturity;

/// <summary>The stable names and stored forms of payments at maturity.</summary>
internal static class ClearingEvents
{
    private const string AccountSet = "receivables.account-set.v1";
    private const string AccountRegistered = "receivables.account-registered.v1";
    private const string AccountConfirmed = "receivables.account-confirmed.v1";
    private const string Prefix = "clearing-";
    private const string Opened = "receivables.clearing-opened.v1";
    private const string Instructed = "receivables.clearing-instructed.v1";
    private const string PayeesChanged = "receivables.payees-changed.v1";
    private const string InterestCharged = "receivables.late-interest-charged.v1";
    private const string CostsCharged = "receivables.costs-charged.v1";
    private const string TermsSettled = "receivables.late-terms-settled.v1";
    private const string ReceiptAllocated = "receivables.receipt-allocated.v1";
    private const string PayoutReturned = "receivables.payout-returned.v1";
    private const string SuspenseSettled = "receivables.suspense-settled.v1";
    private const string FellOverdue = "receivables.clearing-overdue.v1";

    public static string Stream(string root) => Prefix + root;

    public static string AccountStream(string bank, string number) =>
        "account-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{bank}\n{number}")));

    public static string PayoutStream(string party) => "payout/" + party;

    public static string RootOf(string stream) => stream[Prefix.Length..];

    public static string NameOf(ClearingEvent e) => e switch
    {
        ClearingEvent.Opened => Opened,
        ClearingEvent.Instructed => Instructed,
        ClearingEvent.PayeesChanged => PayeesChanged,
        ClearingEvent.InterestCharged => InterestCharged,
        ClearingEvent.CostsCharged => CostsCharged,
        ClearingEvent.TermsSettled => TermsSettled,
        ClearingEvent.ReceiptAllocated => ReceiptAllocated,
        ClearingEvent.PayoutReturned => PayoutReturned,
        ClearingEvent.SuspenseSettled => SuspenseSettled,
        ClearingEvent.FellOverdue => FellOverdue,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddClearingEvents(this EventModel model) => model
        .Event(AccountSet, ClearingJson.Default.AccountSet)
        .Event(AccountRegistered, ClearingJson.Default.AccountRegistered)
        .Event(AccountConfirmed, ClearingJson.Default.AccountConfirmed)
        .Event(Opened, ClearingJson.Default.Opened)
        .Event(Instructed, ClearingJson.Default.Instructed)
        .Event(PayeesChanged, ClearingJson.Default.PayeesChanged)
        .Event(InterestCharged, ClearingJson.Default.InterestCharged)
        .Event(CostsCharged, ClearingJson.Default.CostsCharged)
        .Event(TermsSettled, ClearingJson.Default.TermsSettled)
        .Event(ReceiptAllocated, ClearingJson.Default.ReceiptAllocated)
        .Event(PayoutReturned, ClearingJson.Default.PayoutReturned)
        .Event(SuspenseSettled, ClearingJson.Default.SuspenseSettled)
        .Event(FellOverdue, ClearingJson.Default.FellOverdue)
        .Aggregate(AccountState.Initial, (state, e) => AccountState.Evolve(state, (AccountRegistered)e))
        .Aggregate(PayoutState.Initial, (state, e) => e is AccountSet set
            ? PayoutState.Evolve(state, set) : PayoutState.Evolve(state, (AccountConfirmed)e))
        .Aggregate(ClearingState.Initial, (state, e) => ClearingState.Evolve(state, (ClearingEvent)e))
        .Inline(new ClearingTables())
        .Migrate("receivables-0211-clearings", ClearingTables.Schema)
        .Migrate("receivables-0213-clearing-days", ClearingTables.Listed)
        .Migrate("receivables-0214-other-debts", ClearingTables.Others)
        .Migrate("receivables-0216-account-wishes", ClearingTables.Wishes);
}

/// <summary>Stored forms, requests and answers of payments at maturity.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true, // canonical events sort their members
    Converters = [typeof(LateBasisConverter), typeof(PartyClassConverter)])]
[JsonSerializable(typeof(AccountSet))]
[JsonSerializable(typeof(AccountRegistered))]
[JsonSerializable(typeof(AccountConfirmed))]
[JsonSerializable(typeof(AccountPage))]
[JsonSerializable(typeof(ClearingEvent.Opened))]
[JsonSerializable(typeof(ClearingEvent.Instructed))]
[JsonSerializable(typeof(ClearingEvent.PayeesChanged))]
[JsonSerializable(typeof(ClearingEvent.InterestCharged))]
[JsonSerializable(typeof(ClearingEvent.CostsCharged))]
[JsonSerializable(typeof(ClearingEvent.TermsSettled))]
[JsonSerializable(typeof(ClearingEvent.ReceiptAllocated))]
[JsonSerializable(typeof(ClearingEvent.PayoutReturned))]
[JsonSerializable(typeof(ClearingEvent.SuspenseSettled))]
[JsonSerializable(typeof(ClearingEvent.FellOverdue))]
[JsonSerializable(typeof(AccountAnswer))]
[JsonSerializable(typeof(InstructionsAnswer))]
[JsonSerializable(typeof(ReceiptAnswer))]
[JsonSerializable(typeof(ClearingDetails))]
[JsonSerializable(typeof(ClaimsPack))]
[JsonSerializable(typeof(ClearingDay))]
internal sealed partial class ClearingJson : JsonSerializerContext;

/// <summary>Names of where a rate comes from.</summary>
internal sealed class LateBasisConverter()
    : JsonStringEnumConverter<LateBasis>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>Names of what a party is: <c>large-enterprise</c>.</summary>
internal sealed class PartyClassConverter()
    : JsonStringEnumConverter<PartyClass>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
