using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;

namespace Receivables.Credit;

/// <summary>The stable names and stored forms of credit lines and of debtors' standing.</summary>
internal static class CreditEvents
{
    public const string StandingRecorded = "receivables.standing-recorded.v1";
    private const string LinePrefix = "credit-";
    private const string StandingPrefix = "standing-";
    private const string Granted = "receivables.credit-granted.v1";
    private const string LimitChanged = "receivables.credit-limit-changed.v1";
    private const string LineAccepted = "receivables.credit-line-accepted.v1";
    private const string MemberOffered = "receivables.credit-member-offered.v1";
    private const string MemberSet = "receivables.credit-member-set.v1";
    private const string Frozen = "receivables.credit-frozen.v1";
    private const string Unfrozen = "receivables.credit-unfrozen.v1";
    private const string Reserved = "receivables.credit-reserved.v1";
    private const string Used = "receivables.credit-used.v1";
    private const string Released = "receivables.credit-released.v1";

    public static string Stream(Guid line) => LinePrefix + line;

    public static string StandingStream(string debtor) => StandingPrefix + debtor;

    public static Guid LineOf(string stream) =>
        Guid.Parse(stream.AsSpan(LinePrefix.Length), CultureInfo.InvariantCulture);

    public static string NameOf(CreditEvent e) => e switch
    {
        CreditEvent.Granted => Granted,
        CreditEvent.LimitChanged => LimitChanged,
        CreditEvent.LineAccepted => LineAccepted,
        CreditEvent.MemberOffered => MemberOffered,
        CreditEvent.MemberSet => MemberSet,
        CreditEvent.Frozen => Frozen,
        CreditEvent.Unfrozen => Unfrozen,
        CreditEvent.Reserved => Reserved,
        CreditEvent.Used => Used,
        CreditEvent.Released => Released,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddCreditEvents(this EventModel model) => model
        .Event(Granted, CreditJson.Default.Granted)
        .Event(LimitChanged, CreditJson.Default.LimitChanged)
        .Event(LineAccepted, CreditJson.Default.LineAccepted)
        .Event(MemberOffered, CreditJson.Default.MemberOffered)
        .Event(MemberSet, CreditJson.Default.MemberSet)
        .Event(Frozen, CreditJson.Default.Frozen)
        .Event(Unfrozen, CreditJson.Default.Unfrozen)
        .Event(Reserved, CreditJson.Default.Reserved)
        .Event(Used, CreditJson.Default.Used)
        .Event(Released, CreditJson.Default.Released)
        .Event(StandingRecorded, CreditJson.Default.StandingRecorded)
        .Aggregate(CreditLine.Initial, (line, e) => CreditLine.Evolve(line, (CreditEvent)e))
        .Aggregate(DebtorStanding.Initial, (standing, e) => DebtorStanding.Evolve(standing, (StandingRecorded)e))
        .Inline(new CreditTables())
        .Migrate("receivables-0201-credit", CreditTables.Schema)
        .Migrate("receivables-0202-credit-offers", CreditTables.Offers);
}

/// <summary>Stored forms, requests and answers of credit lines.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(StandingKindConverter)])]
[JsonSerializable(typeof(CreditEvent.Granted))]
[JsonSerializable(typeof(CreditEvent.LimitChanged))]
[JsonSerializable(typeof(CreditEvent.LineAccepted))]
[JsonSerializable(typeof(CreditEvent.MemberOffered))]
[JsonSerializable(typeof(CreditEvent.MemberSet))]
[JsonSerializable(typeof(CreditEvent.Frozen))]
[JsonSerializable(typeof(CreditEvent.Unfrozen))]
[JsonSerializable(typeof(CreditEvent.Reserved))]
[JsonSerializable(typeof(CreditEvent.Used))]
[JsonSerializable(typeof(CreditEvent.Released))]
[JsonSerializable(typeof(StandingRecorded))]
[JsonSerializable(typeof(CreditLineAnswer))]
[JsonSerializable(typeof(CreditLineDetails))]
[JsonSerializable(typeof(List<CreditLineDetails>))]
[JsonSerializable(typeof(StandingAnswer))]
internal sealed partial class CreditJson : JsonSerializerContext;

/// <summary>Names of what stops a debtor: <c>bond-default</c>.</summary>
internal sealed class StandingKindConverter()
    : JsonStringEnumConverter<StandingKind>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
