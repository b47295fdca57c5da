using FluentValidation;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Traceability.Scanning;

/// <summary>A position that somebody chose to share with a check.</summary>
/// <param name="Key">Path of the item's link.</param>
/// <param name="Latitude">Degrees north, to two decimals.</param>
/// <param name="Longitude">Degrees east, to two decimals.</param>
/// <param name="AccuracyKm">Radius.</param>
public sealed record PositionRequest(
    string? Key = null, double? Latitude = null, double? Longitude = null, double? AccuracyKm = null);

internal sealed class PositionShape : AbstractValidator<PositionRequest>
{
    public PositionShape()
    {
        RuleFor(r => r.Key).Required();
        RuleFor(r => r.Latitude).Must(l => l is >= -90 and <= 90).WithErrorCode("field-form");
        RuleFor(r => r.Longitude).Must(l => l is >= -180 and <= 180).WithErrorCode("field-form");
        RuleFor(r => r.AccuracyKm).Must(a => a is > 0 and <= 20_000).WithErrorCode("field-form");
    }
}

/// <summary>Takes positions. What is finer than a kilometre is cut off here too, whatever a client sends.</summary>
internal static class SharedPosition
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/scans/position", HandleAsync).OpenToAll()
        .Validate(new PositionShape())
        .WithName("SharePosition").WithSummary("Adds a position to one's own check of today.");

    private static async Task<IResult> HandleAsync(HttpContext http, JsonBody<PositionRequest> body, ScanRecorder recorder)
    {
        PositionRequest r = body.Value;
        if (!ItemKey.TryParse(r.Key!, out ItemKey? key, out string? fault))
            return Problem.Of(fault);
        if (key.Serial is null)
            return Problem.Of(ItemKey.Invalid);
        Position position = new(
            Math.Round(r.Latitude!.Value, 2), Math.Round(r.Longitude!.Value, 2), Math.Max(1, r.AccuracyKm!.Value));
        return await recorder.LocateAsync(
                key, http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent.ToString(), position, http.RequestAborted)
            ? TypedResults.NoContent()
            : Problem.Of("not-found");
    }
}
