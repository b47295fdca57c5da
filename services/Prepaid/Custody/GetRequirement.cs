using EventStore;
using Prepaid.Merchants;
using Prepaid.Rules;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Prepaid.Custody;

/// <summary>One rule's answer in words and figures.</summary>
public sealed record FindingDetails(
    string Rule, string Law, string? Article, string Status, Words Says, string Because, long LowFen, long? HighFen,
    IReadOnlyDictionary<string, long> Figures);

/// <summary>What has to lie in custody for a balance.</summary>
/// <param name="Merchant">The issuer.</param>
/// <param name="Day">By the rules of which day.</param>
/// <param name="NoRuleKnown">No rule is known here: ask counsel.</param>
/// <param name="LowFen">What certainly has to; null where no rule is known.</param>
/// <param name="HighFen">What may have to; null where nobody here can say.</param>
/// <param name="Findings">Every rule's answer.</param>
public sealed record RequirementDetails(
    string Merchant, DateOnly Day, bool NoRuleKnown, long? LowFen, long? HighFen,
    IReadOnlyList<FindingDetails> Findings);

/// <summary>Says what the rules ask for a balance, and why.</summary>
internal static class GetRequirement
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/custody/{merchant}/requirement", GetAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetCustodyRequirement")
            .WithSummary("What has to lie in custody for a balance, by the rules of a day.");

    private static async Task<IResult> GetAsync(
        string merchant, long balanceFen, long? quarterEndFen, DateOnly? day, Caller caller, Store store,
        TimeProvider time, CancellationToken token)
    {
        if (caller.Tenant != merchant && !caller.Is(Role.Regulator))
            return Problem.Of("forbidden");
        if (balanceFen < 0 || quarterEndFen < 0)
            return Problem.Of("request-malformed");
        Merchant known = await store.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(merchant), token);
        if (known.Filing is not { } filing)
            return Problem.Of(Merchant.Missing);
        DateOnly on = day ?? Cards.CardRun.Day(time.GetUtcNow());
        CustodyRequirement answer = CustodyRequirement.Of(new IssuerFacts(
            filing.Jurisdiction, filing.Industry, filing.Class, balanceFen, quarterEndFen, filing.LastYearRevenueFen,
            filing.StartedOn), on);
        return TypedResults.Json(new RequirementDetails(
            merchant, on, answer.NoRuleKnown, answer.LowFen, answer.HighFen, [.. answer.Findings.Select(f =>
                new FindingDetails(f.Rule.Id, f.Rule.Law, f.Rule.Article, f.Rule.Status, f.Rule.Says, f.Because,
                    f.LowFen, f.HighFen, f.Figures))]), PrepaidJson.Default.RequirementDetails);
    }
}
