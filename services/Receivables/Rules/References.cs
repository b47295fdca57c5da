using System.Text.Json.Serialization;
using EventStore;

namespace Receivables.Rules;

/// <summary>A year's notice was imported.</summary>
/// <param name="Year">Its days.</param>
/// <param name="Sha256">Digest of the notice.</param>
public sealed record CalendarImported(CalendarYear Year, string Sha256);

/// <summary>A publication of the one-year LPR was imported.</summary>
/// <param name="Rate">The rate and its day.</param>
/// <param name="Sha256">Digest of the publication.</param>
public sealed record LprImported(LprRate Rate, string Sha256);

/// <summary>Calendars and rates that come with the suite, with those imported since.</summary>
public sealed record ReferenceData(WorkCalendar Calendar, LprTable Lpr)
{
    /// <summary>What comes with the suite.</summary>
    public static readonly ReferenceData Initial = new(WorkCalendar.BuiltIn, LprTable.BuiltIn);

    /// <summary>Folds one import.</summary>
    public static ReferenceData Evolve(ReferenceData data, object e) => e switch
    {
        CalendarImported c => data with { Calendar = data.Calendar.With(c.Year) },
        LprImported l => data with { Lpr = data.Lpr.With(l.Rate) },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no import."),
    };
}

/// <summary>The stable names and stored forms of imports.</summary>
internal static class ReferenceEvents
{
    public const string Stream = "references";

    public static EventModel AddReferenceEvents(this EventModel model) => model
        .Event("receivables.calendar-imported.v1", ReferenceJson.Default.CalendarImported)
        .Event("receivables.lpr-imported.v1", ReferenceJson.Default.LprImported)
        .Aggregate(ReferenceData.Initial, ReferenceData.Evolve);
}

/// <summary>Stored forms, requests and answers of rules and references.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CalendarImported))]
[JsonSerializable(typeof(LprImported))]
[JsonSerializable(typeof(DueDay))]
[JsonSerializable(typeof(List<CalendarYear>))]
[JsonSerializable(typeof(LprTable))]
[JsonSerializable(typeof(IReadOnlyList<Rule>))]
[JsonSerializable(typeof(JudgementAnswer))]
[JsonSerializable(typeof(ImportAnswer))]
internal sealed partial class ReferenceJson : JsonSerializerContext;
