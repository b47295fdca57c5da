using System.Security.Cryptography;
using System.Text;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Prepaid.Cards;
using Prepaid.Days;
using Prepaid.Merchants;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Custody;

/// <summary>A custody account that a merchant names.</summary>
public sealed record OpenAccountRequest(
    string? Account = null, string? Bank = null, IReadOnlyList<string>? Branches = null);

/// <summary>An order to move money; its amount in fen.</summary>
public sealed record OrderRequest(string? Id = null, OrderKind? Kind = null, long Fen = 0, string? Because = null);

/// <summary>A bank's refusal of an order.</summary>
public sealed record RejectRequest(string? Reason = null);

/// <summary>An insurance or guarantee.</summary>
public sealed record OffsetRequest(
    string? Id = null, string? Kind = null, long Fen = 0, DateOnly? From = null, DateOnly? To = null,
    string? Document = null);

/// <summary>A merchant's custody as its bank, the merchant and the regulator see it.</summary>
public sealed record CustodyDetails(
    string Merchant, string? Account, string? Bank, IReadOnlyList<string> Branches, DateOnly? StatementDay,
    long? BalanceFen, IReadOnlyDictionary<string, CustodyOrder> Orders, IReadOnlyDictionary<string, Offset> Offsets,
    DateOnly? ShortSince);

internal sealed class OpenAccountShape : AbstractValidator<OpenAccountRequest>
{
    public OpenAccountShape()
    {
        RuleFor(r => r.Account).Required();
        RuleFor(r => r.Account).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(r => r.Bank).Required();
        RuleFor(r => r.Bank).Must(CardNames.IsName).WithErrorCode("field-form");
    }
}

internal sealed class OrderShape : AbstractValidator<OrderRequest>
{
    public OrderShape()
    {
        RuleFor(r => r.Id).Required();
        RuleFor(r => r.Id).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(r => r.Kind).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Kind).NotEqual(OrderKind.Refund).WithErrorCode("field-form");
        RuleFor(r => r.Fen).InclusiveBetween(1, CardDecider.MostFen).WithErrorCode("field-range");
        RuleFor(r => r.Because).Required();
        RuleFor(r => r.Because).Text(1, 300);
    }
}

internal sealed class RejectShape : AbstractValidator<RejectRequest>
{
    public RejectShape()
    {
        RuleFor(r => r.Reason).Required();
        RuleFor(r => r.Reason).Text(1, 300);
    }
}

internal sealed class OffsetShape : AbstractValidator<OffsetRequest>
{
    public OffsetShape()
    {
        RuleFor(r => r.Id).Required();
        RuleFor(r => r.Id).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(r => r.Kind).Must(k => k is "insurance" or "guarantee").WithErrorCode("field-form");
        RuleFor(r => r.Fen).InclusiveBetween(1, CardDecider.MostFen).WithErrorCode("field-range");
        RuleFor(r => r.From).Required();
        RuleFor(r => r.To).Required();
        RuleFor(r => r.Document).Required();
        RuleFor(r => r.Document).Text(1, 300);
    }
}

/// <summary>
/// Custody over HTTP: the merchant opens and orders, its bank states and answers. The service moves no money.
/// </summary>
internal static class CustodySlice
{
    /// <summary>The name of a merchant's stream.</summary>
    public static string Stream(string merchant) => $"custody-{merchant}";

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder own = app.MapGroup("/custody/own").RequireRoles(Role.Admin);
        own.MapPut("/account", OpenAsync).Validate(new OpenAccountShape())
            .WithName("OpenCustodyAccount").WithSummary("Names the bank account that holds the custody.");
        own.MapPost("/orders", OrderAsync).Validate(new OrderShape())
            .WithName("OrderCustody").WithSummary("Orders a top-up, or a release that leaves what is required.");
        own.MapPost("/offsets", OffsetAsync).Validate(new OffsetShape())
            .WithName("GiveOffset").WithSummary("Files an insurance or guarantee that stands for part of the custody.");
        RouteGroupBuilder custody = app.MapGroup("/custody/{merchant}");
        custody.MapPost("/statements", ImportAsync).RequireRoles(Role.Member)
            .WithName("ImportStatement").WithSummary("The custody bank's statement: camt.053, or a list (text/csv).");
        custody.MapPost("/orders/{order}/rejection", RejectAsync).RequireRoles(Role.Member).Validate(new RejectShape())
            .WithName("RejectOrder").WithSummary("The custody bank refuses an order.");
        custody.MapGet("", GetAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetCustody").WithSummary("Account, orders, offsets and shortfall of a merchant.");
        custody.MapGet("/reconciliations/{day}", ReconcileAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("ReconcileCustody").WithSummary("Cards, chain and bank of a day side by side.");
    }

    /// <summary>The stable names and stored forms of custody.</summary>
    public static EventModel AddCustodyEvents(this EventModel model) => model
        .Event("prepaid.custody-account-opened.v1", PrepaidJson.Default.AccountOpened)
        .Event("prepaid.statement-imported.v1", PrepaidJson.Default.StatementImported)
        .Event("prepaid.custody-ordered.v1", PrepaidJson.Default.Ordered)
        .Event("prepaid.custody-order-rejected.v1", PrepaidJson.Default.OrderRejected)
        .Event("prepaid.custody-offset-given.v1", PrepaidJson.Default.OffsetGiven)
        .Event("prepaid.custody-frozen.v1", PrepaidJson.Default.OutflowFrozen)
        .Event("prepaid.custody-released.v1", PrepaidJson.Default.OutflowReleased)
        .Event("prepaid.custody-figure-signed.v1", PrepaidJson.Default.FigureSigned)
        .Event("prepaid.custody-reconciled.v1", PrepaidJson.Default.DayReconciled)
        .Aggregate(CustodyAccount.Initial, (account, e) => CustodyAccount.Evolve(account, (CustodyEvent)e));

    /// <summary>A merchant's day, from the stored close.</summary>
    public static async Task<Reconciliation?> OfDayAsync(
        Store store, TreeRows trees, string merchant, CustodyAccount account, DateOnly day, CancellationToken token)
    {
        if (await trees.FindAsync(merchant, day, token) is not { } row)
            return null;
        long cards = (await DayBalances.ReadAsync(store.DataSource, merchant, day, token)).Sum(b => b.Owed.PrincipalFen);
        Filing? filing = (await store.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(merchant), token)).Filing;
        return Reconciliation.Of(day, cards, row.State is null ? null : row.Root, account, filing is null ? null
            : await RequiredAsync(trees, filing, merchant, day, cards, token));
    }

    /// <summary>What the rules ask at most on a day: shares are of the principal at the end of last quarter.</summary>
    private static async Task<long?> RequiredAsync(
        TreeRows trees, Filing filing, string merchant, DateOnly day, long balance, CancellationToken token)
    {
        DateOnly quarterEnd = new DateOnly(day.Year, (day.Month - 1) / 3 * 3 + 1, 1).AddDays(-1);
        DayRow? then = await trees.FindAsync(merchant, quarterEnd, token);
        return CustodyRequirement.Of(new IssuerFacts(filing.Jurisdiction, filing.Industry, filing.Class, balance,
            then?.Root.Total.PrincipalFen, filing.LastYearRevenueFen, filing.StartedOn), day).HighFen;
    }

    private static Task<IResult> OpenAsync(
        HttpContext http, Caller caller, JsonBody<OpenAccountRequest> body) => RunAsync(http, caller, caller.Tenant, body.Bytes, (account, _, _) =>
        {
            CustodyEvent.AccountOpened opened = new(body.Value.Account!, body.Value.Bank!, body.Value.Branches ?? []);
            return Task.FromResult(account.Account is null ? CustodyAccount.Accept(opened)
                : account.Account == opened.Account && account.Bank == opened.Bank ? CustodyAccount.Accept()
                : CustodyAccount.Refuse(CustodyAccount.Taken));
        });

    private static Task<IResult> OrderAsync(
        HttpContext http, Caller caller, JsonBody<OrderRequest> body, Store store, TreeRows trees) => RunAsync(
        http, caller, caller.Tenant, body.Bytes, async (account, now, token) =>
        {
            OrderRequest r = body.Value;
            DateOnly today = CardRun.Day(now);
            DateOnly? last = await trees.LastAsync(token);
            long? required = last is { } day
                ? (await OfDayAsync(store, trees, caller.Tenant, account, day, token))?.RequiredFen : null;
            return CustodyAccount.Order(
                account, new CustodyEvent.Ordered(r.Id!, r.Kind!.Value, r.Fen, r.Because!), required, today);
        });

    private static Task<IResult> OffsetAsync(HttpContext http, Caller caller, JsonBody<OffsetRequest> body) => RunAsync(
        http, caller, caller.Tenant, body.Bytes, (account, _, _) =>
        {
            OffsetRequest r = body.Value;
            Offset offset = new(r.Kind!, r.Fen, r.From!.Value, r.To!.Value, r.Document!);
            return Task.FromResult(account.Offsets.TryGetValue(r.Id!, out Offset? known)
                ? known == offset ? CustodyAccount.Accept() : CustodyAccount.Refuse(CustodyAccount.Taken)
                : CustodyAccount.Accept(new CustodyEvent.OffsetGiven(r.Id!, offset)));
        });

    private static async Task<IResult> ImportAsync(
        string merchant, HttpContext http, Caller caller, Store store, TreeRows trees)
    {
        using MemoryStream bytes = new();
        await http.Request.Body.CopyToAsync(bytes, http.RequestAborted);
        byte[] file = bytes.ToArray();
        bool isList = http.Request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) == true;
        BankStatement? statement = isList
            ? BankStatement.ReadCsv(Encoding.UTF8.GetString(file)) : BankStatement.ReadCamt053(new MemoryStream(file));
        if (statement is null)
            return Problem.Of("statement-unreadable");
        string digest = Convert.ToHexStringLower(SHA256.HashData(file));
        return await RunAsync(http, caller, merchant, file, async (account, _, token) =>
        {
            if (account.Bank != caller.Tenant)
                return CustodyAccount.Refuse(CustodyAccount.Missing);
            Decision<CustodyEvent> decision = CustodyAccount.Import(account, statement, digest);
            if (decision is not Decision<CustodyEvent>.Accepted { Events: [var imported] })
                return decision;
            // The day's last figure has come: it is reconciled at once, and the clock of a shortfall starts or stops.
            CustodyAccount after = CustodyAccount.Evolve(account, imported);
            return await OfDayAsync(store, trees, merchant, after, statement.Day, token) is { } day
                ? CustodyAccount.Accept(imported, new CustodyEvent.DayReconciled(
                    day.Day, day.RequiredFen, day.ResourceFen, day.Breaks))
                : decision;
        });
    }

    private static Task<IResult> RejectAsync(
        string merchant, string order, HttpContext http, Caller caller, JsonBody<RejectRequest> body) => RunAsync(
        http, caller, merchant, body.Bytes, (account, _, _) => Task.FromResult(
            account.Bank != caller.Tenant || !account.Orders.TryGetValue(order, out CustodyOrder? known)
                ? CustodyAccount.Refuse(CustodyAccount.Missing)
                : known.State == OrderState.Open
                    ? CustodyAccount.Accept(new CustodyEvent.OrderRejected(order, body.Value.Reason!))
                    : CustodyAccount.Accept()));

    private static async Task<IResult> GetAsync(string merchant, Caller caller, Store store, CancellationToken token)
    {
        CustodyAccount account = await store.AggregateStreamAsync<CustodyAccount>(Stream(merchant), token);
        return MaySee(account, merchant, caller)
            ? TypedResults.Json(Details(merchant, account), PrepaidJson.Default.CustodyDetails) : Problem.Of("forbidden");
    }

    private static async Task<IResult> ReconcileAsync(
        string merchant, DateOnly day, Caller caller, Store store, TreeRows trees, CancellationToken token)
    {
        CustodyAccount account = await store.AggregateStreamAsync<CustodyAccount>(Stream(merchant), token);
        if (!MaySee(account, merchant, caller))
            return Problem.Of("forbidden");
        return await OfDayAsync(store, trees, merchant, account, day, token) is { } figures
            ? TypedResults.Json(figures, PrepaidJson.Default.Reconciliation)
            : Problem.Of("day-not-closed", ("day", day));
    }

    private static bool MaySee(CustodyAccount account, string merchant, Caller caller) =>
        caller.Tenant == merchant || caller.Tenant == account.Bank || caller.Is(Role.Regulator);

    private static CustodyDetails Details(string merchant, CustodyAccount a) => new(
        merchant, a.Account, a.Bank, a.Branches, a.Last?.Day, a.Last?.ClosingFen, a.Orders, a.Offsets, a.ShortSince);

    internal static Task<IResult> RunAsync(
        HttpContext http, Caller caller, string merchant, ReadOnlyMemory<byte> body,
        Func<CustodyAccount, DateTimeOffset, CancellationToken, Task<Decision<CustodyEvent>>> decide)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"{http.Request.Path} {merchant}", body.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<CustodyAccount> stream = await session.FetchForWriting<CustodyAccount>(Stream(merchant), token);
            CustodyAccount account = stream.Aggregate;
            Decision<CustodyEvent> decision = await decide(account, session.Context.Now, token);
            foreach (CustodyEvent e in decision.EventsOrProblem(("merchant", merchant)))
            {
                stream.AppendOne(e);
                account = CustodyAccount.Evolve(account, e);
            }
            return Once.Json(StatusCodes.Status200OK, Details(merchant, account), PrepaidJson.Default.CustodyDetails);
        });
    }
}
