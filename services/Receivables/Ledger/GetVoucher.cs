using System.Globalization;
using Receivables.Vouchers;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Receivables.Ledger;

/// <summary>A party's vouchers.</summary>
/// <param name="Items">Up to a page of them.</param>
/// <param name="Cursor">Asks for the next page; missing on the last.</param>
public sealed record VoucherPage(IReadOnlyList<VoucherSummary> Items, string? Cursor);

/// <summary>Due dates of a party's open vouchers.</summary>
public sealed record DueDays(IReadOnlyList<DueSum> Items);

/// <summary>A voucher as one party sees it.</summary>
/// <param name="Root">The voucher.</param>
/// <param name="Version">Its version, as in <c>ETag</c>.</param>
/// <param name="Stage">Where it stands.</param>
/// <param name="Issuer">Who issued it.</param>
/// <param name="Debtor">Who owes it.</param>
/// <param name="FirstHolder">Whom it was issued to.</param>
/// <param name="FaceFen">What was promised.</param>
/// <param name="PaidFen">What was paid of it.</param>
/// <param name="IssueDate">Day of issue.</param>
/// <param name="DueDate">Day of payment.</param>
/// <param name="CutOff">From then on nothing is passed on.</param>
/// <param name="Terms">Limits of splitting.</param>
/// <param name="Fragments">How many there are.</param>
/// <param name="Held">What the party holds, by what it can do with it.</param>
public sealed record VoucherDetails(
    string Root, long Version, Stage Stage, string Issuer, string Debtor, string FirstHolder, long FaceFen,
        long PaidFen,
    DateOnly IssueDate, DateOnly DueDate, DateTimeOffset CutOff, Terms Terms, int Fragments, Holding Held);

/// <summary>A holding in one voucher.</summary>
/// <param name="Fen">All of it.</param>
/// <param name="FreeFen">What can be disposed of.</param>
/// <param name="ReservedFen">On offer.</param>
/// <param name="PledgedFen">Pledged.</param>
/// <param name="FrozenFen">Frozen by a court.</param>
public sealed record Holding(long Fen, long FreeFen, long ReservedFen, long PledgedFen, long FrozenFen);

/// <summary>Fragments in order of their start.</summary>
/// <param name="Version">The family's version.</param>
/// <param name="Items">Up to a page of them.</param>
/// <param name="Next">Start of the next page; missing on the last.</param>
public sealed record FragmentPage(long Version, IReadOnlyList<FragmentView> Items, long? Next);

/// <summary>A fragment; of others' only where it lies.</summary>
public sealed record FragmentView(
    long Start, long End, string? Holder = null, string? Payee = null, int? Depth = null, string? State = null,
    string? Offer = null, string? Receiver = null, long? PaidFen = null, string? Pledge = null, string? Sale = null);

/// <summary>Movements in order.</summary>
public sealed record MovementPage(IReadOnlyList<Movement> Items, string? After);

/// <summary>Reads one voucher.</summary>
internal static class GetVoucher
{
    private const int PageMax = 1_000;

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder vouchers = app.MapGroup("/vouchers")
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator);
        vouchers.MapGet("", ListAsync)
            .WithName("ListVouchers")
            .WithSummary("The vouchers that the organisation takes part in; ?show=held or issued those alone.");
        vouchers.MapGet("/due", DueAsync)
            .WithName("ListDueDays").WithSummary("What the organisation is to be paid and to pay, by due date.");
        vouchers.MapGet("/{root}", DetailsAsync)
            .WithName("GetVoucher").WithSummary("A voucher and what the organisation holds of it.");
        vouchers.MapGet("/{root}/fragments", FragmentsAsync)
            .WithName("GetFragments").WithSummary("Fragments in order; others' only as amounts.");
        vouchers.MapGet("/{root}/movements", MovementsAsync)
            .WithName("GetMovements").WithSummary("What came to and went from the organisation, in order.");
    }

    private static async Task<IResult> ListAsync(
        Caller caller, VoucherLookup lookup, CancellationToken cancellationToken, string cursor = "", int limit = 100,
        string show = "")
    {
        int size = Math.Clamp(limit, 1, PageMax);
        List<VoucherSummary> rows = await lookup.ListAsync(caller.Tenant, show, cursor, size + 1, cancellationToken);
        return TypedResults.Json(new VoucherPage(
            [.. rows.Take(size)], rows.Count > size ? rows[size - 1].Root : null), LedgerJson.Default.VoucherPage);
    }

    private static async Task<IResult> DueAsync(
        Caller caller, VoucherLookup lookup, CancellationToken cancellationToken) =>
        TypedResults.Json(new DueDays(await lookup.DueAsync(caller.Tenant, cancellationToken)), LedgerJson.Default.DueDays);

    private static async Task<IResult> DetailsAsync(
        string root, HttpContext http, Caller caller, VoucherLookup lookup, VoucherLedger ledger,
        CancellationToken cancellationToken)
    {
        await lookup.RequireAsync(caller, root, cancellationToken);
        (FamilyState state, long version) = await ReadAsync(ledger, root, cancellationToken);
        EntityVersion.Send(http.Response, version);
        return TypedResults.Json(new VoucherDetails(
            root, version, state.Stage, state.Issuer, state.Debtor, state.FirstHolder, state.FaceFen,
            state.Fragments.PaidFen, state.IssueDate, state.DueDate, state.CutOff, state.Terms, state.Fragments.Count,
            HoldingOf(state, caller.Tenant)), LedgerJson.Default.VoucherDetails);
    }

    private static async Task<IResult> FragmentsAsync(
        string root, Caller caller, VoucherLookup lookup, VoucherLedger ledger, CancellationToken cancellationToken,
        long from = 0, long? to = null, int limit = 200)
    {
        await lookup.RequireAsync(caller, root, cancellationToken);
        (FamilyState state, long version) = await ReadAsync(ledger, root, cancellationToken);
        Interval window = Window(state, from, to);
        int size = Math.Clamp(limit, 1, PageMax);
        bool all = caller.Is(Role.Regulator);
        List<FragmentView> views = [];
        long? next = null;
        foreach (Fragment f in state.Fragments.Skip(state.Fragments.IndexOf(window.Start)))
        {
            if (f.Start >= window.End)
                break;
            if (views.Count == size)
            {
                next = f.Start;
                break;
            }
            views.Add(all || Concerns(f, caller.Tenant) ? View(state, f) : new FragmentView(f.Start, f.End));
        }
        return TypedResults.Json(new FragmentPage(version, views, next), LedgerJson.Default.FragmentPage);
    }

    private static async Task<IResult> MovementsAsync(
        string root, Caller caller, VoucherLookup lookup, CancellationToken cancellationToken,
        string after = "0", int limit = 200)
    {
        await lookup.RequireAsync(caller, root, cancellationToken);
        int size = Math.Clamp(limit, 1, PageMax);
        List<Movement> rows = await lookup.MovementsAsync(
            root, caller.Is(Role.Regulator) ? null : caller.Tenant, new Interval(0, long.MaxValue), PlaceOf(after),
            size + 1, cancellationToken);
        string? next = rows.Count > size ? $"{rows[size - 1].Position}.{rows[size - 1].Number}" : null;
        rows = [.. rows.Take(size)];
        Dictionary<long, Guid> events =
            await lookup.EventsAsync(caller.Tenant, rows.Select(r => r.Position), cancellationToken);
        rows = [.. rows.Select(r => events.TryGetValue(r.Position, out Guid id) ? r with { Event = id } : r)];
        return TypedResults.Json(
            new MovementPage(rows, next), LedgerJson.Default.MovementPage);
    }

    /// <summary>One event may move several intervals: a place is its position and the number of the row.</summary>
    private static (long Position, int Number) PlaceOf(string after)
    {
        string[] parts = after.Split('.');
        return parts.Length <= 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long position)
            ? parts.Length == 1 ? (position, int.MaxValue)
                : int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                    ? (position, number) : throw new ProblemException(Problem.Of("cursor-form"))
            : throw new ProblemException(Problem.Of("cursor-form"));
    }

    /// <summary>The family, which must be there.</summary>
    public static async Task<(FamilyState State, long Version)> ReadAsync(
        VoucherLedger ledger, string root, CancellationToken cancellation)
    {
        (FamilyState State, long Version) family = await ledger.ReadAsync(root, cancellation);
        return family.Version > 0 ? family : throw new ProblemException(Problem.Of(Refusal.NotFound, ("root", root)));
    }

    /// <summary>The part of a family that was asked for.</summary>
    public static Interval Window(FamilyState state, long from, long? to)
    {
        long start = Math.Clamp(from, 0, state.FaceFen - 1);
        return new Interval(start, Math.Clamp(to ?? state.FaceFen, start + 1, state.FaceFen));
    }

    /// <summary>Whether a party may know whose a fragment is.</summary>
    public static bool Concerns(Fragment f, string party) =>
        f.Claim.Holder == party || f.Claim.Pledge?.Pledgee == party || f.Claim.Reserved?.To == party;

    private static FragmentView View(FamilyState state, Fragment f) => new(
        f.Start, f.End, f.Claim.Holder, f.Claim.Payee, f.Claim.Depth, StateOf(state, f), f.Claim.Reserved?.Offer,
        f.Claim.Reserved?.To, f.Claim.PaidFen, f.Claim.Pledge?.Id, f.Claim.Recourse?.Sale);

    /// <summary>A fragment's own state, the strongest first.</summary>
    public static string StateOf(FamilyState state, Fragment f) =>
        state.IsClosed ? state.Stage.ToString().ToLowerInvariant()
        : f.Claim.PaidFen == f.Fen ? "paid"
        : f.Claim.Freeze is not null ? "frozen"
        : f.Claim.Reserved is { } r ? $"{state.Offers[r.Offer].Kind.ToString().ToLowerInvariant()}-pending"
        : f.Claim.PaidFen > 0 ? "part-paid"
        : f.Claim.Pledge is not null ? "pledged"
        : state.Stage is Stage.Active ? "held"
        : state.Stage.ToString().ToLowerInvariant();

    private static Holding HoldingOf(FamilyState state, string party)
    {
        List<Fragment> held = [.. state.Fragments.Where(f => f.Claim.Holder == party)];
        long Sum(Func<Vouchers.Claim, bool> which) => held.Where(f => which(f.Claim)).Sum(f => f.Fen);
        return new Holding(
            Sum(_ => true), state.Leaving is null ? Sum(c => c.IsFree) : 0, Sum(c => c.Reserved is not null), Sum(c => c.Pledge is not null),
            Sum(c => c.Freeze is not null));
    }
}
