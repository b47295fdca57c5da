using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Receivables.Parties;
using Receivables.Signatures;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Credit;

/// <summary>A line to grant.</summary>
/// <param name="Group">The organisation that heads the group.</param>
/// <param name="LimitFen">The whole line in fen.</param>
public sealed record GrantLineRequest(string? Group = null, long? LimitFen = null);

/// <summary>What is to change on a line.</summary>
/// <param name="Kind"><c>accept</c>, <c>limit</c>, <c>member</c>, <c>freeze</c> or <c>unfreeze</c>.</param>
/// <param name="LimitFen">The new limit (limit, member).</param>
/// <param name="Member">The member; left out, a freeze is of the whole line.</param>
/// <param name="LegalBasis">On what ground (freeze, unfreeze).</param>
public sealed record ChangeLineRequest(
    string? Kind = null, long? LimitFen = null, string? Member = null, string? LegalBasis = null);

/// <summary>Its shape.</summary>
internal sealed class GrantLineShape : AbstractValidator<GrantLineRequest>
{
    public GrantLineShape()
    {
        RuleFor(r => r.Group).Required().Text(1, 100);
        RuleFor(r => r.LimitFen).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.LimitFen).Must(ChangeLineShape.IsLimit).WithErrorCode("field-form");
    }
}

/// <summary>Its shape.</summary>
internal sealed class ChangeLineShape : AbstractValidator<ChangeLineRequest>
{
    /// <summary>Events carry whole numbers up to 2⁵³−1.</summary>
    internal const long FenMax = 9_007_199_254_740_991;

    private static readonly string[] Kinds = ["accept", "limit", "member", "freeze", "unfreeze"];

    public ChangeLineShape()
    {
        RuleFor(r => r.Kind).Required();
        RuleFor(r => r.Kind).Must(k => k is null || Kinds.Contains(k)).WithErrorCode("field-form");
        RuleFor(r => r.LimitFen).NotNull().When(r => r.Kind is "limit" or "member").WithErrorCode("field-required");
        RuleFor(r => r.LimitFen).Must(IsLimit).WithErrorCode("field-form");
        RuleFor(r => r.Member).NotEmpty().When(r => r.Kind == "member").WithErrorCode("field-required");
        RuleFor(r => r.Member).Text(1, 100);
        RuleFor(r => r.LegalBasis).NotEmpty().When(r => r.Kind is "freeze" or "unfreeze")
            .WithErrorCode("field-required");
        RuleFor(r => r.LegalBasis).Text(1, 500);
    }

    internal static bool IsLimit(long? fen) => fen is null or >= 0 and <= FenMax;
}

/// <summary>The answer to a change.</summary>
public sealed record CreditLineAnswer(Guid Line, long Version);

/// <summary>
/// Banks and factors grant lines, which the head of the group accepts and splits; each member accepts its own part.
/// </summary>
internal static class ChangeLine
{
    public static void Map(IEndpointRouteBuilder lines)
    {
        lines.MapPost("", GrantAsync).RequireRoles(Role.Admin).Validate(new GrantLineShape())
            .WithName("GrantCreditLine").WithSummary("Grants a credit line to a group.");
        lines.MapPost("/{id:guid}/changes", ChangeAsync).RequireRoles(Role.Admin, Role.Regulator)
            .Validate(new ChangeLineShape())
            .WithName("ChangeCreditLine").WithSummary("Accepts, changes, splits, freezes or unfreezes a credit line.");
    }

    private static Task<IResult> GrantAsync(
        HttpContext http, Caller caller, JsonBody<GrantLineRequest> body, CreditLines credit, PartyDirectory parties)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, "credit-grant", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            PartyState grantor = await parties.FindAsync(caller.Tenant, token);
            if (grantor is not { Kind: PartyKind.Bank or PartyKind.Factor, Status: PartyStatus.Active })
                throw new ProblemException(Problem.Of(CreditDecider.NotGrantor));
            if ((await parties.GetAsync(body.Value.Group!, token)).Status != PartyStatus.Active)
                throw new ProblemException(Problem.Of(Party.Inactive, ("party", body.Value.Group)));
            Guid id = session.Context.NewId();
            return await RunAsync(session, credit, id, new CreditCommand.Grant(
                caller.Tenant, body.Value.Group!, body.Value.LimitFen!.Value), StatusCodes.Status201Created, token);
        });
    }

    private static Task<IResult> ChangeAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<ChangeLineRequest> body, Store store, CreditLines credit)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"credit {id}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            CreditLine line = await store.AggregateStreamAsync<CreditLine>(CreditEvents.Stream(id), token);
            if (!MayChange(caller, line, body.Value.Kind!))
                throw new ProblemException(Problem.Of(CreditDecider.Missing));
            CreditCommand command = body.Value.Kind switch
            {
                "limit" => new CreditCommand.ChangeLimit(body.Value.LimitFen!.Value),
                "accept" => new CreditCommand.Accept(caller.Tenant),
                "member" => new CreditCommand.SetMember(
                    body.Value.Member!, body.Value.LimitFen!.Value, caller.Tenant),
                "freeze" => new CreditCommand.Freeze(body.Value.Member, body.Value.LegalBasis!),
                _ => new CreditCommand.Unfreeze(body.Value.Member, body.Value.LegalBasis!),
            };
            return await RunAsync(session, credit, id, command, StatusCodes.Status200OK, token);
        });
    }

    private static bool MayChange(Caller caller, CreditLine line, string kind) => kind switch
    {
        "limit" => caller.Is(Role.Admin) && caller.Tenant == line.Grantor,
        "member" => caller.Is(Role.Admin) && caller.Tenant == line.Group,
        "accept" => caller.Is(Role.Admin) && line.Exists,
        _ => caller.Is(Role.Regulator) || caller.Tenant == line.Grantor,
    };

    private static async Task<StoredResponse> RunAsync(
        Session session, CreditLines credit, Guid id, CreditCommand command, int status, CancellationToken token)
    {
        IReadOnlyList<AppendedWith> appended = await credit.DecideAsync(id, command, session.Context, token);
        foreach (AppendedWith e in appended)
            session.Append(e.Stream, e.ExpectedVersion, e.Event);
        return Once.Json(status, new CreditLineAnswer(id, appended.Count == 0 ? 0 : appended[^1].ExpectedVersion + 1),
            CreditJson.Default.CreditLineAnswer, status == StatusCodes.Status201Created ? $"credit/lines/{id}" : null);
    }
}
