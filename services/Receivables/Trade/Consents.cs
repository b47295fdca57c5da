using EventStore;
using EventStore.Idempotency;
using Receivables.Parties;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Trade;

/// <summary>A consent's answer.</summary>
public sealed record ConsentAnswer(Guid Id, bool Withdrawn);

/// <summary>The supplier's consent that one bank sees documents for one application, until a time.</summary>
internal static class Consents
{
    public static void Map(RouteGroupBuilder trade)
    {
        trade.MapPost("/consents", GiveAsync).RequireRoles(Role.Member).Validate(new ConsentShape())
            .WithName("GiveConsent").WithSummary("Lets one bank see documents for one application until a time.");
        trade.MapPost("/consents/{id:guid}/withdrawal", WithdrawAsync).RequireRoles(Role.Member)
            .Validate(new WithdrawConsentShape())
            .WithName("WithdrawConsent").WithSummary("Takes a consent back at once.");
    }

    private static Task<IResult> GiveAsync(
        HttpContext http, Caller caller, JsonBody<ConsentRequest> body, PartyDirectory parties, TradeFiles files,
        TimeProvider time)
    {
        ConsentRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, "trade-consent", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            foreach (Guid document in r.Documents!)
            {
                if (await files.FindAsync(document, token) is not { } file || file.Body.Seller != caller.Tenant)
                    throw new ProblemException(Problem.Of(TradeDocument.Missing, ("id", document)));
            }
            PartyState bank = await parties.GetAsync(r.Bank!, token);
            // Events hold whole milliseconds.
            DateTimeOffset until = DateTimeOffset.FromUnixTimeMilliseconds(r.Until!.Value.ToUnixTimeMilliseconds());
            ConsentEvent given = Consent.Give(
                new ConsentEvent.Given(bank.Id, r.Application!, [.. r.Documents.Distinct()], until),
                bank.Kind is PartyKind.Bank or PartyKind.Factor, time.GetUtcNow()).EventsOrProblem()[0];
            Guid id = session.Context.NewId();
            session.StartStream(Consent.Stream(id), session.Context.Stamp(TradeEvents.NameOf(given), given));
            return Once.Json(201, new ConsentAnswer(id, Withdrawn: false), TradeApiJson.Default.ConsentAnswer);
        });
    }

    private static Task<IResult> WithdrawAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<WithdrawConsentRequest> body)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"trade-consent-end {id}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            IReadOnlyList<StoredEvent> events = await session.FetchStreamAsync(Consent.Stream(id), token);
            if (events.Count == 0 || events[0].Tenant != caller.Tenant)
                throw new ProblemException(Problem.Of(Consent.Missing, ("id", id)));
            ConsentState state = events.Select(e => (ConsentEvent)e.Data).Aggregate(ConsentState.Initial, ConsentState.Evolve);
            session.Append(Consent.Stream(id), events.Count,
                Consent.Withdraw(state, body.Value.Reason!).EventsOrProblem(("id", id))
                    .Select(e => session.Context.Stamp(TradeEvents.NameOf(e), e)));
            return Once.Json(200, new ConsentAnswer(id, Withdrawn: true), TradeApiJson.Default.ConsentAnswer);
        });
    }
}
