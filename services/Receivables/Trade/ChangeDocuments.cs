using EventStore;
using EventStore.Idempotency;
using Npgsql;
using Receivables.Pledges;
using Receivables.Signatures;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Trade;

/// <summary>What happens to an invoice: it is looked up, taken back in part, and replaced under a voucher.</summary>
internal static class ChangeDocuments
{
    public static void Map(RouteGroupBuilder trade)
    {
        trade.MapPost("/documents/{id:guid}/checks", CheckAsync).RequireRoles(Role.Member).Validate(new CheckShape())
            .WithName("CheckInvoice").WithSummary("Records what a person saw when looking the invoice up.");
        trade.MapPost("/documents/{id:guid}/red-letters", ReverseAsync).RequireRoles(Role.Member)
            .Validate(new RedLetterShape())
            .WithName("ReverseInvoice").WithSummary("Records a red-letter note; what vouchers lack then is an alarm.");
        trade.MapPost("/documents/{id:guid}/top-ups", TopUpAsync).RequireRoles(Role.Member).Validate(new TopUpShape())
            .WithName("TopUpInvoice").WithSummary("Lets a voucher rest on another invoice instead.");
    }

    private static Task<IResult> CheckAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<CheckRequest> body, ReadDocuments read, string? application) =>
        RunAsync(id, "check", http, caller, body.Bytes, read, application, (_, _, stream) =>
            Task.FromResult(TradeDocument.Check(stream.Aggregate,
                new TradeEvent.Checked("manual", body.Value.Result!.Value, body.Value.EvidenceSha256!))));

    private static Task<IResult> ReverseAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<RedLetterRequest> body, ReadDocuments read,
        PledgeLookup claims, TimeProvider time) =>
        OnceForNumberAsync(() => RunAsync(
            id, "red-letter", http, caller, body.Bytes, read, null, async (session, file, stream) =>
            {
                RequireSeller(caller, file);
                RedLetterRequest r = body.Value;
                TradeBody note = file.Body with
                {
                    Number = r.Number!,
                    GrossFen = r.GrossFen,
                    NetFen = null,
                    IssuedOn = r.IssuedOn!.Value,
                };
                TradeEvent.Reversed reversed =
                    new(new TradeContent(r.Sha256!), TradeFiles.Commit(TradeFiles.NewSecret(), note));
                TradeFiles.AddNote(session, id, r.Number!.Trim());
                TradeFiles.Reverse(session, id, r.GrossFen!.Value);
                await CreditAsync(session, file, $"{r.Number}/{r.Sha256}", r.GrossFen.Value, claims, time);
                return TradeDocument.Reverse(stream.Aggregate, reversed, file.WorthFen, r.GrossFen.Value);
            }));

    private static async Task<IResult> OnceForNumberAsync(Func<Task<IResult>> work)
    {
        try
        {
            return await work();
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "trade_notes" })
        {
            throw new ProblemException(Problem.Of("trade-note-exists"));
        }
    }

    private static async Task<IResult> TopUpAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<TopUpRequest> body, ReadDocuments read, ClaimDesk desk)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"trade-top-up {id}", body.Bytes.Span);
        TopUpRequest r = body.Value;
        TradeFile old = await read.FindAsync(id, null, caller, http.RequestAborted);
        TradeFile other = await read.FindAsync(r.From!.Value, null, caller, http.RequestAborted);
        RequireSeller(caller, old);
        if (other.Id == old.Id || other.Body.Seller != old.Body.Seller || other.Body.Buyer != old.Body.Buyer)
            throw new ProblemException(Problem.Of("trade-other-parties", ("number", other.Body.Number)));
        return await desk.WithClaimAsync(old, other, r.Voucher!, r.Fen!.Value, used => Once.RunAsync(
            http, caller, key, async (session, token) =>
            {
                WritableStream<TradeState> from =
                    await session.FetchForWriting<TradeState>(TradeDocument.Stream(other.Id), token);
                WritableStream<TradeState> to =
                    await session.FetchForWriting<TradeState>(TradeDocument.Stream(old.Id), token);
                (old, other) = (await read.FindAsync(old.Id, null, caller, token),
                    await read.FindAsync(other.Id, null, caller, token));
                Append(session, from, TradeDocument.Use(from.Aggregate, other.WorthFen, r.Voucher!, r.Fen.Value));
                Append(session, to, TradeDocument.Release(
                    to.Aggregate, old.WorthFen, r.Voucher!, r.Fen.Value, "topped-up"));
                foreach (AppendedWith e in await used(token))
                    session.Append(e.Stream, e.ExpectedVersion, e.Event);
                return Once.Json(200, new TradeAnswer(id, Guid.Empty), TradeApiJson.Default.TradeAnswer);
            }), http.RequestAborted);
    }

    private static Task<IResult> RunAsync(
        Guid id, string operation, HttpContext http, Caller caller, ReadOnlyMemory<byte> body, ReadDocuments read,
        string? application, Func<Session, TradeFile, WritableStream<TradeState>, Task<Decision<TradeEvent>>> decide)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"trade-{operation} {id}", body.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<TradeState> stream =
                await session.FetchForWriting<TradeState>(TradeDocument.Stream(id), token);
            // After the version: what another note took meanwhile is then seen, or the version is no longer right.
            TradeFile file = await read.FindAsync(id, application, caller, token);
            Guid first = Append(session, stream, await decide(session, file, stream));
            return Once.Json(201, new TradeAnswer(id, first), TradeApiJson.Default.TradeAnswer);
        });
    }

    private static Guid Append(Session session, WritableStream<TradeState> stream, Decision<TradeEvent> decision)
    {
        NewEvent[] events = [.. decision.EventsOrProblem(("missing", ""))
            .Select(e => session.Context.Stamp(TradeEvents.NameOf(e), e))];
        stream.AppendMany(events);
        return events[0].Id;
    }

    /// <summary>The claim to the invoice counts the note in the same transaction.</summary>
    private static async Task CreditAsync(
        Session session, TradeFile file, string reference, long fen, PledgeLookup claims, TimeProvider time)
    {
        if (await claims.OfThingAsync(file.Thing, CancellationToken.None) is not { State.WorthFen: > 0 } claim)
            return;
        EventContext context = new(time, session.Context.Actor, claim.State.Tenant);
        // What other platforms used is gone from the worth already, and the note takes no more than there is.
        session.Append(PledgeSaga.Stream(claim.Id), claim.Version,
            Pledge.Credit(claim.State, reference, Math.Min(fen, claim.State.WorthFen)).EventsOrProblem()
                .Select(e => (object)context.Stamp(PledgeModel.NameOf(e), e)));
    }

    private static void RequireSeller(Caller caller, TradeFile file)
    {
        if (caller.Tenant != file.Body.Seller)
            throw new ProblemException(Problem.Of("trade-not-yours"));
    }
}
