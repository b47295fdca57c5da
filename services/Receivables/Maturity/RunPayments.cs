using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using Receivables.Credit;
using Receivables.Ledger;
using Receivables.Rules;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Maturity;

/// <summary>A bank's receipt that names no voucher.</summary>
/// <param name="Receipt">The bank's number of it.</param>
/// <param name="Fen">Its amount.</param>
/// <param name="ValueDate">The day of payment.</param>
/// <param name="Sha256">Digest of the imported file.</param>
/// <param name="Bank">Number of the payer's bank (联行号), where the receipt has it.</param>
/// <param name="Account">Number of the payer's account there.</param>
public sealed record PaymentRequest(
    string? Receipt = null, long? Fen = null, DateOnly? ValueDate = null, string? Sha256 = null, string? Bank = null,
    string? Account = null);

/// <summary>What becomes of money in suspense.</summary>
/// <param name="Kind"><c>match</c> or <c>sent-back</c>.</param>
/// <param name="Receipt">The payment.</param>
/// <param name="Payer">Whose it is (match).</param>
/// <param name="Root">The voucher that the payer named (match); left out where it named none.</param>
/// <param name="Fen">How much (sent-back).</param>
/// <param name="Sha256">Digest of what proves it.</param>
public sealed record PaymentEntryRequest(
    string? Kind = null, string? Receipt = null, string? Payer = null, string? Root = null, long? Fen = null,
    string? Sha256 = null);

/// <summary>A payment as it stands.</summary>
/// <param name="Receipt">The bank's number of it.</param>
/// <param name="Fen">Its amount.</param>
/// <param name="ValueDate">The day of payment.</param>
/// <param name="Payer">Whose debts it pays; missing while nobody knows.</param>
/// <param name="Parts">What of it goes to which voucher.</param>
/// <param name="SuspenseFen">What belongs to no debt.</param>
/// <param name="Article">The article that decided between debts.</param>
public sealed record PaymentAnswer(
    string Receipt, long Fen, DateOnly ValueDate, string? Payer, IReadOnlyList<PaymentPart> Parts, long SuspenseFen,
    string? Article = null);

/// <summary>Payments with money in suspense, the oldest first.</summary>
public sealed record PaymentPage(IReadOnlyList<PaymentAnswer> Items);

/// <summary>Its shape.</summary>
internal sealed class PaymentShape : AbstractValidator<PaymentRequest>
{
    public PaymentShape()
    {
        RuleFor(r => r.Receipt).Required().Text(1, 100);
        RuleFor(r => r.Fen).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Fen).Must(f => f is null or > 0 and <= ChangeLineShape.FenMax).WithErrorCode("field-form");
        RuleFor(r => r.ValueDate).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Sha256).Required().Must(CalendarShape.IsDigest).WithErrorCode("field-form");
        RuleFor(r => r.Account).NotEmpty().When(r => r.Bank is not null).WithErrorCode("field-required");
        RuleFor(r => r.Bank).NotEmpty().When(r => r.Account is not null).WithErrorCode("field-required");
    }
}

/// <summary>Its shape.</summary>
internal sealed class PaymentEntryShape : AbstractValidator<PaymentEntryRequest>
{
    public PaymentEntryShape()
    {
        RuleFor(r => r.Kind).Must(k => k is "match" or "sent-back").WithErrorCode("field-form");
        RuleFor(r => r.Receipt).Required().Text(1, 100);
        RuleFor(r => r.Payer).NotEmpty().When(r => r.Kind == "match").WithErrorCode("field-required");
        RuleFor(r => r.Payer).Text(1, 100);
        RuleFor(r => r.Root).Text(1, 40);
        RuleFor(r => r.Fen).NotNull().When(r => r.Kind == "sent-back").WithErrorCode("field-required");
        RuleFor(r => r.Fen).Must(f => f is null or > 0 and <= ChangeLineShape.FenMax).WithErrorCode("field-form");
        RuleFor(r => r.Sha256).Required().Must(CalendarShape.IsDigest).WithErrorCode("field-form");
    }
}

/// <summary>
/// Receipts that name no voucher: set against the payer's debts where its account is known, in suspense where it isn't.
/// </summary>
internal static class RunPayments
{
    private const int ListMax = 500;

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder payments = app.MapGroup("/payments");
        payments.MapPost("", ReceiveAsync).RequireRoles(Role.Operator, Role.Service).Validate(new PaymentShape())
            .WithName("RecordPayment").WithSummary("Imports a receipt that names no voucher (Civil Code art. 560).");
        payments.MapPost("/entries", EnterAsync).RequireRoles(Role.Operator, Role.Service)
            .Validate(new PaymentEntryShape())
            .WithName("RecordPaymentEntry").WithSummary("Matches money in suspense with its payer, or sends it back.");
        payments.MapGet("", ListAsync).RequireRoles(Role.Operator, Role.Regulator)
            .WithName("ListPayments").WithSummary("Payments with money in suspense.");
    }

    private static async Task<IResult> ReceiveAsync(
        HttpContext http, Caller caller, JsonBody<PaymentRequest> body, Store store, PaymentAllocation allocation)
    {
        PaymentRequest r = body.Value;
        string? payer = r.Bank is null ? null : await PayerAsync(store, r.Bank, r.Account!, http.RequestAborted);
        IdempotencyKey? key = Once.Key(http.Request, caller, "payment", body.Bytes.Span);
        IResult answer = await Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<PaymentState> stream = await FetchAsync(session, r.Receipt!, token);
            PaymentEvent received = Payment.Receive(stream.Aggregate, new PaymentEvent.Received(
                r.Receipt!, r.Fen!.Value, r.ValueDate!.Value, r.Sha256!)).EventsOrProblem(("receipt", r.Receipt))[0];
            PaymentState state = PaymentState.Evolve(stream.Aggregate, received);
            List<PaymentEvent> events = [received];
            if (payer is not null)
            {
                events.Add(Payment.Match(
                    state, payer, await DebtsAsync(store, payer, r.ValueDate.Value, token), null, null)
                    .EventsOrProblem()[0]);
            }
            return Append(session, stream, events);
        });
        await allocation.RunAsync(http.RequestAborted);
        return answer;
    }

    private static async Task<IResult> EnterAsync(
        HttpContext http, Caller caller, JsonBody<PaymentEntryRequest> body, Store store, PaymentAllocation allocation)
    {
        PaymentEntryRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, "payment entry", body.Bytes.Span);
        IResult answer = await Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<PaymentState> stream = await FetchAsync(session, r.Receipt!, token);
            PaymentState state = stream.Aggregate;
            Decision<PaymentEvent> decision = r.Kind == "sent-back"
                ? Payment.SendBack(state, r.Fen!.Value, r.Sha256!)
                : Payment.Match(
                    state, r.Payer!,
                    await DebtsAsync(store, r.Payer!, state.Arrived?.ValueDate ?? default, token), r.Root, r.Sha256);
            return Append(session, stream, decision.EventsOrProblem(("receipt", r.Receipt), ("root", r.Root)));
        });
        await allocation.RunAsync(http.RequestAborted);
        return answer;
    }

    private static async Task<IResult> ListAsync(Store store, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            $"""
             select receipt, fen, value_date, payer, suspense_fen from payments where suspense_fen > 0
             order by value_date, receipt limit {ListMax}
             """);
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<PaymentAnswer> items = [];
        while (await reader.ReadAsync(cancellation))
        {
            items.Add(new PaymentAnswer(
                reader.GetString(0), reader.GetInt64(1), reader.GetFieldValue<DateOnly>(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), [], reader.GetInt64(4)));
        }
        return TypedResults.Json(new PaymentPage(items), PaymentJson.Default.PaymentPage);
    }

    private static StoredResponse Append(
        Session session, WritableStream<PaymentState> stream, IReadOnlyList<PaymentEvent> events)
    {
        foreach (PaymentEvent e in events)
            stream.AppendOne(session.Context.Stamp(PaymentEvents.NameOf(e), e));
        PaymentState after = events.Aggregate(stream.Aggregate, PaymentState.Evolve);
        PaymentEvent.Received r = after.Arrived!;
        return Once.Json(StatusCodes.Status201Created, new PaymentAnswer(
            r.Receipt, r.Fen, r.ValueDate, after.Matched?.Payer, after.Matched?.Parts ?? [], after.SuspenseFen,
            after.Matched?.Article), PaymentJson.Default.PaymentAnswer);
    }

    private static Task<WritableStream<PaymentState>> FetchAsync(
        Session session, string receipt, CancellationToken token) =>
        session.FetchForWriting<PaymentState>(PaymentEvents.Stream(receipt), token);

    /// <summary>Whose account it came from; null where it is nobody's here.</summary>
    private static async Task<string?> PayerAsync(
        Store store, string bank, string account, CancellationToken token)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select party from settlement_accounts where bank = $1 and number = $2");
        query.Parameters.Add(new() { Value = bank });
        query.Parameters.Add(new() { Value = account });
        return await query.ExecuteScalarAsync(token) as string;
    }

    /// <summary>What a payer owes on vouchers whose payees are fixed, with interest through a day.</summary>
    private static async Task<List<Debt>> DebtsAsync(
        Store store, string payer, DateOnly day, CancellationToken token)
    {
        List<string> roots = [];
        await using (NpgsqlCommand query = store.DataSource.CreateCommand(
            "select root from clearings where debtor = $1 and due_fen > 0 order by root"))
        {
            query.Parameters.Add(new() { Value = payer });
            await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(token);
            while (await reader.ReadAsync(token))
                roots.Add(reader.GetString(0));
        }
        List<Debt> debts = [];
        foreach (string root in roots)
        {
            ClearingState state =
                await store.AggregateStreamAsync<ClearingState>(ClearingEvents.Stream(root), token);
            debts.Add(DebtOf(state, day));
        }
        return debts;
    }

    /// <summary>
    /// A voucher as art. 560 looks at it. The register holds no security for vouchers, so all are equal in that; the
    /// burden is the yearly rate of late interest.
    /// </summary>
    internal static Debt DebtOf(ClearingState state, DateOnly day)
    {
        LateRate rate = LateRate.Of(state.Terms!, day);
        long burden = (long)((Int128)rate.Numerator * 365 * 1_000_000 / rate.Denominator);
        if (day > state.ChargedThrough && state.Due.Principal > 0)
            state = ClearingState.Evolve(state, Clearing.ChargeThrough(state, day));
        return new Debt(state.Root, state.PayDay, 0, (int)burden, state.Due.Total);
    }
}

/// <summary>
/// Allocates the parts of payments in their vouchers. A part is recorded before it is allocated, and a voucher takes a
/// receipt once: after a crash the rest follows.
/// </summary>
internal sealed class PaymentAllocation(Store store, ILedger ledger, TimeProvider time)
{
    private const int AttemptsMax = 4;

    /// <summary>Allocates what waits.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        List<(string Root, ReceiptRequest Receipt)> waiting = [];
        await using (NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select i.root, p.receipt, i.fen, p.value_date, p.sha256
            from payment_parts i join payments p using (stream) where not i.allocated order by p.value_date, i.root
            """))
        await using (NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                waiting.Add((reader.GetString(0), new ReceiptRequest(
                    reader.GetString(1), reader.GetInt64(2), reader.GetFieldValue<DateOnly>(3), reader.GetString(4))));
            }
        }
        foreach ((string root, ReceiptRequest receipt) in waiting)
            await AllocateAsync(root, receipt, cancellation);
    }

    private async Task AllocateAsync(string root, ReceiptRequest receipt, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await using Session session = store.OpenSession(new EventContext(time, store.Service, store.Service));
                await RunClearing.AllocateAsync(root, receipt, session, store, ledger, cancellation);
                await session.SaveChangesAsync(cancellation);
                return;
            }
            catch (ConcurrencyException) when (attempt < AttemptsMax)
            {
                // Another entry was first: what is due may have changed.
            }
            catch (ProblemException)
            {
                // Somebody else has just allocated it, or the voucher can't take it yet: the part stays where everybody
                // sees it waiting, and neither stops the service nor keeps the parts behind it.
                return;
            }
        }
    }
}
