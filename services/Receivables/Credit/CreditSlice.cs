using Receivables.Ledger;

namespace Receivables.Credit;

/// <summary>Wiring of credit lines.</summary>
internal static class CreditSlice
{
    public static void AddCredit(this IServiceCollection services)
    {
        services.AddSingleton<CreditLines>();
        services.AddSingleton<ILedgerCompanion, CreditCompanion>();
    }

    public static void MapCredit(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder credit = app.MapGroup("/credit");
        RouteGroupBuilder lines = credit.MapGroup("/lines");
        ChangeLine.Map(lines);
        GetLines.Map(lines);
        RecordStanding.Map(credit);
    }
}
