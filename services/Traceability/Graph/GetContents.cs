using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Traceability.Graph;

/// <summary>What was inside an item at a time.</summary>
public sealed record ContentsAnswer(
    string Id, DateTime At, DateTime? KnownAt, int Count, IReadOnlyList<ContentItem> Items);

/// <summary>One thing inside.</summary>
/// <param name="Id">Canonical identifier.</param>
/// <param name="Parent">What it is in directly.</param>
/// <param name="Since">Since when.</param>
/// <param name="Depth">1 for the outermost layer.</param>
/// <param name="Quantity">How much, for a class.</param>
/// <param name="Unit">UN/ECE Recommendation 20 code; missing for pieces.</param>
public sealed record ContentItem(
    string Id, string Parent, DateTime Since, int Depth, decimal? Quantity, string? Unit);

/// <summary>Answers what was in the box at a time.</summary>
internal static class GetContents
{
    private const int LinesMax = 200_000;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/contents/{**id}", HandleAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetContents").WithSummary("What was inside an item at a time, through all layers.");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, GraphViews views, TimeProvider time, CancellationToken cancellationToken)
    {
        string id = GraphRequest.Id(http, "contents");
        DateTime at = GraphRequest.Time(http, "at") ?? time.GetUtcNow().UtcDateTime;
        DateTime? knownAt = GraphRequest.Time(http, "knownAt");
        GraphView view = await views.OpenAsync(caller, knownAt, cancellationToken);
        if (await view.FindAsync(id, cancellationToken) is not { } item)
            return Problem.Of("trace-not-found");
        IReadOnlyList<ContentLine> lines =
            await Contents.AtAsync(view.Near, item, at, LinesMax, cancellationToken);
        await view.Near.LoadAllAsync([item], cancellationToken);
        if (view.Near.ToldOf(item).Count == 0)
            return Problem.Of("trace-not-found");
        Dictionary<long, string> uris = await view.UrisAsync(
            lines.SelectMany(l => new[] { l.Item, l.Parent }).Append(item), cancellationToken);
        return TypedResults.Json(new ContentsAnswer(uris[item], at, knownAt, lines.Count,
            [.. lines.Select(l => new ContentItem(uris[l.Item], uris[l.Parent], l.Since, l.Depth, l.Quantity, l.Unit))]),
            GraphJson.Default.ContentsAnswer);
    }
}
