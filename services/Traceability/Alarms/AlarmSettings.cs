using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Stores;
using Traceability.Scanning;

namespace Traceability.Alarms;

/// <summary>What a run came to.</summary>
/// <param name="Items">How many items were looked at.</param>
/// <param name="Raised">Alarms raised by it.</param>
/// <param name="Watched">Items whose signs are too weak for an alarm.</param>
public sealed record RunAnswer(int Items, IReadOnlyList<Guid> Raised, int Watched);

/// <summary>
/// Limits that an organisation may set. What protects the other side can't be set away: a share or a number below which
/// chance alone would raise alarms.
/// </summary>
internal sealed class LimitsShape : AbstractValidator<SuspicionLimits>
{
    public LimitsShape()
    {
        Whole(l => l.ChecksMax, 1, 1000);
        Whole(l => l.DevicesMin, 2, 1000);
        Figure(l => l.SpeedMax, 300, 10_000);
        Figure(l => l.UnsoldSpeedMax, 80, 10_000);
        Figure(l => l.CloneChance, 1e-9, 0.05);
        Figure(l => l.OutOfAreaShare, 0.05, 1);
        Whole(l => l.OutOfAreaScansMin, 5, 10_000);
        Whole(l => l.SpreadDevicesMin, 3, 1000);
        Whole(l => l.SpreadRegionsMin, 2, 1000);
        Figure(l => l.ProxyShare, 0.01, 0.9);
        Figure(l => l.SpreadChance, 1e-9, 0.05);
        Figure(l => l.ConcentrationMin, 0, 1);
        Whole(l => l.AlarmWeight, 2, 100);
        Figure(l => l.UsualCloneRate, 1e-6, 0.5);
        Whole(l => l.UsualCloneItems, 1, 1_000_000);
        Whole(l => l.WindowDays, 1, 30);
    }

    private void Whole(System.Linq.Expressions.Expression<Func<SuspicionLimits, int>> member, int min, int max) =>
        RuleFor(member).InclusiveBetween(min, max).WithErrorCode("field-range").WithState(_ => Range(min, max));

    private void Figure(System.Linq.Expressions.Expression<Func<SuspicionLimits, double>> member, double min, double max) =>
        RuleFor(member).InclusiveBetween(min, max).WithErrorCode("field-range").WithState(_ => Range(min, max));

    private static Dictionary<string, object?> Range(object min, object max) => new() { ["min"] = min, ["max"] = max };
}

/// <summary>The settings of the formulas, and running them at once.</summary>
internal static class AlarmSettings
{
    public static void Map(IEndpointRouteBuilder alarms)
    {
        alarms.MapGet("/limits", GetAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetAlarmLimits").WithSummary("The limits of the formulas.");
        alarms.MapPut("/limits", SetAsync).RequireRoles(Role.Admin).Validate(new LimitsShape())
            .WithName("SetAlarmLimits").WithSummary("Sets the limits for alarms to come; each alarm states its own.");
        alarms.MapPost("/run", RunAsync).RequireRoles(Role.Member, Role.Admin)
            .WithName("RunAlarms").WithSummary("Runs the formulas over the organisation's recent checks at once.");
    }

    private static async Task<IResult> GetAsync(
        Caller caller, AlarmRecorder recorder, CancellationToken cancellationToken) =>
        TypedResults.Json(
            await recorder.LimitsAsync(caller.Tenant, cancellationToken), AlarmJson.Default.SuspicionLimits);

    private static Task<IResult> SetAsync(HttpContext http, Caller caller, JsonBody<SuspicionLimits> body)
    {
        string name = AlarmEvents.LimitsStream(caller.Tenant);
        IdempotencyKey? key = Once.Key(http.Request, caller, name, body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<SuspicionLimits> stream = await session.FetchForWriting<SuspicionLimits>(name, token);
            stream.AppendOne(session.Context.Stamp(AlarmEvents.LimitsSet, new AlarmEvent.LimitsSet(body.Value)));
            return Once.Json(StatusCodes.Status200OK, body.Value, AlarmJson.Default.SuspicionLimits);
        });
    }

    private static async Task<IResult> RunAsync(Caller caller, AlarmWorker worker, CancellationToken cancellationToken)
    {
        RoundResult result = await worker.RunAsync(caller.Tenant, cancellationToken);
        return TypedResults.Json(
            new RunAnswer(result.Items, result.Raised, result.Watched), AlarmJson.Default.RunAnswer);
    }
}
