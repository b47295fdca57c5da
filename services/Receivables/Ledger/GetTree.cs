using Receivables.Vouchers;
using ServiceDefaults.Auth;

namespace Receivables.Ledger;

/// <summary>A family's picture.</summary>
/// <param name="Start">First fen of the window.</param>
/// <param name="End">Fen after its last.</param>
/// <param name="Shapes">At most 400, from the top.</param>
/// <param name="Now">What lies in the window now, end to end.</param>
public sealed record TreeAnswer(
    long Start, long End, IReadOnlyList<TreeShape> Shapes, IReadOnlyList<TreePiece> Now);

/// <summary>Draws a family: parents above children, zoomed by a window of fen.</summary>
internal static class GetTree
{
    private const int MovementsMax = 100_000;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/vouchers/{root}/tree", HandleAsync)
        .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
        .WithName("GetFamilyTree")
        .WithSummary("The family as shapes to draw, at most 400; others' branches without names.");

    private static async Task<IResult> HandleAsync(
        string root, Caller caller, VoucherLookup lookup, VoucherLedger ledger, CancellationToken cancellationToken,
        long from = 0, long? to = null)
    {
        await lookup.RequireAsync(caller, root, cancellationToken);
        (FamilyState state, _) = await GetVoucher.ReadAsync(ledger, root, cancellationToken);
        Interval window = GetVoucher.Window(state, from, to);
        List<Movement> movements =
            await lookup.MovementsAsync(root, null, window, (0, 0), MovementsMax, cancellationToken);
        bool all = caller.Is(Role.Regulator);
        IReadOnlyList<TreeShape> shapes = FamilyTree.Draw(movements, window, all ? null : caller.Tenant);
        IEnumerable<TreePiece> pieces = state.Fragments.Skip(state.Fragments.IndexOf(window.Start))
            .TakeWhile(f => f.Start < window.End)
            .Select(f => all || GetVoucher.Concerns(f, caller.Tenant)
                ? new TreePiece(f.Start, f.End, 1, f.Claim.Holder, GetVoucher.StateOf(state, f))
                : new TreePiece(f.Start, f.End, 1));
        return TypedResults.Json(
            new TreeAnswer(window.Start, window.End, shapes, FamilyTree.Now(pieces, window)),
            LedgerJson.Default.TreeAnswer);
    }
}
