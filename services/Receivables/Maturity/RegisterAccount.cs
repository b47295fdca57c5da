using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Receivables.Rules;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Stores;

namespace Receivables.Maturity;

/// <summary>The organisation's own settlement account.</summary>
/// <param name="Bank">The bank's number (联行号).</param>
/// <param name="Number">Its number there.</param>
/// <param name="ConfirmationSha256">Digest of the bank's confirmation that it is the organisation's own.</param>
public sealed record AccountRequest(string? Bank = null, string? Number = null, string? ConfirmationSha256 = null);

/// <summary>Its shape.</summary>
internal sealed class AccountShape : AbstractValidator<AccountRequest>
{
    public AccountShape()
    {
        RuleFor(r => r.Bank).Required().Must(IsNumber).WithErrorCode("field-form");
        RuleFor(r => r.Number).Required().Must(IsNumber).WithErrorCode("field-form");
        RuleFor(r => r.ConfirmationSha256).Required().Must(CalendarShape.IsDigest).WithErrorCode("field-form");
    }

    // One way of writing each account, so that two parties can't register the same one.
    private static bool IsNumber(string? text) => text is null || text.Length <= 40 && text.All(char.IsAsciiDigit);
}

/// <summary>The answer to a registration.</summary>
public sealed record AccountAnswer(string Party, string Bank, string Number);

/// <summary>Registers accounts; never one of the platform, never one of two parties.</summary>
internal static class RegisterAccount
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/accounts", HandleAsync).RequireRoles(Role.Admin, Role.Operator).Validate(new AccountShape())
            .WithName("RegisterAccount").WithSummary("Registers the organisation's own settlement account.");

    private static Task<IResult> HandleAsync(HttpContext http, Caller caller, JsonBody<AccountRequest> body)
    {
        AccountRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, "account", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<AccountState> stream = await session.FetchForWriting<AccountState>(
                ClearingEvents.AccountStream(r.Bank!, r.Number!), token);
            stream.AppendMany(AccountState.Decide(
                stream.Aggregate, new AccountRegistered(caller.Tenant, r.Bank!, r.Number!, r.ConfirmationSha256!),
                caller.Is(Role.Operator)).EventsOrProblem());
            return Once.Json(StatusCodes.Status201Created, new AccountAnswer(caller.Tenant, r.Bank!, r.Number!),
                ClearingJson.Default.AccountAnswer);
        });
    }
}
