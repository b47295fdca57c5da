using EventStore;
using EventStore.Idempotency;
using Receivables.Ledger;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Stores;

namespace Receivables.Financing;

/// <summary>A rank as it is shown.</summary>
public sealed record RankLine(int Rank, RankBasis Basis, string Financier, long Fen, string? Registration);

/// <summary>The ranks on a voucher under Civil Code art. 768.</summary>
/// <param name="Root">The voucher.</param>
/// <param name="Article">The article.</param>
/// <param name="Note">What this is and what it isn't, in both languages.</param>
/// <param name="Lines">By rank.</param>
public sealed record RankAnswer(string Root, string Article, Rules.Words Note, IReadOnlyList<RankLine> Lines);

/// <summary>Imports of registrations and notices, and the rank that follows from them.</summary>
internal static class RankClaims
{
    private static readonly Rules.Words Note = new(
        "只按导入的登记证明和通知计算；链上先登记只表示“在本链上最先”，不是法律上的优先。",
        "From imported receipts and notices alone; first on this chain is no legal priority.");

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder claims = app.MapGroup("/claims");
        claims.MapPost("/{root}", ImportAsync).RequireRoles(Role.Member, Role.Admin, Role.Operator)
            .Validate(new ClaimShape())
            .WithName("ImportClaim").WithSummary("Imports a registration's receipt or a notice that arrived.");
        claims.MapGet("/{root}", RankAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("RankClaims").WithSummary("Rank of the claims on a voucher (Civil Code art. 768).");
    }

    private static Task<IResult> ImportAsync(
        string root, HttpContext http, Caller caller, JsonBody<ClaimRequest> body, VoucherLookup lookup)
    {
        ClaimRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, $"claim {root}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            // A financier speaks for itself; only the operator imports for others.
            bool operates = caller.Is(Role.Operator);
            if (!operates)
                await lookup.RequireAsync(caller, root, token);
            WritableStream<ClaimsState> stream =
                await session.FetchForWriting<ClaimsState>(FinancingEvents.ClaimsStream(root), token);
            RegisterReceipt? receipt = r.ReceiptSha256 is { } sha256
                ? new RegisterReceipt(r.Number!, r.RegisteredAt!.Value, sha256) : null;
            NewEvent e = session.Context.Stamp(FinancingEvents.ClaimImported, new ClaimImported(
                operates ? r.Financier ?? caller.Tenant : caller.Tenant, r.Fen!.Value, receipt, r.NoticeArrived,
                r.NoticeSha256));
            stream.AppendOne(e);
            return Once.Json(StatusCodes.Status201Created, new FinancingAnswer(Guid.Empty, e.Id),
                FinancingJson.Default.FinancingAnswer);
        });
    }

    private static async Task<IResult> RankAsync(
        string root, Caller caller, Store store, VoucherLookup lookup, CancellationToken cancellation)
    {
        await lookup.RequireAsync(caller, root, cancellation);
        ClaimsState state = await store.AggregateStreamAsync<ClaimsState>(
            FinancingEvents.ClaimsStream(root), cancellation);
        IReadOnlyList<Rank> ranks = Priority.Of([.. state.Claims.Values.Select(c =>
            new Claimant(c.Financier, c.Fen, c.Receipt, c.NoticeArrived))]);
        return TypedResults.Json(new RankAnswer(root, Rules.RuleBook.Get("768-rank").Article, Note,
        [
            .. ranks.SelectMany(rank => rank.Claimants.Select(c =>
                new RankLine(rank.Number, rank.Basis, c.Financier, c.Fen, c.Receipt?.Number))),
        ]), FinancingJson.Default.RankAnswer);
    }
}
