using EventStore;
using EventStore.Idempotency;
using Npgsql;
using Receivables.Parties;
using Receivables.Pledges;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Trade;

/// <summary>The answer to a deposit.</summary>
/// <param name="Id">The document.</param>
/// <param name="EventId">The event that records it and is anchored.</param>
public sealed record TradeAnswer(Guid Id, Guid EventId);

/// <summary>Deposits a contract, invoice or delivery note; an invoice once, however its number is spelled.</summary>
internal static class DepositDocument
{
    private const string Exists = "trade-document-exists";

    public static void Map(RouteGroupBuilder trade) =>
        trade.MapPost("/documents", HandleAsync).RequireRoles(Role.Member).Validate(new TradeShape())
            .WithName("DepositTradeDocument").WithSummary("Deposits a contract, invoice or delivery note.");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<TradeRequest> body, PartyDirectory parties)
    {
        TradeRequest r = body.Value;
        if (caller.Tenant != r.Seller && caller.Tenant != r.Buyer)
            throw new ProblemException(Problem.Of("trade-not-yours"));
        await parties.GetAsync(r.Seller!, http.RequestAborted);
        await parties.GetAsync(r.Buyer!, http.RequestAborted);
        string? canonical = Canonical(r);
        // The digits alone, however they were typed.
        string number = canonical is null ? r.Number! : canonical[(canonical.IndexOf('|') + 1)..];
        TradeBody content = new(
            r.Kind!.Value, number, canonical is null ? r.Code : null, r.Seller!, r.Buyer!, r.GrossFen, r.NetFen,
            r.IssuedOn!.Value, r.Contract, r.PayBy);
        IdempotencyKey? key = Once.Key(http.Request, caller, "trade-deposit", body.Bytes.Span);
        try
        {
            return await Once.RunAsync(http, caller, key, (session, _) =>
            {
                TradeFile file = new(
                    session.Context.NewId(), caller.Tenant, r.Sha256!, content, TradeFiles.NewSecret(), 0);
                TradeEvent.Deposited deposited =
                    new(content.Kind, new TradeContent(file.Sha256), TradeFiles.Commit(file.Secret, content));
                NewEvent e = session.Context.Stamp(TradeEvents.NameOf(deposited), deposited);
                session.StartStream(TradeDocument.Stream(file.Id), e);
                TradeFiles.Add(session, file, canonical);
                return Task.FromResult(Once.Json(201, new TradeAnswer(file.Id, e.Id), TradeApiJson.Default.TradeAnswer));
            });
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new ProblemException(Problem.Of(Exists));
        }
    }

    private static string? Canonical(TradeRequest r)
    {
        if (!TradeDocument.IsThing(r.Kind))
            return null;
        if (CanonicalId.Of(r.Kind!.Value, r.Number!, r.Code, out CanonicalId? id) is { } wrong)
            throw new ProblemException(Problem.Of(r.Kind == TradeKind.Invoice ? "invoice-number-form" : wrong));
        return id!.Text;
    }
}
