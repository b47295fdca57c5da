using EventStore;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Traceability.Alarms;

/// <summary>Serves an alarm's evidence pack.</summary>
internal static class GetPack
{
    private const int WaitMaxSeconds = 30;

    public static void Map(IEndpointRouteBuilder alarms) =>
        alarms.MapGet("/{id:guid}/pack", HandleAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetAlarmPack")
            .WithSummary("All of an alarm as one archive that is verified offline; 409 while a proof is missing.");

    private static async Task<IResult> HandleAsync(
        Guid id, HttpContext http, Caller caller, Store store, AlarmPack pack, CancellationToken cancellationToken,
        int wait = 20, bool partial = false)
    {
        (IReadOnlyList<StoredEvent> events, AlarmState state) =
            await GetAlarms.FindAsync(id, caller, store, cancellationToken);
        PackResult result = await pack.MakeAsync(
            id, events, state, TimeSpan.FromSeconds(Math.Clamp(wait, 0, WaitMaxSeconds)), cancellationToken);
        if (result.Missing > 0 && !partial)
            return Problem.Of("alarm-not-anchored", ("missing", result.Missing));
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.File(result.Zip, "application/zip", $"alarm-{id}.zip");
    }
}
