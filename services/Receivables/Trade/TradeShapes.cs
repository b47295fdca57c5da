using FluentValidation;
using Receivables.Parties;
using ServiceDefaults.Http;

namespace Receivables.Trade;

/// <summary>A document to deposit.</summary>
public sealed record TradeRequest(
    TradeKind? Kind = null, string? Sha256 = null, string? Number = null, string? Code = null, string? Seller = null,
    string? Buyer = null, long? GrossFen = null, long? NetFen = null, DateOnly? IssuedOn = null, string? Contract = null,
    DateOnly? PayBy = null);

/// <summary>What somebody saw when looking an invoice up.</summary>
public sealed record CheckRequest(CheckResult? Result = null, string? EvidenceSha256 = null);

/// <summary>A red-letter note: what it takes back is positive.</summary>
public sealed record RedLetterRequest(
    string? Sha256 = null, string? Number = null, long? GrossFen = null, DateOnly? IssuedOn = null);

/// <summary>Another invoice that a voucher comes to rest on instead.</summary>
public sealed record TopUpRequest(string? Voucher = null, Guid? From = null, long? Fen = null);

/// <summary>A consent that a bank sees documents for one application.</summary>
public sealed record ConsentRequest(
    string? Bank = null, string? Application = null, IReadOnlyList<Guid>? Documents = null, DateTimeOffset? Until = null);

/// <summary>Why a consent ends.</summary>
public sealed record WithdrawConsentRequest(string? Reason = null);

internal sealed class TradeShape : AbstractValidator<TradeRequest>
{
    private const long FenMax = 9_007_199_254_740_991;

    public TradeShape()
    {
        RuleFor(r => r.Kind).Required();
        RuleFor(r => r.Sha256).Must(Digest.IsValid).WithErrorCode("field-form");
        RuleFor(r => r.Number).Required();
        RuleFor(r => r.Number).Text(1, 100);
        RuleFor(r => r.Code).Text(1, 20);
        RuleFor(r => r.Seller).Required();
        RuleFor(r => r.Buyer).Required();
        RuleFor(r => r.Buyer).NotEqual(r => r.Seller).When(r => r.Buyer is not null).WithErrorCode("field-form");
        RuleFor(r => r.Contract).Text(1, 100);
        RuleFor(r => r.IssuedOn).Required();
        RuleFor(r => r.PayBy).Null().When(r => r.Kind != TradeKind.TermClause).WithErrorCode("field-form");
        RuleFor(r => r.GrossFen).Must(f => f is null or > 0 and <= FenMax).WithErrorCode("field-form");
        RuleFor(r => r.GrossFen).NotNull().When(r => TradeDocument.IsThing(r.Kind)).WithErrorCode("field-required");
        RuleFor(r => r.NetFen).Must((r, f) => f is null || f >= 0 && f <= r.GrossFen).WithErrorCode("field-form");
    }
}

internal sealed class CheckShape : AbstractValidator<CheckRequest>
{
    public CheckShape()
    {
        RuleFor(r => r.Result).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.EvidenceSha256).Must(Digest.IsValid).WithErrorCode("field-form");
    }
}

internal sealed class RedLetterShape : AbstractValidator<RedLetterRequest>
{
    public RedLetterShape()
    {
        RuleFor(r => r.Sha256).Must(Digest.IsValid).WithErrorCode("field-form");
        RuleFor(r => r.Number).Required();
        RuleFor(r => r.Number).Text(1, 100);
        RuleFor(r => r.GrossFen).Must(f => f is > 0).WithErrorCode("field-form");
        RuleFor(r => r.IssuedOn).Required();
    }
}

internal sealed class TopUpShape : AbstractValidator<TopUpRequest>
{
    public TopUpShape()
    {
        RuleFor(r => r.Voucher).Required();
        RuleFor(r => r.Voucher).Text(1, 100);
        RuleFor(r => r.From).Required();
        RuleFor(r => r.Fen).Must(f => f is > 0).WithErrorCode("field-form");
    }
}

internal sealed class ConsentShape : AbstractValidator<ConsentRequest>
{
    private const int DocumentsMax = 100;

    public ConsentShape()
    {
        RuleFor(r => r.Bank).Required();
        RuleFor(r => r.Application).Required();
        RuleFor(r => r.Application).Text(1, 100);
        RuleFor(r => r.Documents).Must(d => d is { Count: > 0 and <= DocumentsMax }).WithErrorCode("field-form");
        RuleFor(r => r.Until).Required();
    }
}

internal sealed class WithdrawConsentShape : AbstractValidator<WithdrawConsentRequest>
{
    public WithdrawConsentShape()
    {
        RuleFor(r => r.Reason).Required();
        RuleFor(r => r.Reason).Text(1, 200);
    }
}
