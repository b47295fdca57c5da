using EventStore.Idempotency;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Identity.Organisations;

/// <summary>Registers an organisation.</summary>
/// <param name="Id">Short id that becomes the tenant: 2 to 40 of a–z, 0–9 and hyphen. Made up here when missing.</param>
/// <param name="Name">Registered name.</param>
/// <param name="CreditCode">Unified social credit code (GB 32100).</param>
public sealed record OrganisationRequest(string? Id = null, string? Name = null, string? CreditCode = null);

/// <summary>An organisation.</summary>
public sealed record OrganisationAnswer(string Id, string Name, string? CreditCode, DateTimeOffset RegisteredAt);

/// <summary>Organisations, oldest first.</summary>
public sealed record OrganisationList(IReadOnlyList<OrganisationAnswer> Items);

internal sealed class OrganisationShape : AbstractValidator<OrganisationRequest>
{
    public OrganisationShape()
    {
        RuleFor(r => r.Id).Must(i => i is null || IsId(i)).WithErrorCode("field-form");
        RuleFor(r => r.Name).Required();
        RuleFor(r => r.Name).Text(1, 100);
        RuleFor(r => r.CreditCode).Required();
        RuleFor(r => r.CreditCode).Must(c => string.IsNullOrEmpty(c) || SocialCreditCode.IsValid(c))
            .WithErrorCode("credit-code");
    }

    public static bool IsId(string id) =>
        id.Length is >= 2 and <= 40 && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}

/// <summary>The operator registers organisations; everybody reads their own.</summary>
internal static class ManageOrganisations
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder organisations = endpoints.MapGroup("/organisations");
        organisations.MapPost("", RegisterAsync).RequireRoles(Role.Operator).Validate(new OrganisationShape())
            .WithName("RegisterOrganisation");
        organisations.MapGet("", ListAsync).RequireRoles(Role.Operator, Role.Regulator).WithName("ListOrganisations");
        organisations.MapGet("/{id}", GetAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator, Role.Operator).WithName("GetOrganisation");
    }

    private static Task<IResult> RegisterAsync(
        HttpContext http, Caller caller, JsonBody<OrganisationRequest> body, Accounts accounts)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, "register-organisation", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            if (await accounts.CreditCodeTakenAsync(body.Value.CreditCode!, token))
                throw new ProblemException(Problem.Of("credit-code-taken", ("code", body.Value.CreditCode)));
            string id = body.Value.Id ?? $"org-{session.Context.NewId():N}";
            await AccountCommands.DecideAsync(session, IdentityEvents.Organisation(id),
                new IdentityEvent.OrganisationRegistered(body.Value.Name!, body.Value.CreditCode), null, token);
            return Once.Json(StatusCodes.Status201Created,
                new OrganisationAnswer(id, body.Value.Name!, body.Value.CreditCode, session.Context.Now),
                ApiJson.Default.OrganisationAnswer, "organisations/" + id);
        });
    }

    private static async Task<IResult> ListAsync(Accounts accounts, CancellationToken cancellationToken) =>
        TypedResults.Json(new OrganisationList(await accounts.OrganisationsAsync(null, cancellationToken)),
            ApiJson.Default.OrganisationList);

    private static async Task<IResult> GetAsync(
        string id, Caller caller, Accounts accounts, CancellationToken cancellationToken)
    {
        bool all = caller.Is(Role.Operator) || caller.Is(Role.Regulator);
        IReadOnlyList<OrganisationAnswer> found = all || id == caller.Tenant
            ? await accounts.OrganisationsAsync(id, cancellationToken)
            : [];
        return found.Count == 1
            ? TypedResults.Json(found[0], ApiJson.Default.OrganisationAnswer)
            : Problem.Of("organisation-not-found", ("id", id));
    }
}
