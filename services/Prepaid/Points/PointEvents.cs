using System.Text.Json.Serialization;
using EventStore;

namespace Prepaid.Points;

/// <summary>The stable names and stored forms of points. They are no part of what a merchant owes in money.</summary>
internal static class PointEvents
{
    private const string Opened = "prepaid.points-opened.v1";
    private const string Earned = "prepaid.points-earned.v1";
    private const string Spent = "prepaid.points-spent.v1";
    private const string SentAway = "prepaid.points-sent-away.v1";
    private const string Received = "prepaid.points-received.v1";
    private const string Proposed = "prepaid.points-agreement-proposed.v1";
    private const string Exchanged = "prepaid.points-exchanged.v1";
    private const string Noted = "prepaid.points-position-noted.v1";

    /// <summary>The stream of an account.</summary>
    public static string Stream(Guid account) => $"points-{account}";

    /// <summary>The stream of what one issuer gives and another takes.</summary>
    public static string Stream(string giver, string taker) => $"points-agreement-{giver}/{taker}";

    public static string NameOf(object e) => e switch
    {
        PointEvent.Opened => Opened,
        PointEvent.Earned => Earned,
        PointEvent.Spent => Spent,
        PointEvent.SentAway => SentAway,
        PointEvent.Received => Received,
        AgreementEvent.Proposed => Proposed,
        AgreementEvent.Exchanged => Exchanged,
        AgreementEvent.Noted => Noted,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddPointEvents(this EventModel model) => model
        .Event(Opened, PointJson.Default.Opened)
        .Event(Earned, PointJson.Default.Earned)
        .Event(Spent, PointJson.Default.Spent)
        .Event(SentAway, PointJson.Default.SentAway)
        .Event(Received, PointJson.Default.Received)
        .Event(Proposed, PointJson.Default.Proposed)
        .Event(Exchanged, PointJson.Default.Exchanged)
        .Event(Noted, PointJson.Default.Noted)
        .Aggregate(PointAccount.Initial, (account, e) => PointAccount.Evolve(account, (PointEvent)e))
        .Aggregate(Agreement.Between("", ""), Fold);

    /// <summary>The stream's name says between whom; its first event says who proposed.</summary>
    private static Agreement Fold(Agreement agreement, StoredEvent stored)
    {
        if (agreement.Giver.Length == 0)
        {
            string[] parties = stored.Stream["points-agreement-".Length..].Split('/');
            agreement = Agreement.Between(parties[0], parties[1]);
        }
        return Agreement.Evolve(agreement, (AgreementEvent)stored.Data);
    }
}

/// <summary>Stored forms, requests and answers of points.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PointEvent.Opened))]
[JsonSerializable(typeof(PointEvent.Earned))]
[JsonSerializable(typeof(PointEvent.Spent))]
[JsonSerializable(typeof(PointEvent.SentAway))]
[JsonSerializable(typeof(PointEvent.Received))]
[JsonSerializable(typeof(AgreementEvent.Proposed))]
[JsonSerializable(typeof(AgreementEvent.Exchanged))]
[JsonSerializable(typeof(AgreementEvent.Noted))]
[JsonSerializable(typeof(EarnRequest))]
[JsonSerializable(typeof(SpendRequest))]
[JsonSerializable(typeof(ExchangeRequest))]
[JsonSerializable(typeof(RatioRequest))]
[JsonSerializable(typeof(NoteRequest))]
[JsonSerializable(typeof(PointsOpened))]
[JsonSerializable(typeof(PointsDetails))]
[JsonSerializable(typeof(AgreementDetails))]
internal sealed partial class PointJson : JsonSerializerContext;
