using Chain.Core;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Receivables.Pledges;

/// <summary>Where the unused rest is to go.</summary>
/// <param name="To">The other platform's account, 0x and 40 hex digits.</param>
public sealed record RestRequest(string? To = null);

/// <summary>What the supplier is asked to sign.</summary>
/// <param name="Statement">What this platform says of the rest; the supplier hands it to the other platform.</param>
/// <param name="Digest">What the supplier's account signs, hex.</param>
public sealed record RestAnswer(string Statement, string Digest);

/// <summary>A transfer that the supplier has confirmed.</summary>
/// <param name="To">The other platform's account.</param>
/// <param name="Statement">The statement as it was prepared.</param>
/// <param name="Signature">r ‖ s ‖ v of the supplier's account over the digest, hex; v is 27 or 28.</param>
public sealed record TransferClaimRequest(string? To = null, string? Statement = null, string? Signature = null);

/// <summary>A claim that another platform handed here.</summary>
/// <param name="Kind">As in <see cref="ClaimThingRequest"/>.</param>
/// <param name="Number">As there.</param>
/// <param name="Code">As there.</param>
/// <param name="Keeper">As there.</param>
/// <param name="Statement">The other platform's statement, as the supplier hands it over.</param>
public sealed record ReceiveClaimRequest(
    string? Kind = null, string? Number = null, string? Code = null, string? Keeper = null, string? Statement = null);

internal sealed class RestShape : AbstractValidator<RestRequest>
{
    public RestShape() => RuleFor(r => r.To).Must(Accounts.IsValid).WithErrorCode("field-form");
}

internal sealed class TransferClaimShape : AbstractValidator<TransferClaimRequest>
{
    private const int SignatureLength = 65;

    public TransferClaimShape()
    {
        RuleFor(r => r.To).Must(Accounts.IsValid).WithErrorCode("field-form");
        RuleFor(r => r.Statement).Required().Text(1, 1000);
        RuleFor(r => r.Signature).Must(IsSignature).WithErrorCode("field-form");
    }

    private static bool IsSignature(string? text) => text is { Length: 2 + (2 * SignatureLength) }
        && text.StartsWith("0x", StringComparison.Ordinal) && text.Skip(2).All(char.IsAsciiHexDigit);
}

internal sealed class ReceiveClaimShape : AbstractValidator<ReceiveClaimRequest>
{
    public ReceiveClaimShape()
    {
        RuleFor(r => r.Kind).Must(k => ClaimThingShape.Kinds.Contains(k)).WithErrorCode("field-form");
        RuleFor(r => r.Number).Required();
        RuleFor(r => r.Statement).Required().Text(1, 1000);
    }
}

/// <summary>Accounts in requests.</summary>
internal static class Accounts
{
    public static bool IsValid(string? text) =>
        text is not null && Address.TryParse(text, out Address account) && !account.IsZero;
}

/// <summary>Handing the unused rest of a thing to another platform, and taking one up. Each twice is once.</summary>
internal static class MovePledge
{
    public static void Map(RouteGroupBuilder pledges)
    {
        pledges.MapPost("/{id}/rest", PrepareAsync).RequireRoles(Role.Member).Validate(new RestShape())
            .WithName("PreparePledgeTransfer").WithSummary("What the supplier signs to have the unused rest moved.");
        pledges.MapPost("/{id}/transfer", MoveAsync).RequireRoles(Role.Member).Validate(new TransferClaimShape())
            .WithName("TransferPledge").WithSummary("Hands the unused rest to another platform.");
        pledges.MapPost("/received", ReceiveAsync).RequireRoles(Role.Member).Validate(new ReceiveClaimShape())
            .WithName("ReceivePledge").WithSummary("Takes up what another platform handed here.");
    }

    private static async Task<IResult> PrepareAsync(
        string id, Caller caller, RestRequest request, PledgeSaga saga, CancellationToken cancellation)
    {
        (Hash32 key, PledgeState state) = await PledgeEndpoints.OwnAsync(id, caller, saga, cancellation);
        Address to = Address.Parse(request.To!);
        // What would be refused is not given to anybody to sign.
        Pledge.HandOn(state, to.ToString(), "", "").EventsOrProblem();
        (string statement, Hash32 digest) =
            await PledgeProblems.TranslateAsync(() => saga.PrepareMoveAsync(key, to, cancellation));
        return TypedResults.Ok(new RestAnswer(statement, digest.ToString()));
    }

    private static async Task<IResult> MoveAsync(
        string id, Caller caller, TransferClaimRequest request, PledgeSaga saga, CancellationToken cancellation)
    {
        (Hash32 key, PledgeState state) = await PledgeEndpoints.OwnAsync(id, caller, saga, cancellation);
        Address to = Address.Parse(request.To!);
        bool done = state.HandedOn is { } before && before.To == to.ToString() && before.Statement == request.Statement;
        if (!done && !await PledgeProblems.TranslateAsync(() => saga.MoveAsync(
            key, to, request.Statement!, Hex.Parse(request.Signature!), cancellation)))
            return Problem.Of("pledge-transfer-refused");
        return TypedResults.Ok(PledgeAnswer.Of(key, await saga.StateAsync(key, cancellation)));
    }

    private static async Task<IResult> ReceiveAsync(
        Caller caller, ReceiveClaimRequest r, PledgeSaga saga, CancellationToken cancellation)
    {
        CanonicalId thing = PledgeEndpoints.Read(r.Kind!, r.Number!, r.Code, r.Keeper);
        Hash32 id = await PledgeProblems.TranslateAsync(
            () => saga.ReceiveAsync(thing, caller.Tenant, r.Statement!, cancellation));
        (_, PledgeState state) = await PledgeEndpoints.OwnAsync(id.ToString(), caller, saga, cancellation);
        return TypedResults.Ok(PledgeAnswer.Of(id, state));
    }
}
