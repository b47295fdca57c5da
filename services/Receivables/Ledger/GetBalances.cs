using System.Globalization;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Ledger;

/// <summary>What an organisation holds.</summary>
/// <param name="At">The instant asked for; missing for now.</param>
/// <param name="Fen">All vouchers together.</param>
/// <param name="Vouchers">By voucher.</param>
public sealed record BalanceAnswer(DateTimeOffset? At, long Fen, IReadOnlyList<VoucherBalance> Vouchers);

/// <summary>What an organisation holds of one voucher.</summary>
public sealed record VoucherBalance(string Root, long Fen);

/// <summary>Open offers.</summary>
public sealed record OfferPage(IReadOnlyList<OfferSummary> Items, string? Next = null);

/// <summary>Balances now and at any instant, and what waits for an answer.</summary>
internal static class GetBalances
{
    private const int OffersMax = 500;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/balances", BalancesAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetBalances").WithSummary("What the organisation holds now, or held at an instant.");
        app.MapGet("/offers", OffersAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ListOffers").WithSummary("Open offers to the organisation, or those it made.");
    }

    private static async Task<IResult> BalancesAsync(
        Caller caller, VoucherLookup lookup, CancellationToken cancellationToken, string? at = null)
    {
        DateTimeOffset? instant = null;
        if (at is not null)
        {
            if (!DateTimeOffset.TryParse(
                    at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset parsed))
                return Problem.Of("instant-form");
            instant = parsed;
        }
        List<(string Root, long Fen)> rows = instant is { } then
            ? await lookup.BalancesAsync(caller.Tenant, then, cancellationToken)
            : await lookup.BalancesAsync(caller.Tenant, cancellationToken);
        return TypedResults.Json(new BalanceAnswer(
            instant, rows.Sum(r => r.Fen), [.. rows.Select(r => new VoucherBalance(r.Root, r.Fen))]),
            LedgerJson.Default.BalanceAnswer);
    }

    private static async Task<IResult> OffersAsync(
        Caller caller, VoucherLookup lookup, CancellationToken cancellationToken, bool sent = false,
        string? cursor = null, int limit = OffersMax)
    {
        int size = Math.Clamp(limit, 1, OffersMax);
        List<OfferSummary> rows = await lookup.OffersAsync(caller.Tenant, sent, cursor, size + 1, cancellationToken);
        return TypedResults.Json(
            new OfferPage([.. rows.Take(size)], rows.Count > size ? rows[size - 1].Place : null),
            LedgerJson.Default.OfferPage);
    }
}
