using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Prepaid.Cards;
using Prepaid.Days;
using PrepaidRisk;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Risk;

/// <summary>A merchant's appeal.</summary>
/// <param name="Day">The grade's day.</param>
/// <param name="Words">Why.</param>
/// <param name="Evidence">SHA-256 of what shows it.</param>
public sealed record AppealRequest(DateOnly? Day = null, string? Words = null, string? Evidence = null);

/// <summary>A decision on an appeal.</summary>
/// <param name="Day">The grade's day.</param>
/// <param name="Granted">Whether it is granted.</param>
/// <param name="Letter">The letter that counts instead, where it is.</param>
/// <param name="Until">Its last day.</param>
/// <param name="Reason">Why.</param>
public sealed record AppealDecisionRequest(
    DateOnly? Day = null, bool Granted = false, Letter? Letter = null, DateOnly? Until = null, string? Reason = null);

/// <summary>What was done about an alert.</summary>
public sealed record HandleAlertRequest(string? Action = null, string? Words = null);

/// <summary>A step of a merchant's history.</summary>
/// <param name="Event">Its event's id, whose proof can be asked for.</param>
/// <param name="At">When.</param>
/// <param name="What"><c>graded</c>, <c>appealed</c>, <c>decided</c> or <c>handled</c>.</param>
/// <param name="Graded">The grade.</param>
/// <param name="Appealed">The appeal.</param>
/// <param name="Decided">The decision.</param>
/// <param name="Handled">What was done about an alert.</param>
public sealed record RiskStep(
    Guid Event, DateTimeOffset At, string What, RiskEvent.Graded? Graded = null, RiskEvent.Appealed? Appealed = null,
    RiskEvent.AppealDecided? Decided = null, RiskEvent.AlertHandled? Handled = null);

/// <summary>How a merchant is seen, with its history, the latest first.</summary>
/// <param name="Merchant">The issuer.</param>
/// <param name="Letter">The letter that counts today; null before the first grade.</param>
/// <param name="AlertSince">Day of an alert that nobody dealt with.</param>
/// <param name="AppealOf">Day of the grade that an appeal stands against.</param>
/// <param name="History">Every step.</param>
public sealed record RatedDetails(
    string Merchant, Letter? Letter,
    DateOnly? AlertSince, DateOnly? AppealOf, IReadOnlyList<RiskStep> History);

/// <summary>The days that the detector sees, as they are held now.</summary>
public sealed record ObservedDays(string Merchant, IReadOnlyList<ObservedDay> Days);

internal sealed class AppealShape : AbstractValidator<AppealRequest>
{
    public AppealShape()
    {
        RuleFor(r => r.Day).Required();
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 2000);
        RuleFor(r => r.Evidence).Must(e => e is null || CardNames.IsDigest(e)).WithErrorCode("field-form");
    }
}

internal sealed class AppealDecisionShape : AbstractValidator<AppealDecisionRequest>
{
    public AppealDecisionShape()
    {
        RuleFor(r => r.Day).Required();
        RuleFor(r => r.Reason).Required();
        RuleFor(r => r.Reason).Text(1, 2000);
    }
}

internal sealed class HandleAlertShape : AbstractValidator<HandleAlertRequest>
{
    private static readonly string[] s_actions = ["asked", "inspected", "ordered", "dismissed"];

    public HandleAlertShape()
    {
        RuleFor(r => r.Action).Required();
        RuleFor(r => r.Action).Must(a => a is null || s_actions.Contains(a)).WithErrorCode("field-form");
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 1000);
    }
}

/// <summary>Grades, alerts and appeals over HTTP.</summary>
internal static class RiskSlice
{
    private const int LimitMax = 200;

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder risk = app.MapGroup("/risk");
        risk.MapPost("/grades", GradeAsync).RequireRoles(Role.Regulator, Role.Operator)
            .WithName("GradeMerchants").WithSummary("Grades everybody by the last closed day, before the week's run.");
        risk.MapGet("/merchants", ListAsync).RequireRoles(Role.Regulator)
            .WithName("ListRatedMerchants").WithSummary("Merchants by coverage, grade or balance, page by page.");
        risk.MapGet("/merchants/{id}", GetAsync).RequireRoles(Role.Admin, Role.Regulator)
            .WithName("GetRatedMerchant").WithSummary("A merchant's grades, burn-down, alerts and appeals.");
        risk.MapGet("/merchants/{id}/days", DaysAsync).RequireRoles(Role.Admin, Role.Regulator)
            .WithName("GetObservedDays").WithSummary("What the detector sees of a merchant, day by day.");
        risk.MapPost("/own/appeals", AppealAsync).RequireRoles(Role.Admin).Validate(new AppealShape())
            .WithName("AppealGrade").WithSummary("The merchant appeals against its last grade.");
        risk.MapPost("/merchants/{id}/appeal-decisions", DecideAsync).RequireRoles(Role.Regulator)
            .Validate(new AppealDecisionShape())
            .WithName("DecideAppeal").WithSummary("Decides an appeal; the grade stays, the decision stands beside it.");
        risk.MapPost("/merchants/{id}/alert-handlings", HandleAsync).RequireRoles(Role.Regulator)
            .Validate(new HandleAlertShape())
            .WithName("HandleAlert").WithSummary("Says what was done about an alert.");
    }

    /// <summary>Wires the weekly run.</summary>
    public static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(p => new Grading(
            p.GetRequiredService<Store>(), p.GetRequiredService<TreeRows>(), p.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService<GradingWorker>();
    }

    private static async Task<IResult> GradeAsync(Grading grading, CancellationToken token) =>
        await grading.RunAsync(null, token) is { } run
            ? TypedResults.Json(run, RiskJson.Default.GradedDay)
            : Problem.Of("day-not-closed", ("day", "-"));

    private static async Task<IResult> ListAsync(
        string? sort, string? jurisdiction, bool? alert, bool? appeal, string? cursor, int? limit, Store store,
        CancellationToken token)
    {
        RatedQuery asked = new(sort ?? "coverage", jurisdiction, alert == true, appeal == true);
        return RatedRows.Sorts(asked.Sort) && await RatedRows.ReadAsync(
            store.DataSource, asked, cursor, Math.Clamp(limit ?? 50, 1, LimitMax), token) is { } page
            ? TypedResults.Json(page, RiskJson.Default.RatedPage) : Problem.Of("request-malformed");
    }

    private static async Task<IResult> GetAsync(
        string id, Caller caller, Store store, TimeProvider time, CancellationToken token)
    {
        if (caller.Tenant != id && !caller.Is(Role.Regulator))
            return Problem.Of("forbidden");
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(RiskEvents.Stream(id), token);
        RatedMerchant merchant = events.Aggregate(
            RatedMerchant.Initial, (m, e) => RatedMerchant.Evolve(m, (RiskEvent)e.Data));
        return TypedResults.Json(new RatedDetails(
            id, merchant.LetterOn(CardRun.Day(time.GetUtcNow())), merchant.AlertSince, merchant.AppealOf,
            [.. events.Reverse().Select(Step)]), RiskJson.Default.RatedDetails);
    }

    private static async Task<IResult> DaysAsync(
        string id, Caller caller, Grading grading, TreeRows trees, CancellationToken token)
    {
        if (caller.Tenant != id && !caller.Is(Role.Regulator))
            return Problem.Of("forbidden");
        DateOnly last = await trees.LastAsync(token) ?? default;
        MerchantFile file = RiskFile.Of(await grading.RecordsAsync(id, last, token));
        return TypedResults.Json(new ObservedDays(id, [.. file.Between(DateOnly.MinValue, last)]),
            RiskJson.Default.ObservedDays);
    }

    private static Task<IResult> AppealAsync(HttpContext http, Caller caller, JsonBody<AppealRequest> body)
    {
        AppealRequest r = body.Value;
        return RunAsync(http, caller, caller.Tenant, r.Day!.Value, body.Bytes, (m, _) =>
            RatedMerchant.Appeal(m, new RiskEvent.Appealed(r.Day!.Value, r.Words!, r.Evidence)));
    }

    private static Task<IResult> DecideAsync(
        string id, HttpContext http, Caller caller, JsonBody<AppealDecisionRequest> body)
    {
        AppealDecisionRequest r = body.Value;
        return RunAsync(http, caller, id, r.Day!.Value, body.Bytes, (m, today) => RatedMerchant.Decide(
            m, r.Granted, new RiskEvent.AppealDecided(r.Day!.Value, r.Letter, r.Until, r.Reason!), today));
    }

    private static Task<IResult> HandleAsync(
        string id, HttpContext http, Caller caller, JsonBody<HandleAlertRequest> body) => RunAsync(
        http, caller, id, default, body.Bytes, (m, _) => RatedMerchant.Handle(
            m, new RiskEvent.AlertHandled(body.Value.Action!, body.Value.Words!)));

    private static Task<IResult> RunAsync(
        HttpContext http, Caller caller, string merchant, DateOnly day, ReadOnlyMemory<byte> body,
        Func<RatedMerchant, DateOnly, Decision<RiskEvent>> decide)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"{http.Request.Path} {merchant}", body.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<RatedMerchant> stream =
                await session.FetchForWriting<RatedMerchant>(RiskEvents.Stream(merchant), token);
            (RatedMerchant rated, DateOnly today) = (stream.Aggregate, CardRun.Day(session.Context.Now));
            List<RiskStep> steps = [];
            foreach (RiskEvent e in decide(rated, today).EventsOrProblem(("day", day)))
            {
                NewEvent stamped = session.Context.Stamp(RiskEvents.NameOf(e), e);
                stream.AppendOne(stamped);
                rated = RatedMerchant.Evolve(rated, e);
                steps.Add(Step(stamped.Id, stamped.OccurredAt, e));
            }
            return Once.Json(StatusCodes.Status200OK,
                new RatedDetails(merchant, rated.LetterOn(today), rated.AlertSince, rated.AppealOf, steps),
                RiskJson.Default.RatedDetails);
        });
    }

    private static RiskStep Step(StoredEvent e) => Step(e.Id, e.OccurredAt, (RiskEvent)e.Data);

    private static RiskStep Step(Guid id, DateTimeOffset at, RiskEvent e) => e switch
    {
        RiskEvent.Graded g => new RiskStep(id, at, "graded", Graded: g),
        RiskEvent.Appealed a => new RiskStep(id, at, "appealed", Appealed: a),
        RiskEvent.AppealDecided d => new RiskStep(id, at, "decided", Decided: d),
        RiskEvent.AlertHandled h => new RiskStep(id, at, "handled", Handled: h),
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no step."),
    };
}
