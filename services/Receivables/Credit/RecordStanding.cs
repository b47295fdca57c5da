using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Receivables.Rules;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Stores;

namespace Receivables.Credit;

/// <summary>A fact about a debtor.</summary>
/// <param name="Debtor">Which organisation.</param>
/// <param name="Kind">What stops it.</param>
/// <param name="Reference">The voucher, bond or list.</param>
/// <param name="Cleared">Whether it came to an end.</param>
/// <param name="Source">Where it was published.</param>
/// <param name="Sha256">Digest of the list, or of the proof that it is cleared.</param>
public sealed record StandingRequest(
    string? Debtor = null, StandingKind? Kind = null, string? Reference = null, bool Cleared = false,
    string? Source = null, string? Sha256 = null);

/// <summary>Its shape.</summary>
internal sealed class StandingShape : AbstractValidator<StandingRequest>
{
    public StandingShape()
    {
        RuleFor(r => r.Debtor).Required().Text(1, 100);
        RuleFor(r => r.Kind).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Reference).Required().Text(1, 200);
        RuleFor(r => r.Source).Required().Text(1, 500);
        RuleFor(r => r.Sha256).Must(d => d is null || d.Length == 64 && d.All(char.IsAsciiHexDigitLower))
            .WithErrorCode("field-form");
    }
}

/// <summary>How a debtor stands.</summary>
/// <param name="Debtor">Which.</param>
/// <param name="Stopped">Whether nothing new is issued for it (77号 art. 15).</param>
/// <param name="Standing">Why.</param>
public sealed record StandingAnswer(string Debtor, bool Stopped, Standing Standing);

/// <summary>Records and tells how debtors stand.</summary>
internal static class RecordStanding
{
    public static void Map(IEndpointRouteBuilder credit)
    {
        credit.MapPost("/standing", HandleAsync).RequireRoles(Role.Operator, Role.Regulator)
            .Validate(new StandingShape())
            .WithName("RecordStanding").WithSummary("Records what stops a debtor from issuing, or that it is cleared.");
        credit.MapGet("/standing/{debtor}", GetAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetStanding").WithSummary("Whether a debtor may issue (77号 art. 15).");
    }

    private static Task<IResult> HandleAsync(HttpContext http, Caller caller, JsonBody<StandingRequest> body)
    {
        StandingRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, "standing", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<DebtorStanding> stream =
                await session.FetchForWriting<DebtorStanding>(CreditEvents.StandingStream(r.Debtor!), token);
            StandingRecorded fact = new(r.Kind!.Value, r.Reference!, r.Cleared, r.Source!, r.Sha256);
            foreach (StandingRecorded e in DebtorStanding.Decide(stream.Aggregate, fact).EventsOrProblem())
                stream.AppendOne(session.Context.Stamp(CreditEvents.StandingRecorded, e));
            return Once.Json(StatusCodes.Status201Created,
                Answer(r.Debtor!, DebtorStanding.Evolve(stream.Aggregate, fact)), CreditJson.Default.StandingAnswer);
        });
    }

    private static async Task<IResult> GetAsync(string debtor, CreditLines credit, CancellationToken cancellation) =>
        TypedResults.Json(Answer(debtor, await credit.StandingAsync(debtor, cancellation)),
            CreditJson.Default.StandingAnswer);

    private static StandingAnswer Answer(string debtor, DebtorStanding standing) =>
        new(debtor, standing.Now != Standing.Good, standing.Now);
}
