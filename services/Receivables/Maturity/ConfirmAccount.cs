using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using Receivables.Rules;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Stores;

namespace Receivables.Maturity;

/// <summary>A bank confirmed that an account is a party's own.</summary>
/// <param name="Party">Whose.</param>
/// <param name="Bank">The bank's number (联行号).</param>
/// <param name="Number">Its number there.</param>
/// <param name="Sha256">Digest of the bank's confirmation.</param>
public sealed record ConfirmationRequest(
    string? Party = null, string? Bank = null, string? Number = null, string? Sha256 = null);

/// <summary>Its shape.</summary>
internal sealed class ConfirmationShape : AbstractValidator<ConfirmationRequest>
{
    public ConfirmationShape()
    {
        RuleFor(r => r.Party).Required().Text(1, 100);
        RuleFor(r => r.Bank).Required().Must(b => b is null || ReceiptId.IsBank(b)).WithErrorCode("field-form");
        RuleFor(r => r.Number).Required().Must(n => n is null || ReceiptId.IsBank(n)).WithErrorCode("field-form");
        RuleFor(r => r.Sha256).Required().Must(CalendarShape.IsDigest).WithErrorCode("field-form");
    }
}

/// <summary>A party's account.</summary>
/// <param name="Party">Whose.</param>
/// <param name="Present">What it is paid to; missing before a bank has confirmed one.</param>
/// <param name="Wanted">What it wants and no bank has confirmed yet.</param>
public sealed record AccountAnswer(string Party, AccountNumber? Present, AccountNumber? Wanted);

/// <summary>Accounts.</summary>
/// <param name="Items">The organisation's own; for the operator, those that wait for a bank.</param>
public sealed record AccountPage(IReadOnlyList<AccountAnswer> Items);

/// <summary>
/// The operator records what banks confirm; a party sets its account by a signed command. So nobody takes an account
/// that is another's, and nothing is paid to one that only somebody says is his.
/// </summary>
internal static class ConfirmAccount
{
    private const int ListMax = 500;

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder accounts = app.MapGroup("/accounts");
        accounts.MapPost("/confirmations", HandleAsync).RequireRoles(Role.Operator).Validate(new ConfirmationShape())
            .WithName("ConfirmAccount").WithSummary("Records a bank's word that an account is the party's own.");
        accounts.MapGet("", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Operator)
            .WithName("ListAccounts")
            .WithSummary("The organisation's account; for the operator, those to be confirmed.");
    }

    private static Task<IResult> HandleAsync(HttpContext http, Caller caller, JsonBody<ConfirmationRequest> body)
    {
        ConfirmationRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, "account", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<PayoutState> payout = await session.FetchForWriting<PayoutState>(
                ClearingEvents.PayoutStream(r.Party!), token);
            IReadOnlyList<AccountConfirmed> confirmed = PayoutState.Confirm(
                payout.Aggregate, new AccountConfirmed(r.Party!, r.Bank!, r.Number!, r.Sha256!))
                .EventsOrProblem(("party", r.Party));
            WritableStream<AccountState> account = await session.FetchForWriting<AccountState>(
                ClearingEvents.AccountStream(r.Bank!, r.Number!), token);
            account.AppendMany(AccountState.Decide(
                account.Aggregate, new AccountRegistered(r.Party!, r.Bank!, r.Number!, r.Sha256!),
                r.Party == caller.Tenant).EventsOrProblem());
            payout.AppendMany(confirmed);
            PayoutState after = confirmed.Aggregate(payout.Aggregate, PayoutState.Evolve);
            return Once.Json(StatusCodes.Status201Created, new AccountAnswer(r.Party!, after.Present, after.Wanted),
                ClearingJson.Default.AccountAnswer);
        });
    }

    private static async Task<IResult> ListAsync(Caller caller, Store store, CancellationToken cancellation)
    {
        bool all = caller.Is(Role.Operator);
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            $"""
             select party, a.bank, a.number, w.bank, w.number
             from settlement_accounts a full join account_wishes w using (party)
             where {(all ? "w.bank is not null" : "party = $1")} order by w.set_at, party limit {ListMax}
             """);
        if (!all)
            query.Parameters.Add(new() { Value = caller.Tenant });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<AccountAnswer> items = [];
        while (await reader.ReadAsync(cancellation))
            items.Add(new AccountAnswer(reader.GetString(0), Number(reader, 1), Number(reader, 3)));
        return TypedResults.Json(new AccountPage(items), ClearingJson.Default.AccountPage);
    }

    private static AccountNumber? Number(NpgsqlDataReader reader, int at) =>
        reader.IsDBNull(at) ? null : new AccountNumber(reader.GetString(at), reader.GetString(at + 1));
}
