using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using Receivables.Credit;
using Receivables.Rules;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Stores;

namespace Receivables.Maturity;

/// <summary>A bank's receipt that names no voucher.</summary>
/// <param name="Receipt">The bank's number of it.</param>
/// <param name="Fen">Its amount.</param>
/// <param name="ValueDate">The day of payment.</param>
/// <param name="Sha256">Digest of the imported file.</param>
/// <param name="Bank">Number of the payer's bank (联行号): with the receipt's number it names it for ever.</param>
/// <param name="Account">Number of the payer's account there, where the receipt has it.</param>
public sealed record PaymentRequest(
    string? Receipt = null, long? Fen = null, DateOnly? ValueDate = null, string? Sha256 = null, string? Bank = null,
    string? Account = null);

/// <summary>What becomes of money in suspense.</summary>
/// <param name="Kind"><c>match</c> or <c>sent-back</c>.</param>
/// <param name="Receipt">The payment's identity, as its answer and the list have it.</param>
/// <param name="Payer">Whose it is (match).</param>
/// <param name="Root">The voucher that the payer named (match); left out where it named none.</param>
/// <param name="Fen">How much (sent-back).</param>
/// <param name="Sha256">Digest of what proves it.</param>
public sealed record PaymentEntryRequest(
    string? Kind = null, string? Receipt = null, string? Payer = null, string? Root = null, long? Fen = null,
    string? Sha256 = null);

/// <summary>A payment as it stands.</summary>
/// <param name="Receipt">Its identity: bank and number.</param>
/// <param name="Fen">Its amount.</param>
/// <param name="ValueDate">The day of payment.</param>
/// <param name="Payer">Whose debts it pays; missing while nobody knows.</param>
/// <param name="Parts">What of it goes to which voucher.</param>
/// <param name="SuspenseFen">What belongs to no debt.</param>
/// <param name="Article">The article that decided between debts.</param>
/// <param name="WaitingFen">What of it is set against vouchers but not allocated to their leaves yet.</param>
public sealed record PaymentAnswer(
    string Receipt, long Fen, DateOnly ValueDate, string? Payer, IReadOnlyList<PaymentPart> Parts, long SuspenseFen,
    string? Article = null, long WaitingFen = 0);

/// <summary>Payments with money in suspense or not allocated yet, the oldest first.</summary>
public sealed record PaymentPage(IReadOnlyList<PaymentAnswer> Items);

/// <summary>Its shape.</summary>
internal sealed class PaymentShape : AbstractValidator<PaymentRequest>
{
    public PaymentShape()
    {
        RuleFor(r => r.Receipt).Required().Must(n => n is null || ReceiptId.IsNumber(n)).WithErrorCode("field-form");
        RuleFor(r => r.Bank).Required().Must(b => b is null || ReceiptId.IsBank(b)).WithErrorCode("field-form");
        RuleFor(r => r.Fen).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Fen).Must(f => f is null or > 0 and <= ChangeLineShape.FenMax).WithErrorCode("field-form");
        RuleFor(r => r.ValueDate).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Sha256).Required().Must(CalendarShape.IsDigest).WithErrorCode("field-form");
        RuleFor(r => r.Account).Must(a => a is null || ReceiptId.IsBank(a)).WithErrorCode("field-form");
    }
}

/// <summary>Its shape.</summary>
internal sealed class PaymentEntryShape : AbstractValidator<PaymentEntryRequest>
{
    public PaymentEntryShape()
    {
        RuleFor(r => r.Kind).Must(k => k is "match" or "sent-back").WithErrorCode("field-form");
        RuleFor(r => r.Receipt).Required().Text(1, 150);
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
        string? payer = r.Account is null ? null : await PayerAsync(store, r.Bank!, r.Account, http.RequestAborted);
        PaymentEvent.Received received =
            new(ReceiptId.Of(r.Bank!, r.Receipt!), r.Fen!.Value, r.ValueDate!.Value, r.Sha256!);
        IdempotencyKey? key = Once.Key(http.Request, caller, "payment", body.Bytes.Span);
        await using Debts debts = await Debts.OfAsync(store, payer, http.RequestAborted);
        IResult answer = await Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<PaymentState> stream = await FetchAsync(session, received.Receipt, token);
            List<PaymentEvent> events = [.. Payment.Receive(stream.Aggregate, received).EventsOrProblem(
                ("receipt", received.Receipt), ("places", Payment.Places(stream.Aggregate)))];
            if (events.Count > 0 && payer is not null)
            {
                PaymentState state = PaymentState.Evolve(stream.Aggregate, received);
                List<Debt> owed = await debts.OnAsync(session, r.ValueDate.Value, token);
                events.Add(Payment.Match(state, payer, owed, null, null).EventsOrProblem()[0]);
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
        await using Debts debts = await Debts.OfAsync(store, r.Payer, http.RequestAborted);
        IResult answer = await Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<PaymentState> stream = await FetchAsync(session, r.Receipt!, token);
            PaymentState state = stream.Aggregate;
            Decision<PaymentEvent> decision = r.Kind == "sent-back"
                ? Payment.SendBack(state, r.Fen!.Value, r.Sha256!)
                : Payment.Match(
                    state, r.Payer!,
                    await debts.OnAsync(session, state.Arrived?.ValueDate ?? default, token), r.Root, r.Sha256);
            return Append(session, stream, decision.EventsOrProblem(("receipt", r.Receipt), ("root", r.Root)));
        });
        await allocation.RunAsync(http.RequestAborted);
        return answer;
    }

    private static async Task<IResult> ListAsync(Store store, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            $"""
             select receipt, payments.fen, value_date, payer, suspense_fen, coalesce(w.fen, 0) from payments left join (
                 select stream, sum(fen)::bigint as fen from payment_parts where not allocated group by stream) w
                 using (stream)
             where suspense_fen > 0 or w.fen > 0 order by value_date, receipt limit {ListMax}
             """);
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<PaymentAnswer> items = [];
        while (await reader.ReadAsync(cancellation))
        {
            items.Add(new PaymentAnswer(
                reader.GetString(0), reader.GetInt64(1), reader.GetFieldValue<DateOnly>(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), [], reader.GetInt64(4),
                WaitingFen: reader.GetInt64(5)));
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
        return Once.Json(events.Count > 0 ? StatusCodes.Status201Created : StatusCodes.Status200OK, new PaymentAnswer(
            r.Receipt, r.Fen, r.ValueDate, after.Matched?.Payer, after.Matched?.Parts ?? [], after.SuspenseFen,
            after.Matched?.Article), PaymentJson.Default.PaymentAnswer);
    }

    private static Task<WritableStream<PaymentState>> FetchAsync(
        Session session, string receipt, CancellationToken token) =>
        session.FetchForWriting<PaymentState>(PaymentEvents.Stream(receipt), token);

    /// <summary>
    /// Whose account it came from, by what a bank has confirmed; null where it is nobody's present account here.
    /// </summary>
    private static async Task<string?> PayerAsync(
        Store store, string bank, string account, CancellationToken token)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select party from settlement_accounts where bank = $1 and number = $2");
        query.Parameters.Add(new() { Value = bank });
        query.Parameters.Add(new() { Value = account });
        return await query.ExecuteScalarAsync(token) as string;
    }
}
