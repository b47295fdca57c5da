using System.IO.Compression;
using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using Traceability.Graph;
using Traceability.Visibility;

namespace Traceability.Sensors;

/// <summary>The temperature that an item went through, thinned out for a drawing.</summary>
/// <param name="Points">The lowest and highest reading of each span, in order of time.</param>
/// <param name="Count">Readings it is made of.</param>
/// <param name="Min">Lowest, °C.</param>
/// <param name="Max">Highest, °C.</param>
/// <param name="MeanKineticCelsius">Of all readings; null for frozen goods.</param>
/// <param name="Blocks">Events that the readings stand in, for their proofs.</param>
/// <param name="Gaps">Times in it of which nothing is known because blocks of a device are missing.</param>
/// <param name="Next">Where it goes on, to be asked for with <c>from</c>; null where all of it is here.</param>
public sealed record SensorCurve(
    IReadOnlyList<Reading> Points, int Count, decimal? Min, decimal? Max, double? MeanKineticCelsius,
    IReadOnlyList<Guid> Blocks, IReadOnlyList<CurveGap> Gaps, DateTime? Next = null);

/// <summary>A time of which nothing is known.</summary>
public sealed record CurveGap(DateTime From, DateTime To);

/// <summary>
/// Joins what was measured at an item and at whatever held it, as long as it did: a logger on the pallet tells of every
/// bottle on it.
/// </summary>
internal sealed class SensorCurves(Store store, SensorSight sight)
{
    private const int LayersMax = 16;
    private const int SpansMax = 200;
    private const int BlocksOfPage = 500;

    /// <summary>Readings of one answer: two years of one a minute. What is beyond it is asked for by time.</summary>
    private const int ReadingsMax = 1_000_000;

    public static void Map(IEndpointRouteBuilder sensors) =>
        sensors.MapGet("/curve/{**id}", HandleAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetCurve").WithSummary("The temperature that an item went through, itself or in what held it.");

    /// <summary>The curve of an item in a view of the graph.</summary>
    /// <param name="view">What may be known of where the item was.</param>
    /// <param name="item">The item.</param>
    /// <param name="asked">The time that is asked for.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<SensorCurve> OfAsync(GraphView view, long item, Window asked, CancellationToken cancellation)
    {
        List<(long Item, Window Window)> held = await HoldersAsync(view.Near, item, cancellation);
        Dictionary<long, string> uris = await view.UrisAsync(held.Select(h => h.Item), cancellation);
        SortedDictionary<DateTime, decimal> readings = [];
        HashSet<Guid> events = [];
        List<(string, long, DateTime, DateTime)> blocks = [];
        DateTime? next = null;
        foreach ((long holder, Window whole) in held)
        {
            Window window = whole.And(asked);
            if (window.IsEmpty)
                continue;
            if (await AddBlocksAsync(view.Viewer, uris[holder], window, readings, events, blocks, cancellation) is { } left
                && (next is null || left < next))
                next = left;
            await AddElementsAsync(view, holder, window, readings, events, cancellation);
        }
        // Of what lies behind the first block that was left, perhaps not all was read.
        Reading[] all = [.. readings.TakeWhile(r => next is null || r.Key < next).Select(r => new Reading(r.Key, r.Value))];
        if (all.Length == 0)
            return new SensorCurve([], 0, null, null, null, [], [], next);
        (decimal min, decimal max) = (all.Min(r => r.Value), all.Max(r => r.Value));
        IReadOnlyList<Window> gaps = BlockGaps.Of(blocks, [.. all.Select(r => r.At)]);
        return new SensorCurve(
            Thin(all), all.Length, min, max, max > 0 ? Math.Round(ColdChain.MeanKinetic(all, gaps), 3) : null,
            [.. events], [.. gaps.Select(g => new CurveGap(g.From, g.To))], next);
    }

    /// <summary>Lowest and highest of each of a number of spans, so that no excursion is lost.</summary>
    /// <param name="readings">In order of time.</param>
    /// <param name="spans">How many spans at most.</param>
    internal static IReadOnlyList<Reading> Thin(IReadOnlyList<Reading> readings, int spans = SpansMax)
    {
        if (readings.Count <= 2 * spans)
            return readings;
        List<Reading> points = new(2 * spans);
        foreach (Reading[] span in readings.Chunk((readings.Count + spans - 1) / spans))
        {
            Reading low = span.MinBy(r => r.Value), high = span.MaxBy(r => r.Value);
            points.Add(low.At <= high.At ? low : high);
            if (low != high)
                points.Add(low.At <= high.At ? high : low);
        }
        return points;
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, GraphViews views, SensorCurves curves, CancellationToken cancellationToken)
    {
        string id = GraphRequest.Id(http, "curve");
        Window asked = new(
            GraphRequest.Time(http, "from") ?? DateTime.MinValue, GraphRequest.Time(http, "to") ?? DateTime.MaxValue);
        GraphView view = await views.OpenAsync(caller, null, cancellationToken);
        if (await view.FindAsync(id, cancellationToken) is not { } item)
            return Problem.Of("trace-not-found");
        SensorCurve curve = await curves.OfAsync(view, item, asked, cancellationToken);
        // Whoever may see no event of the item may not see what was measured at it either.
        return view.Near.ToldOf(item).Count > 0
            ? TypedResults.Json(curve, SensorJson.Default.SensorCurve)
            : Problem.Of("trace-not-found");
    }

    private static async Task<List<(long Item, Window Window)>> HoldersAsync(
        Neighbourhood near, long item, CancellationToken cancellation)
    {
        List<(long Item, Window Window)> all = [(item, Window.Since(DateTime.MinValue))], layer = [.. all];
        for (int depth = 0; layer.Count > 0 && depth < LayersMax; depth++)
        {
            await near.LoadAllAsync(layer.Select(h => h.Item), cancellation);
            await near.LoadAllAsync(layer.SelectMany(h => near.ParentsOf(h.Item)).ToArray(), cancellation);
            layer =
            [
                .. layer.SelectMany(h => near.StaysOf(h.Item).Select(s => (s.Parent, Window: h.Window.And(s.Window))))
                    .Where(h => !h.Window.IsEmpty && !all.Contains(h)),
            ];
            all.AddRange(layer);
        }
        return all;
    }

    /// <returns>Where the first block begins that was left, because enough readings were there.</returns>
    private async Task<DateTime?> AddBlocksAsync(
        Viewer viewer, string subject, Window window, SortedDictionary<DateTime, decimal> readings,
        HashSet<Guid> events, List<(string, long, DateTime, DateTime)> blocks, CancellationToken cancellation)
    {
        string[] tenants = await sight.TenantsAsync(viewer, subject, cancellation);
        if (tenants.Length == 0)
            return null;
        (DateTime From, Guid Id) last = (DateTime.MinValue, Guid.Empty);
        for (int count = BlocksOfPage; count == BlocksOfPage;)
        {
            count = 0;
            await using NpgsqlCommand command = store.DataSource.CreateCommand(
                $"""
                 select event_id, form, raw, from_at, to_at, tenant, device, sequence from sensor_blocks
                 where subject = $1 and unit = 'CEL' and to_at >= $2 and from_at < $3 and tenant = any($4)
                     and (from_at, event_id) > ($5, $6)
                 order by from_at, event_id limit {BlocksOfPage}
                 """);
            command.Parameters.Add(new() { Value = subject });
            command.Parameters.Add(new() { Value = DateTime.SpecifyKind(window.From, DateTimeKind.Utc) });
            command.Parameters.Add(new() { Value = DateTime.SpecifyKind(window.To, DateTimeKind.Utc) });
            command.Parameters.Add(new() { Value = tenants });
            command.Parameters.Add(new() { Value = DateTime.SpecifyKind(last.From, DateTimeKind.Utc) });
            command.Parameters.Add(new() { Value = last.Id });
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
            for (; await reader.ReadAsync(cancellation); count++)
            {
                last = (reader.GetDateTime(3), reader.GetGuid(0));
                if (readings.Count >= ReadingsMax)
                    return last.From;
                bool any = false;
                foreach (Reading reading in Unpack(reader.GetString(1), reader.GetFieldValue<byte[]>(2)))
                {
                    if (window.Contains(reading.At))
                        any |= readings.TryAdd(reading.At, reading.Value);
                }
                if (!any)
                    continue;
                events.Add(last.Id);
                blocks.Add(($"{reader.GetString(5)}\n{reader.GetString(6)}\n{subject}", reader.GetInt64(7), last.From,
                    reader.GetDateTime(4)));
            }
        }
        return null;
    }

    private async Task AddElementsAsync(
        GraphView view, long holder, Window window, SortedDictionary<DateTime, decimal> readings, HashSet<Guid> events,
        CancellationToken cancellation)
    {
        List<Step> shown = await sight.ShownAsync(
            view.Viewer, [.. view.Near.Of(holder).Select(i => i.Step).Where(s => window.Contains(s.At))], cancellation);
        Guid[] ids = [.. shown.Select(s => s.EventId)];
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select e.id, e.event_time, b.body from epcis_bodies b join epcis_events e on e.id = b.event_id
            where b.event_id = any($1) and e.has_sensor
            """);
        command.Parameters.Add(new() { Value = ids });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            foreach (Reading r in SensorElements.Celsius(reader.GetFieldValue<byte[]>(2), reader.GetDateTime(1)))
            {
                if (readings.TryAdd(r.At, r.Value))
                    events.Add(reader.GetGuid(0));
            }
        }
    }

    /// <summary>The readings of a stored block.</summary>
    internal static List<Reading> Unpack(string form, byte[] raw)
    {
        using MemoryStream plain = new();
        using (BrotliStream brotli = new(new MemoryStream(raw), CompressionMode.Decompress))
            brotli.CopyTo(plain);
        return (form == "csv" ? Readings.FromCsv(plain.ToArray()) : Readings.FromJson(plain.ToArray())) ?? [];
    }
}
