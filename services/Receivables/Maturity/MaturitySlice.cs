using Receivables.Ledger;

namespace Receivables.Maturity;

/// <summary>Wiring of payments at maturity.</summary>
internal static class MaturitySlice
{
    public static void AddMaturity(this IServiceCollection services)
    {
        services.AddSingleton<PaymentAllocation>();
        services.AddSingleton<ILedgerCompanion, PayeeCompanion>();
        services.AddSingleton<ClearingWorker>();
        services.AddHostedService(p => p.GetRequiredService<ClearingWorker>());
        services.ConfigureHttpJsonOptions(o =>
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, RehearsalJson.Default));
    }

    public static void MapMaturity(this WebApplication app)
    {
        ConfirmAccount.Map(app);
        RouteGroupBuilder clearings = app.MapGroup("/clearings");
        RunClearing.Map(clearings);
        GetClearing.Map(clearings);
        RunPayments.Map(app);
        RehearseMaturity.Map(app);
    }
}
