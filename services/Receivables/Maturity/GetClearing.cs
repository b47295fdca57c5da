using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Maturity;

/// <summary>A leaf as its payee sees it.</summary>
public sealed record ClearingLeafDetails(long Start, long End, string Payee, Owed Charged, Owed Paid, Owed Due)
{
    /// <summary>True while it is disputed and paid to nobody; null elsewhere.</summary>
    public bool? Held { get; init; }
}

/// <summary>
/// The payment of a voucher: whole for the debtor, operator and regulator, its own leaves for a payee.
/// </summary>
public sealed record ClearingDetails(
    string Root, string Debtor, DateOnly PayDay, bool Overdue, Owed Due, string PayeesRoot,
    IReadOnlyList<ClearingLeafDetails> Leaves, IReadOnlyDictionary<string, SuspenseLine>? Suspense,
    IReadOnlyList<Instruction>? Instructions = null);

/// <summary>The payment of one voucher in a day's list.</summary>
/// <param name="Root">The voucher.</param>
/// <param name="Debtor">Who pays.</param>
/// <param name="FaceFen">Principal in all.</param>
/// <param name="DueFen">All still due: costs, interest as charged so far, principal (Civil Code art. 561).</param>
/// <param name="SuspenseFen">Money of it that belongs to no leaf.</param>
/// <param name="Instructed">Whether the bank was told.</param>
/// <param name="Overdue">Whether its day passed unpaid.</param>
public sealed record ClearingRow(
    string Root, string Debtor, long FaceFen, long DueFen, long SuspenseFen, bool Instructed, bool Overdue);

/// <summary>What is to be paid on a day.</summary>
/// <param name="Day">The day.</param>
/// <param name="Items">By voucher, at most 500.</param>
/// <param name="Days">Days with open payments, the first 60, to go on to.</param>
public sealed record ClearingDay(DateOnly Day, IReadOnlyList<ClearingRow> Items, IReadOnlyList<DateOnly> Days);

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
    private const int ListMax = 500;
    private const int DaysMax = 60;

    public static void Map(IEndpointRouteBuilder clearings)
    {
        clearings.MapGet("", DayAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator, Role.Operator)
            .WithName("ListClearings")
            .WithSummary("What is paid on a day: all, or what the organisation takes part in.");
        clearings.MapGet("/{root}", GetAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator, Role.Operator)
            .WithName("GetClearing").WithSummary("How far a voucher is paid.");
        clearings.MapGet("/{root}/claims", ClaimsAsync).RequireRoles(Role.Member, Role.Admin)
            .WithName("GetClaimsPack")
            .WithSummary("What a payee claims, with interest to today and the events behind it.");
    }

    private static async Task<IResult> DayAsync(
        DateOnly day, Caller caller, Store store, CancellationToken cancellation)
    {
        bool all = caller.Is(Role.Regulator) || caller.Is(Role.Operator);
        const string mine =
            "($2 or exists (select from voucher_parties p where p.root = c.root and p.party = $3))";
        List<ClearingRow> rows = [];
        await using (NpgsqlCommand query = Query(store, day, all, caller.Tenant,
            $"""
             select root, debtor, face_fen, due_fen + other_fen, suspense_fen, instructed, overdue from clearings c
             where pay_day = $1 and {mine} order by root limit {ListMax}
             """))
        await using (NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(new ClearingRow(
                    reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3),
                    reader.GetInt64(4), reader.GetBoolean(5), reader.GetBoolean(6)));
            }
        }
        List<DateOnly> days = [];
        await using (NpgsqlCommand query = Query(store, day, all, caller.Tenant,
            $"""
             select distinct pay_day from clearings c
             where pay_day is not null and pay_day <> $1 and due_fen + other_fen > 0 and {mine} order by 1 limit {DaysMax}
             """))
        await using (NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                days.Add(reader.GetFieldValue<DateOnly>(0));
        }
        return TypedResults.Json(new ClearingDay(day, rows, days), ClearingJson.Default.ClearingDay);
    }

    private static NpgsqlCommand Query(Store store, DateOnly day, bool all, string tenant, string sql)
    {
        NpgsqlCommand query = store.DataSource.CreateCommand(sql);
        query.Parameters.Add(new() { Value = day });
        query.Parameters.Add(new() { Value = all });
        query.Parameters.Add(new() { Value = tenant });
        return query;
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
            ((ClearingEvent.Opened)events[0].Data).PayeesRoot, leaves, all ? state.Suspense : null,
            all && state.Instructed
                ? events.Select(e => e.Data).OfType<ClearingEvent.Instructed>().Last().Instructions : null),
            ClearingJson.Default.ClearingDetails);
    }

    private static async Task<IResult> ClaimsAsync(
        string root, Caller caller, Store store, TimeProvider time, CancellationToken cancellation) =>
        await PackAsync(root, caller.Tenant, store, time, cancellation) is { } found
            ? TypedResults.Json(found.Pack, ClearingJson.Default.ClaimsPack)
            : Problem.Of(Clearing.Missing, ("root", root));

    /// <summary>
    /// What a payee claims, with the events of the family and of its payment; null where it has no leaf.
    /// </summary>
    internal static async
        Task<(ClaimsPack Pack, IReadOnlyList<StoredEvent> Family, IReadOnlyList<StoredEvent> Clearing)?> PackAsync(
        string root, string claimant, Store store, TimeProvider time, CancellationToken cancellation)
    {
        (ClearingState state, IReadOnlyList<StoredEvent> events) = await ReadAsync(root, store, cancellation);
        DateOnly today = Rules.RuleBook.Day(time.GetUtcNow());
        if (!state.Exists || Leaves(state, claimant).Count == 0)
            return null;
        LateBasis basis = LateBasis.None;
        string? article = null;
        if (today > state.ChargedThrough && state.Due.Principal > 0)
        {
            ClearingEvent.InterestCharged charged = Clearing.ChargeThrough(state, today);
            (basis, article) = (charged.Basis, charged.Article);
            state = ClearingState.Evolve(state, charged);
        }
        IReadOnlyList<StoredEvent> family = await store.FetchStreamAsync(root, cancellation);
        return (new ClaimsPack(
            root, state.Debtor, claimant, today, Leaves(state, claimant), basis, article,
            [.. family.Concat(events).Select(e =>
                new ClaimEvent(e.Id, e.Type, e.OccurredAt, Convert.ToHexStringLower(e.Digest.Span)))]), family, events);
    }

    internal static async Task<(ClearingState State, IReadOnlyList<StoredEvent> Events)> ReadAsync(
        string root, Store store, CancellationToken cancellation)
    {
        IReadOnlyList<StoredEvent> events =
            await store.FetchStreamAsync(ClearingEvents.Stream(root), cancellation);
        return (events.Select(e => (ClearingEvent)e.Data)
            .Aggregate(ClearingState.Initial, ClearingState.Evolve), events);
    }

    internal static List<ClearingLeafDetails> Leaves(ClearingState state, string? payee) =>
    [
        .. state.Leaves.Values.Where(l => payee is null || l.Leaf.Payee == payee).Select(l =>
            new ClearingLeafDetails(l.Leaf.Start, l.Leaf.End, l.Leaf.Payee, l.Charged, l.Paid, l.Due)
            {
                Held = l.Leaf.Held,
            }),
    ];
}
