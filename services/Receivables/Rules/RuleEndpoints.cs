using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Rules;

/// <summary>A year's notice: its lines <c>day,kind</c> with kind <c>rest</c> or <c>work</c>.</summary>
/// <param name="Year">The year.</param>
/// <param name="Notice">Number of the notice.</param>
/// <param name="Csv">Its lines.</param>
/// <param name="Sha256">Digest of the notice.</param>
public sealed record CalendarRequest(
    int? Year = null, string? Notice = null, string? Csv = null, string? Sha256 = null);

/// <summary>A publication of the one-year LPR.</summary>
/// <param name="From">Its day.</param>
/// <param name="Ppm">A year, in millionths.</param>
/// <param name="Sha256">Digest of the publication.</param>
public sealed record LprRequest(DateOnly? From = null, int? Ppm = null, string? Sha256 = null);

/// <summary>The answer to an import.</summary>
public sealed record ImportAnswer(Guid EventId);

/// <summary>One finding, as it is shown.</summary>
public sealed record FindingAnswer(
    string Rule, string Law, string Article, string Source, RuleOutcome Outcome, Words Words,
    IReadOnlyList<Words> Needs, IReadOnlyList<string> Recorded);

/// <summary>What the rules say.</summary>
public sealed record JudgementAnswer(DateOnly AsOf, bool Allowed, IReadOnlyList<FindingAnswer> Findings)
{
    /// <summary>A judgement as it is shown.</summary>
    public static JudgementAnswer Of(Judgement judgement) => new(judgement.AsOf, judgement.Allowed,
    [
        .. judgement.Findings.Select(f => new FindingAnswer(
            f.Rule.Id, f.Rule.Law, f.Article, f.Rule.Source, f.Outcome, f.Words,
            [.. f.Needs.Select(n => RuleBook.Needs[n])], f.Recorded)),
    ]);
}

/// <summary>Its shape.</summary>
internal sealed class CalendarShape : AbstractValidator<CalendarRequest>
{
    public CalendarShape()
    {
        RuleFor(r => r.Year).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Year).Must(y => y is null or >= 2000 and <= 2200).WithErrorCode("field-form");
        RuleFor(r => r.Notice).Required().Text(1, 100);
        RuleFor(r => r.Csv).Required().Text(1, 20_000);
        RuleFor(r => r.Sha256).Required().Must(IsDigest).WithErrorCode("field-form");
    }

    internal static bool IsDigest(string? d) => d is null || d.Length == 64 && d.All(char.IsAsciiHexDigitLower);
}

/// <summary>Its shape.</summary>
internal sealed class LprShape : AbstractValidator<LprRequest>
{
    public LprShape()
    {
        RuleFor(r => r.From).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Ppm).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Ppm).Must(p => p is null or > 0 and < 1_000_000).WithErrorCode("field-form");
        RuleFor(r => r.Sha256).Required().Must(CalendarShape.IsDigest).WithErrorCode("field-form");
    }
}

/// <summary>Rules, calendars and rates: to read for all, to import for operator and regulator.</summary>
internal static class RuleEndpoints
{
    private static readonly string[] Readers = [Role.Member, Role.Reader, Role.Admin, Role.Regulator, Role.Operator];

    public static void MapRules(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder rules = app.MapGroup("/rules");
        rules.MapGet("", () => TypedResults.Json(RuleBook.All, ReferenceJson.Default.IReadOnlyListRule))
            .RequireRoles(Readers).WithName("ListRules").WithSummary("Every rule with article, dates and source.");
        rules.MapGet("/calendar", async (Store store, CancellationToken cancellation) => TypedResults.Json(
            (await DataAsync(store, cancellation)).Calendar.Years.ToList(), ReferenceJson.Default.ListCalendarYear))
            .RequireRoles(Readers).WithName("GetCalendar").WithSummary("Days of rest and swapped working days.");
        rules.MapGet("/calendar/due/{day}", DueAsync)
            .RequireRoles(Readers).WithName("GetDueDay")
            .WithSummary("The day a due date falls on (Civil Code art. 203).");
        rules.MapGet("/lpr", async (Store store, CancellationToken cancellation) => TypedResults.Json(
            (await DataAsync(store, cancellation)).Lpr, ReferenceJson.Default.LprTable))
            .RequireRoles(Readers).WithName("GetLpr").WithSummary("The dated table of the one-year LPR.");
        rules.MapPost("/calendar", ImportCalendarAsync).RequireRoles(Role.Operator, Role.Regulator)
            .Validate(new CalendarShape()).WithName("ImportCalendar").WithSummary("Imports a year's notice.");
        rules.MapPost("/lpr", ImportLprAsync).RequireRoles(Role.Operator, Role.Regulator)
            .Validate(new LprShape()).WithName("ImportLpr").WithSummary("Imports a publication of the one-year LPR.");
    }

    /// <summary>Calendars and rates as they stand.</summary>
    internal static Task<ReferenceData> DataAsync(Store store, CancellationToken cancellation) =>
        store.AggregateStreamAsync<ReferenceData>(ReferenceEvents.Stream, cancellation);

    private static async Task<IResult> DueAsync(DateOnly day, Store store, CancellationToken cancellation) =>
        TypedResults.Json(
            (await DataAsync(store, cancellation)).Calendar.Due(day), ReferenceJson.Default.DueDay);

    private static Task<IResult> ImportCalendarAsync(HttpContext http, Caller caller, JsonBody<CalendarRequest> body)
    {
        CalendarRequest r = body.Value;
        CalendarYear? year = CalendarYear.FromCsv(r.Year!.Value, r.Notice!, r.Csv!);
        if (year?.Fault() is not null || year is null)
            throw new ProblemException(Problem.Of("calendar-form", ("fault", year?.Fault() ?? "csv")));
        return ImportAsync(http, caller, "calendar", body.Bytes, new CalendarImported(year, r.Sha256!));
    }

    private static Task<IResult> ImportLprAsync(HttpContext http, Caller caller, JsonBody<LprRequest> body) =>
        ImportAsync(http, caller, "lpr", body.Bytes, new LprImported(
            new LprRate(body.Value.From!.Value, body.Value.Ppm!.Value), body.Value.Sha256!));

    private static Task<IResult> ImportAsync(
        HttpContext http, Caller caller, string operation, ReadOnlyMemory<byte> body, object import)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, operation, body.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<ReferenceData> stream =
                await session.FetchForWriting<ReferenceData>(ReferenceEvents.Stream, token);
            NewEvent e = session.Context.Stamp(import is CalendarImported
                ? "receivables.calendar-imported.v1" : "receivables.lpr-imported.v1", import);
            stream.AppendOne(e);
            return Once.Json(StatusCodes.Status201Created, new ImportAnswer(e.Id), ReferenceJson.Default.ImportAnswer);
        });
    }
}
