using EventStore;
using EventStore.Idempotency;
using Receivables.Rules;
using Receivables.Vouchers;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Financing;

/// <summary>Application, offers, choice, papers of the register, and payment.</summary>
internal static class RunFinancing
{
    public static void Map(IEndpointRouteBuilder financings)
    {
        financings.MapPost("", ApplyAsync).RequireRoles(Role.Member, Role.Admin).Validate(new ApplyShape())
            .WithName("ApplyForFinancing").WithSummary("Asks banks and factors for financing.");
        financings.MapPost("/{id:guid}/offers", OfferAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new OfferShape()).WithName("OfferFinancing").WithSummary("Offers financing, with every fee.");
        financings.MapPost("/{id:guid}/quotes", QuoteAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new OfferShape())
            .WithName("QuoteFinancing").WithSummary("What an offer would cost; nothing is recorded.");
        financings.MapPost("/{id:guid}/steps", StepAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new FinancingStepShape())
            .WithName("RecordFinancing").WithSummary("Choice, search, registration, examination or payment.");
    }

    private static Task<IResult> ApplyAsync(HttpContext http, Caller caller, JsonBody<ApplyRequest> body, Store store)
    {
        ApplyRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, "financing", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            FamilyState family = await session.AggregateStreamAsync<FamilyState>(r.Root!, token);
            if (!Holds(family, caller.Tenant, r.Start!.Value, r.Fen!.Value))
                throw new ProblemException(Problem.Of("financing-not-held", ("root", r.Root)));
            DueDay due = (await RuleEndpoints.DataAsync(store, token)).Calendar.Due(family.DueDate);
            if ((family.PayDay ?? due.Day) is not { } day)
                throw new ProblemException(Problem.Of("calendar-missing", ("year", due.MissingYear)));
            Guid id = session.Context.NewId();
            WritableStream<OpenFinancings> open =
                await session.FetchForWriting<OpenFinancings>(OpenFinancings.Stream(r.Root!), token);
            if (open.Aggregate.Overlaps(caller.Tenant, r.Start.Value, r.Fen.Value))
                throw new ProblemException(Problem.Of(FinancingDecider.Overlaps, ("root", r.Root)));
            open.AppendOne(session.Context.Stamp(FinancingEvents.Opened,
                new FinancingOpened(id, caller.Tenant, r.Start.Value, r.Fen.Value)));
            NewEvent e = Stamp(session, new FinancingEvent.Applied(
                r.Root!, caller.Tenant, r.Start.Value, r.Fen.Value, family.IssueDate, day, r.Invited!));
            session.StartStream(FinancingEvents.Stream(id), e);
            return Once.Json(StatusCodes.Status201Created, new FinancingAnswer(id, e.Id),
                FinancingJson.Default.FinancingAnswer, $"financings/{id}");
        });
    }

    private static bool Holds(FamilyState family, string party, long start, long fen) =>
        family.Stage == Stage.Active && start < family.FaceFen && fen <= family.FaceFen - start
        && family.Fragments.In(new Interval(start, start + fen)).All(f => f.Claim.Holder == party && f.Claim.IsFree);

    private static Task<IResult> OfferAsync(Guid id, HttpContext http, Caller caller, JsonBody<OfferRequest> body)
    {
        OfferRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, $"financing {id}", body.Bytes.Span);
        return RunAsync(id, http, caller, key, (state, session) =>
        {
            string name = session.Context.NewId().ToString();
            Offer offer = new(name, caller.Tenant, state.Application?.Fen ?? 0, r.PaysOut!.Value, r.Price!, r.Recourse);
            return (FinancingDecider.Offer(
                state, caller.Tenant, new FinancingEvent.Offered(offer, r.ValidUntil!.Value)), name);
        });
    }

    /// <summary>The true cost of an offer that is not made yet.</summary>
    private static async Task<IResult> QuoteAsync(
        Guid id, Caller caller, JsonBody<OfferRequest> body, Store store, CancellationToken cancellation)
    {
        OfferRequest r = body.Value;
        FinancingState state =
            await store.AggregateStreamAsync<FinancingState>(FinancingEvents.Stream(id), cancellation);
        Offer offer = new("", caller.Tenant, state.Application?.Fen ?? 0, r.PaysOut!.Value, r.Price!, r.Recourse);
        FinancingDecider.Offer(state, caller.Tenant, new FinancingEvent.Offered(offer, r.ValidUntil!.Value))
            .EventsOrProblem(("id", id));
        return TypedResults.Json(
            Offers.ByTrueCost([offer], state.Application!.Due)[0], FinancingJson.Default.PricedOffer);
    }

    private static Task<IResult> StepAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<FinancingStepRequest> body)
    {
        FinancingStepRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, $"financing step {id}", body.Bytes.Span);
        return RunAsync(id, http, caller, key, (state, session) => (r.Kind switch
        {
            "choose" => FinancingDecider.Choose(
                state, caller.Tenant, r.Offer!, RuleBook.Day(session.Context.Now)),
            "withdraw" => FinancingDecider.Withdraw(state, caller.Tenant),
            "search" => Record(new FinancingEvent.Searched(r.At!.Value, r.Sha256!)),
            "registration" => Record(new FinancingEvent.Registered(
                new RegisterReceipt(r.Number!, r.At!.Value, r.Sha256!))),
            "examination" => Record(new FinancingEvent.Examined(
                r.Rule!, new Grounds(r.Text!, caller.Subject, r.Sha256!))),
            _ => Disburse(state, caller.Tenant, r),
        }, null));

        Decision<FinancingEvent> Record(FinancingEvent e) => new Decision<FinancingEvent>.Accepted([e]);
    }

    private static Decision<FinancingEvent> Disburse(FinancingState state, string by, FinancingStepRequest r)
    {
        (Decision<FinancingEvent> decision, Judgement? judgement) =
            FinancingDecider.Disburse(state, by, r.Number!, r.Fen!.Value, r.At!.Value, r.Sha256!);
        return judgement?.Refusals.FirstOrDefault() is { } against
            ? throw new ProblemException(Against(against))
            : decision;
    }

    /// <summary>The article that stands against a financing.</summary>
    internal static Problem Against(Finding against) => Problem.Of(FinancingDecider.Ruled,
        ("law", against.Rule.Law), ("article", against.Article), ("zh", against.Words.Zh), ("en", against.Words.En));

    private static Task<IResult> RunAsync(
        Guid id, HttpContext http, Caller caller, IdempotencyKey? key,
        Func<FinancingState, Session, (Decision<FinancingEvent> Decision, string? Offer)> decide) =>
        Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<FinancingState> stream =
                await session.FetchForWriting<FinancingState>(FinancingEvents.Stream(id), token);
            (Decision<FinancingEvent> decision, string? offer) = decide(stream.Aggregate, session);
            if (decision.EventsOrProblem(("id", id)) is not [var decided, ..])
            {
                return Once.Json(StatusCodes.Status201Created, new FinancingAnswer(id, Guid.Empty, offer),
                    FinancingJson.Default.FinancingAnswer);
            }
            // Papers are the chosen financier's to record; the other decisions compare the party themselves.
            if (decided is FinancingEvent.Searched or FinancingEvent.Registered or FinancingEvent.Examined)
                decided = FinancingDecider.Record(stream.Aggregate, caller.Tenant, decided).EventsOrProblem()[0];
            NewEvent e = Stamp(session, decided);
            stream.AppendOne(e);
            if (decided is FinancingEvent.Withdrawn)
            {
                WritableStream<OpenFinancings> open = await session.FetchForWriting<OpenFinancings>(
                    OpenFinancings.Stream(stream.Aggregate.Application!.Root), token);
                open.AppendOne(session.Context.Stamp(FinancingEvents.Closed, new FinancingClosed(id)));
            }
            return Once.Json(StatusCodes.Status201Created, new FinancingAnswer(id, e.Id, offer),
                FinancingJson.Default.FinancingAnswer);
        });

    private static NewEvent Stamp(Session session, FinancingEvent e) =>
        session.Context.Stamp(FinancingEvents.NameOf(e), e);
}
