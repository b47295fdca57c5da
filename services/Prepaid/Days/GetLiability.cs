using EventStore;
using Prepaid.Cards;
using Prepaid.Custody;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Prepaid.Days;

/// <summary>A merchant's day for everybody, and how many holders asked for its proof.</summary>
/// <param name="Merchant">Who owes.</param>
/// <param name="Day">The day in China.</param>
/// <param name="Principal">Of what holders paid, in fen, by the root.</param>
/// <param name="Gift">Of what was given on top, in fen.</param>
/// <param name="Cards">Cards in the tree, as the service says.</param>
/// <param name="Checked">Cards whose holders asked for the proof.</param>
/// <param name="Detection">
/// The chance that at least one of them would have found it, had so many cards been changed: 1 − (1 − p)^k.
/// </param>
/// <param name="Custody">What the custody bank signed for the day's end; null where it has not.</param>
public sealed record LiabilityDay(
    string Merchant, DateOnly Day, long Principal, long Gift, int Cards, int Checked, IReadOnlyList<Detection> Detection,
    SignedFigure? Custody);

/// <summary>The chance to find <paramref name="Changed"/> changed cards, from 0 to 1.</summary>
public sealed record Detection(int Changed, double Chance)
{
    private static readonly int[] s_counts = [1, 5, 10, 50];

    /// <summary>What a share that was checked finds, where each holder is as likely to check as another.</summary>
    public static IReadOnlyList<Detection> Of(int cards, int asked)
    {
        double share = cards == 0 ? 0 : Math.Min(1, (double)asked / cards);
        return [.. s_counts.Select(k => new Detection(k, Math.Round(1 - Math.Pow(1 - share, k), 4)))];
    }
}

/// <summary>What a holder checks, and what everybody may know of a merchant's day.</summary>
internal static class GetLiability
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/open/cards/{id:guid}/liability", ProofAsync).OpenToAll()
            .WithName("GetLiabilityProof").WithSummary("That the own card's balance is counted in a day's root.");
        RouteGroupBuilder days = app.MapGroup("/open/liabilities/{merchant}/{day}").OpenToAll();
        days.MapGet("", DayAsync)
            .WithName("GetLiabilityDay").WithSummary("What a merchant owes by a day's root, and the share checked.");
        days.MapGet("/root", RootAsync)
            .WithName("GetLiabilityRoot").WithSummary("A day's root with its proof by the chain.");
    }

    private static async Task<IResult> ProofAsync(
        Guid id, DateOnly? day, HttpContext http, Store store, TreeRows trees, CancellationToken token)
    {
        Card card = await HolderAccess.OwnAsync(id, http, store, token);
        if ((day ?? await trees.LastAsync(token)) is not { } asked
            || await trees.FindAsync(card.Merchant, asked, token) is null)
            return Problem.Of("day-not-closed", ("day", day ?? (object)"-"));
        http.Response.Headers.CacheControl = "private, max-age=86400";
        return await trees.ProveAsync(card.Merchant, asked, id, token) is { } file
            ? TypedResults.Bytes(file.ToBytes(), "application/json")
            : Problem.Of("card-not-counted", ("day", asked));
    }

    private static async Task<IResult> DayAsync(
        string merchant, DateOnly day, Store store, TreeRows trees, CancellationToken token)
    {
        if (await trees.FindAsync(merchant, day, token) is not { } row)
            return Problem.Of("day-not-closed", ("day", day));
        int asked = await trees.ChecksAsync(merchant, day, token);
        return TypedResults.Json(new LiabilityDay(
            merchant, day, row.Root.Total.PrincipalFen, row.Root.Total.GiftFen, row.Cards, asked,
            Detection.Of(row.Cards, asked), await SignFigure.FindAsync(store, merchant, day, token)), PrepaidJson.Default.LiabilityDay);
    }

    private static async Task<IResult> RootAsync(
        string merchant, DateOnly day, TreeRows trees, CancellationToken token) =>
        await trees.FindAsync(merchant, day, token) is not { } row ? Problem.Of("day-not-closed", ("day", day))
            : row.State is null ? Problem.Of("root-not-recorded", ("day", day))
            : TypedResults.Bytes(row.State, "application/json");
}
