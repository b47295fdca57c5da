using System.Text.Json.Nodes;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using Traceability.Visibility;

namespace Traceability.Epcis.Queries;

/// <summary>
/// Says which organisation recorded events, beside the standard, whose events don't name it. Whoever may see an event may
/// know that.
/// </summary>
internal static class GetRecorders
{
    private const int EventsMax = 100;

    public static void Map(IEndpointRouteBuilder epcis) =>
        epcis.MapGet("/recorders", HandleAsync).RequireRoles(GetEvents.Readers)
            .WithName("GetRecorders").WithSummary("Which organisations recorded events that the caller sees, by eventID.");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, EventSearch search, Viewers viewers, CancellationToken cancellationToken)
    {
        string[] ids = [.. http.Request.Query["eventID"].OfType<string>().Distinct()];
        if (ids.Length is 0 or > EventsMax)
            return Problem.Of("query-invalid", ("field", "eventID"));
        EventPage page = await search.PageAsync(
            EventQuery.Everything.Named(ids), await viewers.OfAsync(caller, cancellationToken), null, long.MaxValue,
            PageTokens.SizeMax, cancellationToken);
        JsonObject recorders = [];
        foreach (FoundEvent found in page.Events)
            recorders[found.EventId] = found.Tenant;
        return TypedResults.Json(recorders);
    }
}
