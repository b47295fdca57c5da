using Receivables.Ledger;

namespace Receivables.Financing;

/// <summary>Wiring of financing.</summary>
internal static class FinancingSlice
{
    public static void AddFinancing(this IServiceCollection services)
    {
        services.AddSingleton<ILedgerCompanion, FinancingCompanion>();
        services.ConfigureHttpJsonOptions(o =>
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, FinancingRequestJson.Default));
    }

    public static void MapFinancing(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder financings = app.MapGroup("/financings");
        RunFinancing.Map(financings);
        GetFinancing.Map(financings);
        RankClaims.Map(app);
    }
}
