using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using Receivables.Credit;
using Receivables.Ledger;
using Receivables.Rules;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Maturity;

/// <summary>A bank's receipt of the debtor's payment on a voucher.</summary>
/// <param name="Receipt">The bank's number of it.</param>
/// <param name="Fen">Its amount.</param>
/// <param name="ValueDate">The day of payment.</param>
/// <param name="Sha256">Digest of the imported file.</param>
/// <param name="Bank">Number of the bank that paid (联行号): with the receipt's number it names it for ever.</param>
public sealed record ReceiptRequest(
    string? Receipt = null, long? Fen = null, DateOnly? ValueDate = null, string? Sha256 = null, string? Bank = null);

/// <summary>Another entry.</summary>
/// <param name="Kind"><c>costs</c>, <c>returned</c>, <c>settled</c> or <c>terms</c>.</param>
/// <param name="Start">The leaf (costs, returned).</param>
/// <param name="Fen">How much (costs, returned, settled).</param>
/// <param name="Reference">The bank's number (returned), the line in suspense (settled), the reason (costs).</param>
/// <param name="How"><c>paid-again</c> or <c>sent-back</c> (settled).</param>
/// <param name="AgreedPpm">The agreed yearly rate (terms); left out where none was agreed.</param>
/// <param name="ContractDate">When the contract was made (terms): its LPR is the least.</param>
/// <param name="Sha256">Digest of what proves it.</param>
public sealed record ClearingEntryRequest(
    string? Kind = null, long? Start = null, long? Fen = null, string? Reference = null, string? How = null,
    int? AgreedPpm = null, DateOnly? ContractDate = null, string? Sha256 = null);

/// <summary>Its shape.</summary>
internal sealed class ReceiptShape : AbstractValidator<ReceiptRequest>
{
    public ReceiptShape()
    {
        RuleFor(r => r.Receipt).Required().Must(n => n is null || ReceiptId.IsNumber(n)).WithErrorCode("field-form");
        RuleFor(r => r.Bank).Required().Must(b => b is null || ReceiptId.IsBank(b)).WithErrorCode("field-form");
        RuleFor(r => r.Fen).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Fen).Must(f => f is null or > 0 and <= ChangeLineShape.FenMax).WithErrorCode("field-form");
        RuleFor(r => r.ValueDate).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Sha256).Required().Must(CalendarShape.IsDigest).WithErrorCode("field-form");
    }
}

/// <summary>Its shape.</summary>
internal sealed class ClearingEntryShape : AbstractValidator<ClearingEntryRequest>
{
    public ClearingEntryShape()
    {
        RuleFor(r => r.Kind).Required();
        RuleFor(r => r.Kind).Must(k => k is null or "costs" or "returned" or "settled" or "terms")
            .WithErrorCode("field-form");
        RuleFor(r => r.Start).NotNull().When(r => r.Kind is "costs" or "returned").WithErrorCode("field-required");
        RuleFor(r => r.Fen).NotNull().When(r => r.Kind is not "terms").WithErrorCode("field-required");
        RuleFor(r => r.Fen).Must(f => f is null or > 0 and <= ChangeLineShape.FenMax).WithErrorCode("field-form");
        RuleFor(r => r.Reference).NotEmpty().When(r => r.Kind is not "terms").WithErrorCode("field-required");
        RuleFor(r => r.Reference).Text(1, 200);
        RuleFor(r => r.How).Must(h => h is "paid-again" or "sent-back").When(r => r.Kind == "settled")
            .WithErrorCode("field-form");
        RuleFor(r => r.AgreedPpm).Must(p => p is null or > 0 and < 1_000_000).WithErrorCode("field-form");
        RuleFor(r => r.Sha256).Required().Must(CalendarShape.IsDigest).WithErrorCode("field-form");
    }
}

/// <summary>What the bank is told.</summary>
public sealed record InstructionsAnswer(string Root, IReadOnlyList<Instruction> Instructions);

/// <summary>How a receipt was allocated.</summary>
/// <param name="Root">The voucher.</param>
/// <param name="Version">Version of its payment.</param>
/// <param name="Due">What is still due on it.</param>
/// <param name="Suspense">Money of it that belongs to no leaf.</param>
/// <param name="Receipt">The receipt's identity; missing for other entries.</param>
/// <param name="Parts">Where the receipt went, also when it was delivered before.</param>
public sealed record ReceiptAnswer(
    string Root, long Version, Owed Due, IReadOnlyDictionary<string, SuspenseLine> Suspense, string? Receipt = null,
    IReadOnlyList<PaymentPart>? Parts = null);

/// <summary>Runs the payment of a voucher: the operator hands on instructions and imports what banks report.</summary>
internal static class RunClearing
{
    private const int AttemptsMax = 4;

    public static void Map(IEndpointRouteBuilder clearings)
    {
        clearings.MapPost("/{root}/instructions", InstructAsync).RequireRoles(Role.Operator)
            .WithName("InstructClearing").WithSummary("Instructions for the bank, one for each leaf.");
        clearings.MapPost("/{root}/receipts", ReceiveAsync).RequireRoles(Role.Operator, Role.Service)
            .Validate(new ReceiptShape())
            .WithName("RecordReceipt").WithSummary("Imports a receipt and allocates it, once and for all.");
        clearings.MapPost("/{root}/entries", EnterAsync).RequireRoles(Role.Operator, Role.Service)
            .Validate(new ClearingEntryShape())
            .WithName("RecordClearingEntry")
            .WithSummary("Costs, returned money, money out of suspense, or late terms.");
    }

    private static Task<IResult> InstructAsync(string root, HttpContext http, Caller caller, Store store)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"instruct {root}", default);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<ClearingState> stream = await FetchAsync(session, root, token);
            ClearingState state = stream.Aggregate;
            // An order that was carried out while the clearing was being opened may not be told to it: nobody is paid but
            // whom the voucher names now.
            WritableStream<FamilyState> family = await session.FetchForWriting<FamilyState>(root, token);
            session.Append(root, family.CurrentVersion);
            IReadOnlyList<ClearingEvent> late = Clearing.Redirect(
                state, $"instruct:{root}", family.Aggregate.Fragments, RuleBook.Day(session.Context.Now));
            state = late.Aggregate(state, ClearingState.Evolve);
            ClearingEvent e = Clearing.Instruct(state, await AccountsAsync(store, state, token))
                .EventsOrProblem(("root", root))[0];
            stream.AppendMany([.. late, e]);
            return Once.Json(StatusCodes.Status201Created,
                new InstructionsAnswer(root, ((ClearingEvent.Instructed)e).Instructions),
                ClearingJson.Default.InstructionsAnswer);
        });
    }

    private static Task<IResult> ReceiveAsync(
        string root, HttpContext http, Caller caller, JsonBody<ReceiptRequest> body, Store store, ILedger ledger)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"receipt {root}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            for (int attempt = 1; ; attempt++)
            {
                try
                {
                    return await TakeAsync(root, body.Value, session, store, ledger, token);
                }
                catch (ConcurrencyException) when (attempt < AttemptsMax)
                {
                    // Another entry was first: what is due may have changed.
                }
                catch (ProblemException e) when (
                    attempt < AttemptsMax && e.Problem.Code is (Refusal.ReceiptRepeated or Clearing.Repeated))
                {
                    // The same receipt was just delivered by another request: it answers where it went.
                }
            }
        });
    }

    /// <summary>
    /// Takes a receipt into its own stream, which must be new, and allocates it in the same transaction; one that came
    /// before answers where it went.
    /// </summary>
    private static async Task<StoredResponse> TakeAsync(
        string root, ReceiptRequest r, Session session, Store store, ILedger ledger, CancellationToken token)
    {
        PaymentEvent.Received received =
            new(ReceiptId.Of(r.Bank!, r.Receipt!), r.Fen!.Value, r.ValueDate!.Value, r.Sha256!, root);
        string stream = PaymentEvents.Stream(received.Receipt);
        (ClearingState state, long version) = await FindAsync(root, store, token);
        if (!state.Exists)
            throw new ProblemException(Problem.Of(Clearing.Missing, ("root", root)));
        PaymentState payment = await store.AggregateStreamAsync<PaymentState>(stream, token);
        IReadOnlyList<PaymentEvent> events = Payment.ReceiveFor(payment, received, root, state.Debtor)
            .EventsOrProblem(("receipt", received.Receipt), ("places", Payment.Places(payment)));
        if (events.Count == 0)
        {
            return Once.Json(StatusCodes.Status200OK, new ReceiptAnswer(
                root, version, state.Due, state.Suspense, received.Receipt, payment.Matched!.Parts),
                ClearingJson.Default.ReceiptAnswer);
        }
        AppendedWith[] record = [.. events.Select((e, i) =>
            new AppendedWith(stream, i, session.Context.Stamp(PaymentEvents.NameOf(e), e)))];
        return await AllocateAsync(root, received, record, session, store, ledger, token);
    }

    /// <summary>
    /// Allocates a receipt. The principal that leaves got is paid in their family in the same transaction, by the
    /// family's own writer.
    /// </summary>
    internal static async Task<StoredResponse> AllocateAsync(
        string root, PaymentEvent.Received r, AppendedWith[] with, Session session, Store store, ILedger ledger,
        CancellationToken token)
    {
        string stream = ClearingEvents.Stream(root);
        (ClearingState state, long version) = await FindAsync(root, store, token);
        IReadOnlyList<ClearingEvent> events = Clearing.Receive(state, r.Receipt, r.Fen, r.ValueDate, r.Sha256)
            .EventsOrProblem(("root", root));
        AppendedWith[] record = [.. with, .. events.Select((e, i) =>
            new AppendedWith(stream, version + i, session.Context.Stamp(ClearingEvents.NameOf(e), e))),
            .. await ClearedAsync(events.Aggregate(state, ClearingState.Evolve), r, session, token)];
        ClearingEvent.ReceiptAllocated allocated = (ClearingEvent.ReceiptAllocated)events[^1];
        LeafPayment[] payments = [.. allocated.Shares.Where(s => s.Principal > 0).Select(s =>
            new LeafPayment(s.Start, state.Leaves[s.Start].Leaf.End, s.Principal))];
        if (payments.Length > 0)
            await ledger.PayAsync(root, allocated.Receipt, payments, record, token);
        else
        {
            foreach (AppendedWith e in record)
                session.Append(e.Stream, e.ExpectedVersion, e.Event);
        }
        return Answer(root, state, version, events, r.Receipt, [new PaymentPart(root, r.Fen)]);
    }

    /// <summary>Money that was on time after all stops its debtor no longer; the receipt is the proof.</summary>
    private static async Task<IEnumerable<AppendedWith>> ClearedAsync(
        ClearingState after, PaymentEvent.Received r, Session session, CancellationToken token)
    {
        if (!after.WasOnTime)
            return [];
        string stream = CreditEvents.StandingStream(after.Debtor);
        IReadOnlyList<StoredEvent> before = await session.FetchStreamAsync(stream, token);
        DebtorStanding standing = before.Select(e => (StandingRecorded)e.Data)
            .Aggregate(DebtorStanding.Initial, DebtorStanding.Evolve);
        return DebtorStanding.Decide(standing, new StandingRecorded(
                StandingKind.VoucherOverdue, after.Root, Cleared: true, r.Receipt, r.Sha256)).EventsOrProblem()
            .Select((e, i) => new AppendedWith(
                stream, before.Count + i, session.Context.Stamp(CreditEvents.StandingRecorded, e)));
    }

    private static async Task<(ClearingState State, long Version)> FindAsync(
        string root, Store store, CancellationToken token)
    {
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(ClearingEvents.Stream(root), token);
        return (events.Select(e => (ClearingEvent)e.Data)
            .Aggregate(ClearingState.Initial, ClearingState.Evolve), events.Count);
    }

    private static Task<IResult> EnterAsync(
        string root, HttpContext http, Caller caller, JsonBody<ClearingEntryRequest> body, Store store)
    {
        ClearingEntryRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, $"clearing entry {root}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<ClearingState> stream = await FetchAsync(session, root, token);
            ClearingState state = stream.Aggregate;
            Decision<ClearingEvent> decision = r.Kind switch
            {
                "costs" => Clearing.ChargeCosts(state, r.Start!.Value, r.Fen!.Value, r.Reference!, r.Sha256!),
                "returned" => Clearing.Return(state, r.Reference!, r.Start!.Value, r.Fen!.Value, r.Sha256!),
                "settled" => Clearing.Settle(state, r.Reference!, r.Fen!.Value, r.How!, r.Sha256!),
                _ => Clearing.SettleTerms(state, await TermsAsync(state, r, store, token), r.Sha256!),
            };
            IReadOnlyList<ClearingEvent> events = decision.EventsOrProblem(("root", root));
            stream.AppendMany(events);
            return Answer(root, state, stream.CurrentVersion, events);
        });
    }

    private static async Task<LateTerms> TermsAsync(
        ClearingState state, ClearingEntryRequest r, Store store, CancellationToken token)
    {
        LateTerms terms = state.Terms ?? new LateTerms(PartyClass.Other, PartyClass.Other, null, null);
        LprTable lpr = (await RuleEndpoints.DataAsync(store, token)).Lpr;
        return terms with { AgreedPpm = r.AgreedPpm, LprPpm = r.ContractDate is { } day ? lpr.On(day) : null };
    }

    private static Task<WritableStream<ClearingState>> FetchAsync(
        Session session, string root, CancellationToken token) =>
        session.FetchForWriting<ClearingState>(ClearingEvents.Stream(root), token);

    private static StoredResponse Answer(
        string root, ClearingState before, long version, IReadOnlyList<ClearingEvent> events, string? receipt = null,
        IReadOnlyList<PaymentPart>? parts = null)
    {
        ClearingState after = events.Aggregate(before, ClearingState.Evolve);
        return Once.Json(StatusCodes.Status201Created,
            new ReceiptAnswer(root, version + events.Count, after.Due, after.Suspense, receipt, parts),
            ClearingJson.Default.ReceiptAnswer);
    }

    private static async Task<Dictionary<string, OwnAccount>> AccountsAsync(
        Store store, ClearingState state, CancellationToken token)
    {
        string[] parties = [.. state.Leaves.Values.Select(l => l.Leaf.Payee).Append(state.Debtor).Distinct()];
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select party, bank, number from settlement_accounts where party = any($1)");
        query.Parameters.Add(new() { Value = parties });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(token);
        Dictionary<string, OwnAccount> accounts = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(token))
        {
            OwnAccount account = new(reader.GetString(0), reader.GetString(1), reader.GetString(2));
            accounts.Add(account.Party, account);
        }
        return accounts;
    }
}
