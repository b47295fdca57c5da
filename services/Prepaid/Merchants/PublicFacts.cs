using System.Text.Json.Serialization;
using EventStore;
using Prepaid.Cards;
using Prepaid.Complaints;
using Prepaid.Custody;
using Prepaid.Risk;
using Prepaid.Rules;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Prepaid.Merchants;

/// <summary>What everybody may know of a merchant; amounts in fen.</summary>
/// <param name="Merchant">The issuer.</param>
/// <param name="Name">Its registered name.</param>
/// <param name="Jurisdiction">GB/T 2260 code.</param>
/// <param name="Industry">Its industry.</param>
/// <param name="SaleStopped">Whether an authority has stopped its sales.</param>
/// <param name="ClosingOn">Its last day, where it has announced that it closes.</param>
/// <param name="Branches">What became of branches; the merchant goes on owing cards sold there.</param>
/// <param name="ReconciledOn">The last day that was reconciled; null before the first.</param>
/// <param name="RequiredFen">What had to be in custody; null where no rule is known.</param>
/// <param name="HeldFen">Custody, insurances and guarantees; null without a statement.</param>
/// <param name="ShortSince">First day of a shortfall that lasts.</param>
/// <param name="Complaints">Complaints and how many were dealt with.</param>
/// <param name="Letter">The grade, only where a rule of the place lets it be published.</param>
/// <param name="LetterRule">That rule.</param>
public sealed record PublicMerchant(
    string Merchant, string Name, string Jurisdiction, string Industry, bool SaleStopped, DateOnly? ClosingOn,
    IEnumerable<MerchantEvent.BranchChanged> Branches, DateOnly? ReconciledOn,
    long? RequiredFen, long? HeldFen, DateOnly? ShortSince, ComplaintCount Complaints, string? Letter,
    string? LetterRule);

/// <summary>The public facts of a merchant: facts only, and no judgement without a rule that lets it be told.</summary>
internal static class PublicFacts
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/open/merchants/{id}", GetAsync).OpenToAll()
            .WithName("GetPublicMerchant")
            .WithSummary("Filed, custody required and held, last reconciled, complaints handled; without sign-in.");

    /// <summary>The rule that lets a grade be published on a day; null where none is known.</summary>
    public static Rule? PublicationRule(Filing filing, DateOnly today) =>
        RuleBook.On("grade-publication", filing.Jurisdiction, filing.Industry, today)
            .FirstOrDefault(r => r.InForce(today));

    private static async Task<IResult> GetAsync(string id, Store store, TimeProvider time, CancellationToken token)
    {
        Merchant merchant = await store.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(id), token);
        if (merchant.Filing is not { } filing)
            return Problem.Of("merchant-unknown");
        DateOnly today = CardRun.Day(time.GetUtcNow());
        CustodyAccount custody = await store.AggregateStreamAsync<CustodyAccount>(CustodySlice.Stream(id), token);
        Rule? rule = PublicationRule(filing, today);
        RatedMerchant? rated = rule is null
            ? null : await store.AggregateStreamAsync<RatedMerchant>(RiskEvents.Stream(id), token);
        return TypedResults.Json(new PublicMerchant(
            id, filing.Name, filing.Jurisdiction, filing.Industry, merchant.Stop?.Binds(today) == true,
            merchant.Closing?.LastDay, merchant.Branches.Values.OrderBy(b => b.On),
            custody.Reconciled?.Day, custody.Reconciled?.RequiredFen, custody.Reconciled?.ResourceFen,
            custody.ShortSince, await ComplaintRows.CountAsync(store.DataSource, id, token),
            rated?.LetterOn(today)?.ToString(), rule?.Law), PublicJson.Default.PublicMerchant);
    }
}

/// <summary>The answer about a merchant to everybody.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PublicMerchant))]
internal sealed partial class PublicJson : JsonSerializerContext;
