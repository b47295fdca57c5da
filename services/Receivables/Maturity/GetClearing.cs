using EventStore;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Maturity;

/// <summary>A leaf as its payee sees it.</summary>
public sealed record ClearingLeafDetails(long Start, long End, string Payee, Owed Charged, Owed Paid, Owed Due);

/// <summary>
/// The payment of a voucher: whole for the debtor, operator and regulator, its own leaves for a payee.
/// </summary>
public sealed record ClearingDetails(
    string Root, string Debtor, DateOnly PayDay, bool Overdue, Owed Due, string PayeesRoot,
    IReadOnlyList<ClearingLeafDetails> Leaves, IReadOnlyDictionary<string, SuspenseLine>? Suspense);

/// <summary>Everything a claim against the debtor rests on, as data.</summary>
/// <param name="Root">The voucher.</param>
/// <param name="Debtor">Against whom.</param>
/// <param name="Claimant">Who claims.</param>
/// <param name="Through">The day through which interest is counted.</param>
/// <param name="Leaves">What is claimed.</param>
/// <param name="Interest">Where the rate of late interest comes from.</param>
/// <param name="Article">Its article, where there is one.</param>
/// <param name="Events">The events it rests on; each has a proof of its own.</param>
public sealed record ClaimsPack(
    string Root, string Debtor, string Claimant, DateOnly Through, IReadOnlyList<ClearingLeafDetails> Leaves,
    LateBasis Interest, string? Article, IReadOnlyList<ClaimEvent> Events);

/// <summary>An event that a claim rests on.</summary>
public sealed record ClaimEvent(Guid Id, string Type, DateTimeOffset At, string Sha256);

/// <summary>Reads payments at maturity.</summary>
internal static class GetClearing
{
    public static void Map(IEndpointRouteBuilder clearings)
    {
        clearings.MapGet("/{root}", GetAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator, Role.Operator)
            .WithName("GetClearing").WithSummary("How far a voucher is paid.");
        clearings.MapGet("/{root}/claims", ClaimsAsync).RequireRoles(Role.Member, Role.Admin)
            .WithName("GetClaimsPack")
            .WithSummary("What a payee claims, with interest to today and the events behind it.");
    }

    private static async Task<IResult> GetAsync(
        string root, Caller caller, Store store, CancellationToken cancellation)
    {
        (ClearingState state, IReadOnlyList<StoredEvent> events) = await ReadAsync(root, store, cancellation);
        bool all = caller.Is(Role.Regulator) || caller.Is(Role.Operator) || caller.Tenant == state.Debtor;
        List<ClearingLeafDetails> leaves = Leaves(state, all ? null : caller.Tenant);
        if (leaves.Count == 0)
            return Problem.Of(Clearing.Missing, ("root", root));
        return TypedResults.Json(new ClearingDetails(
            root, state.Debtor, state.PayDay, state.Overdue, leaves.Aggregate(default(Owed), (sum, l) => sum + l.Due),
            ((ClearingEvent.Opened)events[0].Data).PayeesRoot, leaves, all ? state.Suspense : null),
            ClearingJson.Default.ClearingDetails);
    }

    private static async Task<IResult> ClaimsAsync(
        string root, Caller caller, Store store, TimeProvider time, CancellationToken cancellation)
    {
        (ClearingState state, IReadOnlyList<StoredEvent> events) = await ReadAsync(root, store, cancellation);
        DateOnly today = Rules.RuleBook.Day(time.GetUtcNow());
        if (!state.Exists || Leaves(state, caller.Tenant).Count == 0)
            return Problem.Of(Clearing.Missing, ("root", root));
        LateBasis basis = LateBasis.None;
        string? article = null;
        if (today > state.ChargedThrough && state.Due.Principal > 0)
        {
            ClearingEvent.InterestCharged charged = Clearing.ChargeThrough(state, today);
            (basis, article) = (charged.Basis, charged.Article);
            state = ClearingState.Evolve(state, charged);
        }
        IReadOnlyList<StoredEvent> family = await store.FetchStreamAsync(root, cancellation);
        return TypedResults.Json(new ClaimsPack(
            root, state.Debtor, caller.Tenant, today, Leaves(state, caller.Tenant), basis, article,
            [.. family.Concat(events).Select(e =>
                new ClaimEvent(e.Id, e.Type, e.OccurredAt, Convert.ToHexStringLower(e.Digest.Span)))]),
            ClearingJson.Default.ClaimsPack);
    }

    private static async Task<(ClearingState State, IReadOnlyList<StoredEvent> Events)> ReadAsync(
        string root, Store store, CancellationToken cancellation)
    {
        IReadOnlyList<StoredEvent> events =
            await store.FetchStreamAsync(ClearingEvents.Stream(root), cancellation);
        return (events.Select(e => (ClearingEvent)e.Data)
            .Aggregate(ClearingState.Initial, ClearingState.Evolve), events);
    }

    private static List<ClearingLeafDetails> Leaves(ClearingState state, string? payee) =>
    [
        .. state.Leaves.Values.Where(l => payee is null || l.Leaf.Payee == payee).Select(l =>
            new ClearingLeafDetails(l.Leaf.Start, l.Leaf.End, l.Leaf.Payee, l.Charged, l.Paid, l.Due)),
    ];
}
