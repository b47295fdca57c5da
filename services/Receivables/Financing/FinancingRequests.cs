using System.Text.Json.Serialization;
using FluentValidation;
using Receivables.Credit;
using Receivables.Rules;
using ServiceDefaults.Http;

namespace Receivables.Financing;

/// <summary>What is to be financed.</summary>
/// <param name="Root">The voucher.</param>
/// <param name="Start">First fen.</param>
/// <param name="Fen">How much.</param>
/// <param name="Invited">Banks and factors that may offer.</param>
public sealed record ApplyRequest(
    string? Root = null, long? Start = null, long? Fen = null, IReadOnlyList<string>? Invited = null);

/// <summary>An offer.</summary>
/// <param name="PaysOut">On which day.</param>
/// <param name="ValidUntil">Last day on which it can be chosen.</param>
/// <param name="Price">For what.</param>
/// <param name="Recourse">Whether it is with recourse (Civil Code arts. 766, 767).</param>
public sealed record OfferRequest(
    DateOnly? PaysOut = null, DateOnly? ValidUntil = null, Price? Price = null, bool Recourse = false);

/// <summary>What happened to it: choice, papers, payment.</summary>
/// <param name="Kind">
/// <c>choose</c>, <c>search</c>, <c>registration</c>, <c>examination</c>, <c>disbursement</c> or <c>withdraw</c>.
/// </param>
/// <param name="Offer">The offer (choose).</param>
/// <param name="Number">Number of the registration or of the bank's receipt.</param>
/// <param name="At">The time printed on it.</param>
/// <param name="Fen">What was paid (disbursement).</param>
/// <param name="Sha256">Digest of the file.</param>
/// <param name="Rule">The rule (examination).</param>
/// <param name="Text">The reasons (examination).</param>
public sealed record FinancingStepRequest(
    string? Kind = null, string? Offer = null, string? Number = null, DateTimeOffset? At = null, long? Fen = null,
    string? Sha256 = null, string? Rule = null, string? Text = null);

/// <summary>A claim of a financier as its papers show it.</summary>
/// <param name="Financier">Who; left out, the caller.</param>
/// <param name="Fen">Its financing.</param>
/// <param name="Number">Number of 中登网's registration.</param>
/// <param name="RegisteredAt">The time printed on its receipt.</param>
/// <param name="ReceiptSha256">Digest of the receipt.</param>
/// <param name="NoticeArrived">When its notice reached the debtor.</param>
/// <param name="NoticeSha256">Digest of what proves that.</param>
public sealed record ClaimRequest(
    string? Financier = null, long? Fen = null, string? Number = null, DateTimeOffset? RegisteredAt = null,
    string? ReceiptSha256 = null, DateTimeOffset? NoticeArrived = null, string? NoticeSha256 = null);

/// <summary>Its shape.</summary>
internal sealed class ApplyShape : AbstractValidator<ApplyRequest>
{
    private const int InvitedMax = 20;

    public ApplyShape()
    {
        RuleFor(r => r.Root).Required().Text(1, 40);
        RuleFor(r => r.Start).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Start).Must(s => s is null or >= 0 and <= ChangeLineShape.FenMax).WithErrorCode("field-form");
        RuleFor(r => r.Fen).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Fen).Must(f => f is null or > 0 and <= ChangeLineShape.FenMax).WithErrorCode("field-form");
        RuleFor(r => r.Invited).Must(i => i is { Count: > 0 and <= InvitedMax } && i.Distinct().Count() == i.Count
            && i.All(p => p.Length is > 0 and <= 100)).WithErrorCode("field-form");
    }
}

/// <summary>Its shape.</summary>
internal sealed class OfferShape : AbstractValidator<OfferRequest>
{
    private const int FeesMax = 20;

    public OfferShape()
    {
        RuleFor(r => r.PaysOut).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.ValidUntil).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Price).Must(p => p is { RatePpm: >= 0 and < 1_000_000, DebtorPpm: >= 0 and <= 1_000_000 }
            && p.Fees is { Count: <= FeesMax } && p.Fees.All(IsFee)).WithErrorCode("field-form");
    }

    private static bool IsFee(Fee fee) => fee is { Fen: >= 0 and <= ChangeLineShape.FenMax / 100 }
        && fee.Payee is { Length: > 0 and <= 100 } && fee.Name is { Length: > 0 and <= 100 };
}

/// <summary>Its shape.</summary>
internal sealed class FinancingStepShape : AbstractValidator<FinancingStepRequest>
{
    public FinancingStepShape()
    {
        RuleFor(r => r.Kind).Must(k => k is "choose" or "search" or "registration" or "examination" or "disbursement"
                or "withdraw").WithErrorCode("field-form");
        RuleFor(r => r.Offer).NotEmpty().When(r => r.Kind == "choose").WithErrorCode("field-required");
        RuleFor(r => r.Number).NotEmpty().When(r => r.Kind is "registration" or "disbursement")
            .WithErrorCode("field-required");
        RuleFor(r => r.Number).Text(1, 100);
        RuleFor(r => r.At).NotNull().When(r => r.Kind is "search" or "registration" or "disbursement")
            .WithErrorCode("field-required");
        RuleFor(r => r.Fen).NotNull().When(r => r.Kind == "disbursement").WithErrorCode("field-required");
        RuleFor(r => r.Sha256).NotEmpty().When(r => r.Kind is not ("choose" or "withdraw")).WithErrorCode("field-required");
        RuleFor(r => r.Sha256).Must(CalendarShape.IsDigest).WithErrorCode("field-form");
        RuleFor(r => r.Rule).NotEmpty().When(r => r.Kind == "examination").WithErrorCode("field-required");
        RuleFor(r => r.Text).NotEmpty().When(r => r.Kind == "examination").WithErrorCode("field-required");
        RuleFor(r => r.Text).Text(1, 2_000);
    }
}

/// <summary>Its shape: a registration is number, time and digest together or not at all, a notice likewise.</summary>
internal sealed class ClaimShape : AbstractValidator<ClaimRequest>
{
    public ClaimShape()
    {
        RuleFor(r => r.Financier).Text(1, 100);
        RuleFor(r => r.Fen).Must(f => f is > 0 and <= ChangeLineShape.FenMax).WithErrorCode("field-form");
        RuleFor(r => r.Number).Text(1, 100);
        RuleFor(r => r.ReceiptSha256).Must(CalendarShape.IsDigest).WithErrorCode("field-form");
        RuleFor(r => r.NoticeSha256).Must(CalendarShape.IsDigest).WithErrorCode("field-form");
        RuleFor(r => r.ReceiptSha256).NotEmpty().When(r => r.RegisteredAt is not null || r.Number is not null)
            .WithErrorCode("field-required");
        RuleFor(r => r.RegisteredAt).NotNull().When(r => r.ReceiptSha256 is not null).WithErrorCode("field-required");
        RuleFor(r => r.Number).NotEmpty().When(r => r.ReceiptSha256 is not null).WithErrorCode("field-required");
        RuleFor(r => r.NoticeSha256).NotEmpty().When(r => r.NoticeArrived is not null).WithErrorCode("field-required");
    }
}

/// <summary>The answer to a step.</summary>
/// <param name="Id">The financing.</param>
/// <param name="EventId">The event, which has a proof.</param>
/// <param name="Offer">The name of the offer that was made.</param>
public sealed record FinancingAnswer(Guid Id, Guid EventId, string? Offer = null);

/// <summary>How requests of financing are read.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(DayCountConverter)])]
[JsonSerializable(typeof(OfferRequest))]
internal sealed partial class FinancingRequestJson : JsonSerializerContext;
