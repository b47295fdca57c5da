using System.Text.Json.Serialization;
using EventStore;

namespace Receivables.Trade;

/// <summary>The stable names of events about documents and consents, and their part of the model.</summary>
internal static class TradeEvents
{
    private const string Deposited = "receivables.trade-deposited.v1";
    private const string Checked = "receivables.invoice-checked.v1";
    private const string Reversed = "receivables.invoice-reversed.v1";
    private const string Used = "receivables.invoice-used.v1";
    private const string Released = "receivables.invoice-released.v1";
    private const string ShortfallAlarmed = "receivables.invoice-shortfall.v1";
    private const string ShortfallCleared = "receivables.invoice-shortfall-cleared.v1";
    private const string ConsentGiven = "receivables.consent-given.v1";
    private const string ConsentWithdrawn = "receivables.consent-withdrawn.v1";

    public static string NameOf(object e) => e switch
    {
        TradeEvent.Deposited => Deposited,
        TradeEvent.Checked => Checked,
        TradeEvent.Reversed => Reversed,
        TradeEvent.Used => Used,
        TradeEvent.Released => Released,
        TradeEvent.ShortfallAlarmed => ShortfallAlarmed,
        TradeEvent.ShortfallCleared => ShortfallCleared,
        ConsentEvent.Given => ConsentGiven,
        ConsentEvent.Withdrawn => ConsentWithdrawn,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddTrade(this EventModel model) => IssueRules.Add(model)
        .Event(Deposited, TradeJson.Default.Deposited)
        .Event(Checked, TradeJson.Default.Checked)
        .Event(Reversed, TradeJson.Default.Reversed)
        .Event(Used, TradeJson.Default.Used)
        .Event(Released, TradeJson.Default.Released)
        .Event(ShortfallAlarmed, TradeJson.Default.ShortfallAlarmed)
        .Event(ShortfallCleared, TradeJson.Default.ShortfallCleared)
        .Event(ConsentGiven, TradeJson.Default.Given)
        .Event(ConsentWithdrawn, TradeJson.Default.Withdrawn)
        .Aggregate(TradeState.Initial, (state, e) => TradeState.Evolve(state, (TradeEvent)e))
        .Aggregate(ConsentState.Initial, (state, e) => ConsentState.Evolve(state, (ConsentEvent)e))
        .Inline(new ConsentRows())
        .Inline(new TradeUseRows())
        .Migrate("receivables-0103-trade", TradeFiles.Schema)
        .Migrate("receivables-0104-consents", ConsentRows.Schema)
        .Migrate("receivables-0106-trade-uses", TradeUseRows.Schema)
        .Migrate("receivables-0108-trade-notes", TradeFiles.Notes);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(TradeEvent.Deposited))]
[JsonSerializable(typeof(TradeEvent.Checked))]
[JsonSerializable(typeof(TradeEvent.Reversed))]
[JsonSerializable(typeof(TradeEvent.Used))]
[JsonSerializable(typeof(TradeEvent.Released))]
[JsonSerializable(typeof(TradeEvent.ShortfallAlarmed))]
[JsonSerializable(typeof(TradeEvent.ShortfallCleared))]
[JsonSerializable(typeof(ConsentEvent.Given))]
[JsonSerializable(typeof(ConsentEvent.Withdrawn))]
internal sealed partial class TradeJson : JsonSerializerContext;
