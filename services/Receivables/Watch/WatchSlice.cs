using Receivables.Rules;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Watch;

/// <summary>
/// What a regulator watches: concentration, maturities, what is overdue, and a debtor's failure thought through.
/// </summary>
internal static class WatchSlice
{
    private const int PageMax = 200;

    /// <summary>The stress test tells sales with recourse from others.</summary>
    public const string Schema = "alter table voucher_movements add column recourse boolean not null default false;";

    public static void AddWatch(this IServiceCollection services) => services.AddSingleton<WatchLookup>();

    public static void MapWatch(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder watch = app.MapGroup("/watch").RequireRoles(Role.Regulator);
        watch.MapGet("", async (WatchLookup lookup, TimeProvider time, CancellationToken cancellation) =>
                TypedResults.Json(
                    await lookup.OverviewAsync(RuleBook.Day(time.GetUtcNow()), cancellation),
                    WatchJson.Default.WatchOverview))
            .WithName("WatchVouchers").WithSummary("Open vouchers by core enterprise, holder and day of payment.");
        watch.MapGet("/vouchers", ListAsync)
            .WithName("ListWatchedVouchers").WithSummary("The open vouchers behind a figure.");
        watch.MapGet("/stress/{debtor}", async (string debtor, WatchLookup lookup, CancellationToken cancellation) =>
                TypedResults.Json(await lookup.StressAsync(debtor, cancellation), WatchJson.Default.WatchStress))
            .WithName("StressDebtor").WithSummary("Who loses what when a core enterprise and its group fail.");
    }

    private static async Task<IResult> ListAsync(
        WatchLookup lookup, CancellationToken cancellation, string? debtor = null, string? holder = null,
        DateOnly? from = null, DateOnly? through = null, string cursor = "", int limit = 50) =>
        limit is < 1 or > PageMax
            ? Problem.Of("watch-limit", ("max", PageMax))
            : TypedResults.Json(
                await lookup.VouchersAsync(new WatchFilter(debtor, holder, from, through), cursor, limit, cancellation),
                WatchJson.Default.WatchVoucherPage);
}
