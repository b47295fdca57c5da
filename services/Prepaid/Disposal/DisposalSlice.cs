using System.Security.Cryptography;
using System.Text;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using Prepaid.Cards;
using Prepaid.Complaints;
using Prepaid.Custody;
using Prepaid.Days;
using Prepaid.Merchants;
using Proofs.Liabilities;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Disposal;

/// <summary>An order that no money leaves custody, or its end.</summary>
/// <param name="Freeze">Whether it is frozen.</param>
/// <param name="Power">The provision that gives the power.</param>
/// <param name="CaseNumber">The case.</param>
/// <param name="Until">Last day; null for no term.</param>
public sealed record CustodyOrderRequest(
    bool Freeze = true, string? Power = null, string? CaseNumber = null, DateOnly? Until = null);

/// <summary>A court's or liquidator's confirmation of a claim list.</summary>
public sealed record ConfirmClaimsRequest(string? By = null, string? CaseNumber = null, string? Words = null);

/// <summary>A disposal as the regulator sees it.</summary>
/// <param name="Merchant">The issuer.</param>
/// <param name="Stop">The order against selling.</param>
/// <param name="Freeze">The order on custody.</param>
/// <param name="Lists">Claim lists, each a proposal unless confirmed.</param>
/// <param name="Confirmed">The confirmation.</param>
/// <param name="Packs">Packs that were made, drills too.</param>
public sealed record DisposalDetails(
    string Merchant, SaleStop? Stop, CustodyFreeze? Freeze, IReadOnlyList<DisposalEvent.ClaimsListed> Lists,
    DisposalEvent.Confirmed? Confirmed, IReadOnlyList<DisposalEvent.PackMade> Packs);

internal sealed class CustodyOrderShape : AbstractValidator<CustodyOrderRequest>
{
    public CustodyOrderShape()
    {
        RuleFor(r => r.Power).Required();
        RuleFor(r => r.Power).Text(1, 300);
        RuleFor(r => r.CaseNumber).Required();
        RuleFor(r => r.CaseNumber).Text(1, 100);
    }
}

internal sealed class ConfirmClaimsShape : AbstractValidator<ConfirmClaimsRequest>
{
    public ConfirmClaimsShape()
    {
        RuleFor(r => r.By).Required();
        RuleFor(r => r.By).Text(1, 200);
        RuleFor(r => r.CaseNumber).Required();
        RuleFor(r => r.CaseNumber).Text(1, 100);
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 2000);
    }
}

/// <summary>The regulator's desk when a merchant fails: orders, claims, who is paid what, and the pack for a court.</summary>
internal static class DisposalSlice
{
    private static readonly string[] s_ranks = ["insurance", "guarantee"];
    private const int ComplaintsMost = 10_000;

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder desk = app.MapGroup("/disposals/{merchant}").RequireRoles(Role.Regulator);
        desk.MapGet("", GetAsync)
            .WithName("GetDisposal").WithSummary("Orders, claim lists and packs of a merchant.");
        desk.MapPost("/custody-orders", OrderAsync).Validate(new CustodyOrderShape())
            .WithName("OrderCustodyFreeze").WithSummary("Orders that nothing leaves custody, or ends that order.");
        desk.MapPost("/claims", ListAsync)
            .WithName("ListClaims").WithSummary("Lists all claims by the ledger of today, with a proposal.");
        desk.MapGet("/claims/{list:guid}", FileAsync)
            .WithName("GetClaimList").WithSummary("A claim list as CSV, under pseudonyms.");
        desk.MapPost("/claims/{list:guid}/confirmation", ConfirmAsync).Validate(new ConfirmClaimsShape())
            .WithName("ConfirmClaims").WithSummary("A court or liquidator confirms a claim list.");
        desk.MapPost("/packs", PackAsync)
            .WithName("MakeResolutionPack").WithSummary("The pack for a class claim, or as a drill: a ZIP.");
    }

    private static async Task<IResult> GetAsync(string merchant, Store store, CancellationToken token)
    {
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(DisposalEvents.Stream(merchant), token);
        DisposalCase disposal = events.Aggregate(
            DisposalCase.Initial, (c, e) => DisposalCase.Evolve(c, (DisposalEvent)e.Data));
        (Merchant known, CustodyAccount custody) = await KnownAsync(store, merchant, token);
        return TypedResults.Json(new DisposalDetails(
            merchant, known.Stop, custody.Freeze, disposal.Lists, disposal.Confirmed,
            [.. events.Select(e => e.Data).OfType<DisposalEvent.PackMade>()]), DisposalJson.Default.DisposalDetails);
    }

    private static Task<IResult> OrderAsync(
        string merchant, HttpContext http, Caller caller, JsonBody<CustodyOrderRequest> body)
    {
        CustodyOrderRequest r = body.Value;
        return CustodySlice.RunAsync(http, caller, merchant, body.Bytes, (account, _, _) => Task.FromResult(
            CustodyAccount.Freezing(account, r.Freeze, new CustodyFreeze(r.Power!, r.CaseNumber!, r.Until))));
    }

    private static Task<IResult> ListAsync(string merchant, HttpContext http, Caller caller, Store store)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"claims {merchant}", []);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            (Merchant known, CustodyAccount custody) = await KnownAsync(store, merchant, token);
            if (known.Filing is null)
                throw new ProblemException(Problem.Of(Merchant.Missing, ("merchant", merchant)));
            DateOnly today = CardRun.Day(session.Context.Now);
            (IReadOnlyList<CardBalance> claims, long position) = await ClaimsAsync(store, merchant, today, token);
            Source[] sources = Sources(custody, today);
            IReadOnlyList<PaidClaim> paid = Waterfall.Of(claims, sources);
            byte[] file = ClaimPack.List(paid, sources);
            DisposalEvent.ClaimsListed listed = new(
                session.Context.NewId(), today, position, claims.Count, claims.Sum(c => c.Owed.PrincipalFen),
                claims.Sum(c => c.Owed.GiftFen), sources, paid.Sum(p => p.OpenFen), Hash(file));
            DisposalCase disposal = await AppendAsync(session, merchant, _ => listed, token);
            session.QueueSqlCommand("insert into claim_lists values ($1, $2, $3)", listed.List, merchant, file);
            return Once.Json(StatusCodes.Status201Created, new DisposalDetails(
                merchant, known.Stop, custody.Freeze, disposal.Lists, disposal.Confirmed, []),
                DisposalJson.Default.DisposalDetails);
        });
    }

    private static async Task<IResult> FileAsync(string merchant, Guid list, Store store, CancellationToken token)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select file from claim_lists where id = $1 and merchant = $2");
        query.Parameters.Add(new() { Value = list });
        query.Parameters.Add(new() { Value = merchant });
        return await query.ExecuteScalarAsync(token) is byte[] file
            ? TypedResults.Bytes(file, "text/csv; charset=utf-8", $"claims-{list}.csv")
            : Problem.Of(DisposalCase.ListMissing);
    }

    private static Task<IResult> ConfirmAsync(
        string merchant, Guid list, HttpContext http, Caller caller, JsonBody<ConfirmClaimsRequest> body, Store store)
    {
        DisposalEvent.Confirmed confirmed = new(list, body.Value.By!, body.Value.CaseNumber!, body.Value.Words!);
        IdempotencyKey? key = Once.Key(http.Request, caller, $"confirm {list}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            DisposalCase disposal = await AppendAsync(session, merchant, c =>
                c.Lists.All(l => l.List != list) ? throw new ProblemException(Problem.Of(DisposalCase.ListMissing))
                : c.Confirmed is null ? confirmed
                : c.Confirmed == confirmed ? null
                : throw new ProblemException(Problem.Of(DisposalCase.IsConfirmed)), token);
            (Merchant known, CustodyAccount custody) = await KnownAsync(store, merchant, token);
            return Once.Json(StatusCodes.Status200OK, new DisposalDetails(
                merchant, known.Stop, custody.Freeze, disposal.Lists, disposal.Confirmed, []),
                DisposalJson.Default.DisposalDetails);
        });
    }

    private static async Task<IResult> PackAsync(
        string merchant, bool? drill, Caller caller, Store store, TreeRows trees, TimeProvider time,
        CancellationToken token)
    {
        long begun = time.GetTimestamp();
        (Merchant known, CustodyAccount custody) = await KnownAsync(store, merchant, token);
        if (known.Filing is null)
            return Problem.Of(Merchant.Missing, ("merchant", merchant));
        DateOnly today = CardRun.Day(time.GetUtcNow());
        (IReadOnlyList<CardBalance> claims, _) = await ClaimsAsync(store, merchant, today, token);
        Source[] sources = Sources(custody, today);
        IReadOnlyList<PaidClaim> paid = Waterfall.Of(claims, sources);
        List<(string, byte[])> files =
        [
            ("cover.txt", Encoding.UTF8.GetBytes(ClaimPack.Cover(merchant, known, custody, today, paid, sources))),
            ("claims.csv", ClaimPack.List(paid, sources)),
            ("complaints.csv", ComplaintExport.Csv((await ComplaintRows.ReadAsync(
                store.DataSource, merchant, null, false, null, ComplaintsMost, token)).Complaints, known.Filing)),
        ];
        if (await trees.LastAsync(token) is { } last
            && await trees.FindAsync(merchant, last, token) is { State: { } root })
            files.Add(($"root-{last:yyyy-MM-dd}.json", root));
        byte[] zip = ClaimPack.Zip(today, files);
        await using Session session = store.OpenSession(caller.Context(time));
        await AppendAsync(session, merchant, _ => new DisposalEvent.PackMade(
            today, drill == true, claims.Count, (long)time.GetElapsedTime(begun).TotalMilliseconds, Hash(zip)), token);
        await session.SaveChangesAsync(token);
        return TypedResults.Bytes(zip, "application/zip", $"resolution-{merchant}-{today:yyyy-MM-dd}.zip");
    }

    /// <summary>What every card is owed now, empty ones left out.</summary>
    private static async Task<(IReadOnlyList<CardBalance> Claims, long Position)> ClaimsAsync(
        Store store, string merchant, DateOnly today, CancellationToken token)
    {
        long position = await store.FeedHeadAsync(token);
        await store.Projections.CatchUpAsync(BalanceRows.Projection, token);
        CardBalance[] all = await DayBalances.ReadAsync(store.DataSource, merchant, today, token);
        return ([.. all.Where(b => b.Owed != default)], position);
    }

    private static Source[] Sources(CustodyAccount custody, DateOnly today) =>
    [
        new("custody", Math.Max(0, custody.Last?.ClosingFen ?? 0)),
        .. s_ranks.Select(kind => new Source(kind, custody.Offsets.Values
            .Where(o => o.Kind == kind && o.From <= today && today <= o.To).Sum(o => o.Fen))),
    ];

    private static async Task<(Merchant, CustodyAccount)> KnownAsync(
        Store store, string merchant, CancellationToken token) =>
        (await store.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(merchant), token),
            await store.AggregateStreamAsync<CustodyAccount>(CustodySlice.Stream(merchant), token));

    private static async Task<DisposalCase> AppendAsync(
        Session session, string merchant, Func<DisposalCase, DisposalEvent?> decide, CancellationToken token)
    {
        WritableStream<DisposalCase> stream =
            await session.FetchForWriting<DisposalCase>(DisposalEvents.Stream(merchant), token);
        if (decide(stream.Aggregate) is not { } e)
            return stream.Aggregate;
        stream.AppendOne(session.Context.Stamp(DisposalEvents.NameOf(e), e));
        return DisposalCase.Evolve(stream.Aggregate, e);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
