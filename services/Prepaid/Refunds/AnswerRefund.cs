using Prepaid.Cards;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Prepaid.Refunds;

/// <summary>An answer with its sums.</summary>
public sealed record RefundAnswerDetails(
    long LowFen, long HighFen, IReadOnlyList<LotRefund> Lots, DateOnly? PayBy, string? PayByRule);

/// <summary>
/// The refund calculator: the same for consumer, merchant and court, without an account. It keeps nothing.
/// </summary>
internal static class AnswerRefund
{
    private const int MostLots = 200;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGroup("/open/refunds").OpenToAll().MapPost("/answer", Answer)
            .WithName("AnswerRefund").WithSummary("On these facts, this amount: 法释〔2025〕4号 and the place's rules.");

    private static IResult Answer(JsonBody<RefundRequest> body)
    {
        RefundRequest request = body.Value;
        if (request.Lots is not { Count: > 0 and <= MostLots } || request.Lots.Any(l => !IsShaped(l)))
            return Problem.Of("refund-facts");
        return RefundEngine.Answer(request) is { } answer
            ? TypedResults.Json(Details(answer), PrepaidJson.Default.RefundAnswerDetails)
            : Problem.Of("refund-no-rule", ("from", RefundEngine.InForce));
    }

    /// <summary>An answer with its sums.</summary>
    internal static RefundAnswerDetails Details(RefundAnswer answer) =>
        new(answer.LowFen, answer.HighFen, answer.Lots, answer.PayBy, answer.PayByRule);

    private static bool IsShaped(LotFacts lot) =>
        lot is { Lot: not null, PaidFen: >= 0 and <= CardDecider.MostFen, GiftFen: >= 0 and <= CardDecider.MostFen }
        && lot.PaidFen > 0
        && lot is { ListFen: null or >= 0 and <= CardDecider.MostFen, PriceFen: >= 0 and <= CardDecider.MostFen }
        && lot is { MarketFen: null or >= 0 and <= CardDecider.MostFen, ContractFen: null or >= 0 }
        && (lot.ContractFen ?? 0) <= lot.PaidFen
        && lot.Term is null or { TotalDays: > 0, RemainingDays: >= 0 } && (lot.Term?.RemainingDays ?? 0)
            <= (lot.Term?.TotalDays ?? 0);
}
