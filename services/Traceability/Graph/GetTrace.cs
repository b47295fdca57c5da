using System.Text.Json;
using System.Text.Json.Serialization;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Traceability.Graph;

/// <summary>A trace as it is answered.</summary>
/// <param name="Id">What was asked for, canonical.</param>
/// <param name="Direction"><c>down</c> or <c>up</c>.</param>
/// <param name="At">Down: touched since then; up: until then.</param>
/// <param name="KnownAt">Only what was recorded by then.</param>
/// <param name="Count">Items touched, the start among them.</param>
/// <param name="Truncated">Whether the graph is larger than what was followed.</param>
/// <param name="Items">The first of them, nearest first.</param>
/// <param name="Carriers">What held them; down only.</param>
/// <param name="Findings">Contradictions in the events about the items that the viewer sees.</param>
public sealed record TraceAnswer(
    string Id, string Direction, DateTime? At, DateTime? KnownAt, int Count, bool Truncated,
    IReadOnlyList<TracedItem> Items, IReadOnlyList<TracedCarrier> Carriers,
    IReadOnlyList<TracedFinding> Findings);

/// <summary>One item of a trace.</summary>
/// <param name="Id">Canonical identifier.</param>
/// <param name="Relation"><c>start</c>, <c>transformed</c>, <c>contained</c> or <c>member</c>.</param>
/// <param name="From">The item that led to it.</param>
/// <param name="EventId">The event that led to it.</param>
/// <param name="At">Down: touched since; up: until.</param>
/// <param name="Depth">Links from the start.</param>
/// <param name="State">What became of it.</param>
/// <param name="LastSeen">When it was last seen, itself or in what held it.</param>
/// <param name="Place">Where, as far as the viewer may know.</param>
/// <param name="Holder">The organisation that saw it.</param>
public sealed record TracedItem(
    string Id, TraceRelation Relation, string? From, Guid? EventId, DateTime? At, int Depth, ItemState? State,
    DateTime? LastSeen, string? Place, string? Holder);

/// <summary>What held an item.</summary>
public sealed record TracedCarrier(string Id, string Held, DateTime? From, DateTime? To);

/// <summary>Traces an item or lot.</summary>
internal static class GetTrace
{
    public const int ItemsMax = 1_000_000;
    private const int ShownMax = 200_000;
    private const int ShownOtherwise = 1_000;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/trace/{**id}", HandleAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetTrace").WithSummary("Where an item or lot went and what became of it, or what it came from.");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, GraphViews views, SeenFindings findings, CancellationToken cancellationToken)
    {
        string id = GraphRequest.Id(http, "trace");
        TraceDirection direction = (string?)http.Request.Query["direction"] switch
        {
            null or "" or "down" => TraceDirection.Down,
            "up" => TraceDirection.Up,
            _ => throw GraphRequest.Wrong("direction"),
        };
        (DateTime? at, DateTime? knownAt) = (GraphRequest.Time(http, "at"), GraphRequest.Time(http, "knownAt"));
        int shown = GraphRequest.Number(http, "limit", ShownOtherwise, ShownMax);
        GraphView view = await views.OpenAsync(caller, knownAt, cancellationToken);
        if (await view.FindAsync(id, cancellationToken) is not { } item)
            return Problem.Of("trace-not-found");
        TraceResult trace = await new Trace(view.Near, direction, ItemsMax).RunAsync([item], at, cancellationToken);
        await view.Near.LoadAllAsync([item], cancellationToken);
        if (view.Near.ToldOf(item).Count == 0)
            return Problem.Of("trace-not-found");
        TraceAnswer answer = await DescribeAsync(view, trace, item, shown, findings, cancellationToken);
        return TypedResults.Json(
            answer with { Direction = direction == TraceDirection.Up ? "up" : "down", At = at, KnownAt = knownAt },
            GraphJson.Default.TraceAnswer);
    }

    private static async Task<TraceAnswer> DescribeAsync(
        GraphView view, TraceResult trace, long item, int shown, SeenFindings findings,
        CancellationToken cancellation)
    {
        TraceNode[] nodes = [.. trace.Nodes.Take(shown)];
        (TraceNode Node, Window Window)[] carriers = [.. trace.Carriers.Take(shown)];
        Positions positions = await Positions.LoadAsync(view.Near, nodes.Select(n => n.Item), cancellation);
        Position[] where = [.. nodes.Select(n => positions.Of(n.Item))];
        Dictionary<long, string> uris = await view.UrisAsync(
            nodes.SelectMany(n => new[] { n.Item, n.From })
                .Concat(carriers.SelectMany(c => new[] { c.Node.Item, c.Node.From }))
                .Concat(where.Select(p => p.Located?.Place ?? 0)).Append(item), cancellation);
        Dictionary<long, Guid> events = view.Near.EventIds(nodes.Select(n => n.Item));
        return new TraceAnswer(
            uris[item], "", null, null, trace.Nodes.Count, trace.Truncated,
            [.. nodes.Select((n, i) => Item(n, where[i]))],
            [.. carriers.Select(c => new TracedCarrier(
                uris[c.Node.Item], uris[c.Node.From], Limited(c.Window.From), Limited(c.Window.To)))],
            await findings.OfAsync(view, [.. nodes.Select(n => n.Item)], uris, cancellation));

        TracedItem Item(TraceNode node, Position position) => new(
            uris[node.Item], node.Relation, uris.GetValueOrDefault(node.From),
            events.TryGetValue(node.Step, out Guid e) ? e : null, Limited(node.At), node.Depth, position.State,
            position.Last?.At,
            uris.GetValueOrDefault(position.Located?.Place ?? 0),
            position.Last?.Tenant);
    }

    private static DateTime? Limited(DateTime time) =>
        time == DateTime.MinValue || time == DateTime.MaxValue ? null : time;
}

/// <summary>Answers of the graph.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(RelationConverter), typeof(StateConverter)])]
[JsonSerializable(typeof(TraceAnswer))]
[JsonSerializable(typeof(ContentsAnswer))]
[JsonSerializable(typeof(BalanceAnswer))]
internal sealed partial class GraphJson : JsonSerializerContext;

/// <summary>Relations by their names.</summary>
internal sealed class RelationConverter()
    : JsonStringEnumConverter<TraceRelation>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>States by their names.</summary>
internal sealed class StateConverter()
    : JsonStringEnumConverter<ItemState>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
