using EventStore;
using Npgsql;
using Prepaid.Cards;
using Prepaid.Custody;
using Prepaid.Days;
using Prepaid.Merchants;
using PrepaidRisk;
using ServiceDefaults;

namespace Prepaid.Risk;

/// <summary>A run of the early warning.</summary>
/// <param name="Day">The last day that was closed; grades are of this day.</param>
/// <param name="Graded">Merchants that got a grade.</param>
public sealed record GradedDay(DateOnly Day, int Graded);

/// <summary>
/// Grades merchants once a week by what the service holds, and puts each grade on record. What comes in later changes
/// later grades only.
/// </summary>
internal sealed class Grading(Store store, TreeRows trees, TimeProvider time)
{
    /// <summary>Who grades: nobody but the formula.</summary>
    public const string Actor = "early-warning";

    /// <summary>A signal looks back a year and four weeks; half a year more is usual behaviour.</summary>
    private const int LookBackDays = 730;

    private const double Milli = 1000;

    /// <summary>Grades everybody who has no grade since a day; null where no day was closed yet.</summary>
    /// <param name="since">The week's first day; null for the last closed day itself.</param>
    /// <param name="cancellation">Ends the run; grades that were given stay.</param>
    public async Task<GradedDay?> RunAsync(DateOnly? since, CancellationToken cancellation)
    {
        if (await trees.LastAsync(cancellation) is not { } day)
            return null;
        await store.Projections.CatchUpAsync(TradeRows.Projection, cancellation);
        int graded = 0;
        foreach (string merchant in await RatedRows.DueAsync(store.DataSource, since ?? day, cancellation))
            graded += await GradeAsync(merchant, day, cancellation) ? 1 : 0;
        return new GradedDay(day, graded);
    }

    /// <summary>The week's Monday.</summary>
    public static DateOnly Monday(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    /// <summary>All that is held of a merchant up to a day.</summary>
    public async Task<RiskRecords> RecordsAsync(string merchant, DateOnly day, CancellationToken cancellation)
    {
        DateOnly from = day.AddDays(-LookBackDays);
        IReadOnlyList<ClosedBalance> days = await DaysAsync(merchant, from, day, cancellation);
        Dictionary<DateOnly, TradeDay> trade =
            await TradeRows.ReadAsync(store.DataSource, merchant, from, cancellation);
        await TradeRows.AddRefundsAsync(store.DataSource, merchant, from, day, trade, cancellation);
        return new RiskRecords(days, trade,
            Dated<CustodyEvent>(await store.FetchStreamAsync(CustodySlice.Stream(merchant), cancellation)),
            Dated<MerchantEvent>(await store.FetchStreamAsync(MerchantEvents.Stream(merchant), cancellation)));
    }

    /// <summary>The grade on these records; null before the first report.</summary>
    public static RiskEvent.Graded? Assess(RiskRecords records, DateOnly day)
    {
        MerchantFile file = RiskFile.Of(records);
        if (file.Latest is not { } latest || Grade.Of(file, day, RiskFile.IsBanned(records)) is not { } grade
            || BurnDown.Of(file) is not { } burn)
            return null;
        Warning warning = EarlyWarning.Frozen.Of(Signals.Of(file, day));
        return new RiskEvent.Graded(
            day, grade.Letter, Tenths(grade.Points),
            [.. grade.Parts.Select(p => new GradedPart(p.Name, Tenths(p.Points), Tenths(p.Of)))],
            [.. grade.Caps.Select(c => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(c.ToString()))],
            Thousandths(warning.Score), warning.Raised,
            [.. warning.Reasons.Select(r => new GradedReason(
                r.Signal, Thousandths(r.Strength), Thousandths(r.Points)))],
            new GradedBurnDown(burn.DailyFen, burn.CustodyUntil, burn.OwedUntil, burn.UncoveredFen),
            new GradedFigures(latest.Day, latest.OwedFen, latest.CustodyFen, latest.OffsetFen, latest.RequiredFen,
                latest.Cards));
    }

    private async Task<bool> GradeAsync(string merchant, DateOnly day, CancellationToken cancellation)
    {
        if (Assess(await RecordsAsync(merchant, day, cancellation), day) is not { } grade)
            return false;
        await using Session session = store.OpenSession(new EventContext(time, Actor, merchant));
        WritableStream<RatedMerchant> stream =
            await session.FetchForWriting<RatedMerchant>(RiskEvents.Stream(merchant), cancellation);
        IReadOnlyList<RiskEvent> events = RatedMerchant.Record(stream.Aggregate, grade).EventsOrProblem();
        foreach (RiskEvent e in events)
            stream.AppendOne(session.Context.Stamp(RiskEvents.NameOf(e), e));
        try
        {
            await session.SaveChangesAsync(cancellation);
            return events.Count > 0;
        }
        catch (ConcurrencyException)
        {
            // Somebody appealed meanwhile, or another process grades: the next run takes it up.
            return false;
        }
    }

    private async Task<IReadOnlyList<ClosedBalance>> DaysAsync(
        string merchant, DateOnly from, DateOnly day, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select day, principal_fen, cards from liability_days
            where merchant = $1 and day between $2 and $3 order by day
            """);
        foreach (object value in (object[])[merchant, from, day])
            query.Parameters.Add(new() { Value = value });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        List<ClosedBalance> days = [];
        while (await rows.ReadAsync(cancellation))
            days.Add(new ClosedBalance(rows.GetFieldValue<DateOnly>(0), rows.GetInt64(1), rows.GetInt32(2)));
        return days;
    }

    private static List<Recorded<T>> Dated<T>(IReadOnlyList<StoredEvent> events) =>
        [.. events.Select(e => new Recorded<T>(CardRun.Day(e.OccurredAt), (T)e.Data))];

    private static long Tenths(double points) => (long)Math.Round(points * 10);

    private static long Thousandths(double value) => (long)Math.Round(value * Milli);
}

/// <summary>Grades each week, as soon as its first day is closed.</summary>
internal sealed class GradingWorker(Grading grading, TimeProvider time, ILogger<GradingWorker> logger) : Worker
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using PeriodicTimer timer = new(Pause, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                DateOnly yesterday = CardRun.Day(time.GetUtcNow() - DayClosing.Grace).AddDays(-1);
                if (await grading.RunAsync(Grading.Monday(yesterday), stopping) is { Graded: > 0 } run)
                    RiskLog.Graded(logger, run.Graded, run.Day);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested
                && e is NpgsqlException or StoreUnavailableException)
            {
                RiskLog.Waits(logger, e.Message);
            }
        }
    }
}

internal static partial class RiskLog
{
    [LoggerMessage(5201, LogLevel.Information, "{Merchants} merchants are graded by the figures of {Day}")]
    public static partial void Graded(ILogger logger, int merchants, DateOnly day);

    [LoggerMessage(5202, LogLevel.Warning, "Grading waits: {Reason}")]
    public static partial void Waits(ILogger logger, string reason);
}
