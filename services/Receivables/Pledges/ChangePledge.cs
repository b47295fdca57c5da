using Chain.Core;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Receivables.Pledges;

/// <summary>A voucher that is not to be issued after all.</summary>
public sealed record ReleaseRequest(string? Voucher = null);

/// <summary>A credit note (红字发票) that takes away from a claimed thing's worth.</summary>
/// <param name="Reference">Names the note; counted once.</param>
/// <param name="Fen">By how much, above zero.</param>
public sealed record CreditNoteRequest(string? Reference = null, long? Fen = null);

internal sealed class ReleaseShape : AbstractValidator<ReleaseRequest>
{
    public ReleaseShape() => RuleFor(r => r.Voucher).Required().Text(1, 64);
}

internal sealed class CreditNoteShape : AbstractValidator<CreditNoteRequest>
{
    public CreditNoteShape()
    {
        RuleFor(r => r.Reference).Required().Text(1, 100);
        RuleFor(r => r.Fen).Must(f => f is > 0).WithErrorCode("field-form");
    }
}

/// <summary>What changes inside a claim: an amount is given back, a credit note counted. Each twice is once.</summary>
internal static class ChangePledge
{
    public static void Map(RouteGroupBuilder pledges)
    {
        pledges.MapPost("/{id}/releases", ReleaseAsync).RequireRoles(Role.Member).Validate(new ReleaseShape())
            .WithName("ReleasePledge")
            .WithSummary("Gives back what is set aside for a voucher that was not issued; the last one ends the claim.");
        pledges.MapPost("/{id}/credit-notes", CreditAsync).RequireRoles(Role.Member).Validate(new CreditNoteShape())
            .WithName("CreditPledge").WithSummary("Counts a credit note inside the claim.");
    }

    private static async Task<IResult> ReleaseAsync(
        string id, Caller caller, ReleaseRequest request, PledgeSaga saga, CancellationToken cancellation)
    {
        (Hash32 key, PledgeState state) = await PledgeEndpoints.OwnAsync(id, caller, saga, cancellation);
        if (state.Locks.TryGetValue(request.Voucher!, out VoucherLock? held) && held.Issued)
            return Problem.Of("pledge-voucher-issued", ("voucher", request.Voucher));
        await saga.WithdrawAsync(key, request.Voucher!, cancellation);
        return TypedResults.Ok(PledgeAnswer.Of(
            key, await PledgeProblems.TranslateAsync(() => saga.DriveAsync(key, cancellation))));
    }

    private static async Task<IResult> CreditAsync(
        string id, Caller caller, CreditNoteRequest request, PledgeSaga saga, CancellationToken cancellation)
    {
        (Hash32 key, _) = await PledgeEndpoints.OwnAsync(id, caller, saga, cancellation);
        return TypedResults.Ok(PledgeAnswer.Of(
            key, await saga.CreditAsync(key, request.Reference!, request.Fen!.Value, cancellation)));
    }
}
