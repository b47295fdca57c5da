using System.Diagnostics.Metrics;

namespace EventStore;

/// <summary>Meter <c>EventStore</c>: how much is appended, how well appends share transactions, how long one takes.</summary>
internal static class StoreMetrics
{
    private static readonly Meter Meter = new("EventStore");

    private static readonly Counter<long> Events =
        Meter.CreateCounter<long>("eventstore.events", "{event}", "Events appended");

    private static readonly Counter<long> Appends =
        Meter.CreateCounter<long>("eventstore.appends", "{append}", "Sessions committed");

    private static readonly Counter<long> Refusals =
        Meter.CreateCounter<long>("eventstore.refusals", "{append}", "Sessions refused: stale version, answered, erased");

    private static readonly Histogram<double> Duration =
        Meter.CreateHistogram<double>("eventstore.transaction.duration", "s", "Duration of one shared transaction");

    public static void Committed(int events, int appends, TimeSpan duration)
    {
        Events.Add(events);
        Appends.Add(appends);
        Duration.Record(duration.TotalSeconds);
    }

    public static void Refused(int appends)
    {
        if (appends > 0) Refusals.Add(appends);
    }
}
