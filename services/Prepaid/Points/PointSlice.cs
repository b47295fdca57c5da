using System.Buffers.Text;
using System.Security.Cryptography;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Prepaid.Cards;
using Prepaid.Merchants;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Points;

/// <summary>Points that an issuer gives.</summary>
public sealed record EarnRequest(string? Id = null, long Points = 0, string? Because = null);

/// <summary>A thing that a holder takes for points; the secret is the holder's right.</summary>
public sealed record SpendRequest(string? Id = null, long Points = 0, string? Item = null, string? Secret = null);

/// <summary>Points for another issuer's points.</summary>
public sealed record ExchangeRequest(string? Id = null, long Points = 0, Guid? To = null, string? Secret = null);

/// <summary>A ratio that an issuer proposes.</summary>
public sealed record RatioRequest(long Give = 0, long Get = 0, DateOnly? Until = null);

/// <summary>A note that part of a position is settled between the issuers, outside of this service.</summary>
public sealed record NoteRequest(string? Id = null, long Points = 0, string? Words = null);

/// <summary>A new account; its secret is told once.</summary>
public sealed record PointsOpened(Guid Account, string Secret);

/// <summary>An account.</summary>
public sealed record PointsDetails(Guid Account, string Issuer, long Points);

/// <summary>What two issuers agreed on, and the position between them.</summary>
public sealed record AgreementDetails(
    string Giver, string Taker, ExchangeRatio? ByGiver, ExchangeRatio? ByTaker, bool Agreed, long Position);

internal sealed class EarnShape : AbstractValidator<EarnRequest>
{
    public EarnShape()
    {
        RuleFor(r => r.Id).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(r => r.Points).InclusiveBetween(1, PointAccount.Most).WithErrorCode("field-range");
        RuleFor(r => r.Because).Required();
        RuleFor(r => r.Because).Text(1, 200);
    }
}

internal sealed class SpendShape : AbstractValidator<SpendRequest>
{
    public SpendShape()
    {
        RuleFor(r => r.Id).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(r => r.Points).InclusiveBetween(1, PointAccount.Most).WithErrorCode("field-range");
        RuleFor(r => r.Item).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(r => r.Secret).Required();
    }
}

internal sealed class ExchangeShape : AbstractValidator<ExchangeRequest>
{
    public ExchangeShape()
    {
        RuleFor(r => r.Id).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(r => r.Points).InclusiveBetween(1, PointAccount.Most).WithErrorCode("field-range");
        RuleFor(r => r.To).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Secret).Required();
    }
}

internal sealed class RatioShape : AbstractValidator<RatioRequest>
{
    private const long Most = 1_000_000;

    public RatioShape()
    {
        RuleFor(r => r.Give).InclusiveBetween(1, Most).WithErrorCode("field-range");
        RuleFor(r => r.Get).InclusiveBetween(1, Most).WithErrorCode("field-range");
        RuleFor(r => r.Until).Required();
    }
}

internal sealed class NoteShape : AbstractValidator<NoteRequest>
{
    public NoteShape()
    {
        RuleFor(r => r.Id).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(r => r.Points).InclusiveBetween(1, PointAccount.Most).WithErrorCode("field-range");
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 300);
    }
}

/// <summary>Points over HTTP. There is no way from points to money, to a card's value or to a coupon.</summary>
internal static class PointSlice
{
    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder points = app.MapGroup("/points");
        points.MapPost("/accounts", OpenAsync).RequireRoles(Role.Member)
            .WithName("OpenPoints").WithSummary("Opens an account of the own points; its secret is told once.");
        points.MapPost("/accounts/{account:guid}/earnings", EarnAsync).RequireRoles(Role.Member)
            .Validate(new EarnShape())
            .WithName("EarnPoints").WithSummary("Gives points.");
        points.MapPost("/accounts/{account:guid}/redemptions", SpendAsync).RequireRoles(Role.Member)
            .Validate(new SpendShape())
            .WithName("SpendPoints").WithSummary("The holder takes a thing for points; never money.");
        RouteGroupBuilder open = app.MapGroup("/open/points/{account:guid}").OpenToAll();
        open.MapGet("", GetAsync)
            .WithName("GetPoints").WithSummary("The own points, by the secret in the header Card-Secret.");
        open.MapPost("/exchanges", ExchangeAsync).Validate(new ExchangeShape())
            .WithName("ExchangePoints").WithSummary("The holder exchanges points for another issuer's.");
        points.MapPut("/agreements/{giver}/{taker}", ProposeAsync).RequireRoles(Role.Admin)
            .Validate(new RatioShape())
            .WithName("ProposePointRatio").WithSummary("An issuer proposes a ratio; the other agrees by the same.");
        points.MapGet("/agreements/{giver}/{taker}", AgreementAsync)
            .RequireRoles(Role.Admin, Role.Reader, Role.Regulator)
            .WithName("GetPointAgreement").WithSummary("The ratio and the position between two issuers.");
        points.MapPost("/agreements/{giver}/{taker}/notes", NoteAsync).RequireRoles(Role.Admin)
            .Validate(new NoteShape())
            .WithName("NotePointPosition").WithSummary("The taker notes that part of the position is settled.");
    }

    private static Task<IResult> OpenAsync(HttpContext http, Caller caller)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, "open-points", []);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            Merchant merchant = await session.AggregateStreamAsync<Merchant>(
                MerchantEvents.Stream(caller.Tenant), token);
            if (merchant.Filing is null)
                throw new ProblemException(Problem.Of(Merchant.Missing, ("merchant", caller.Tenant)));
            Guid id = session.Context.NewId();
            string secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
            PointEvent.Opened opened = new(caller.Tenant, SellCards.HashOf(secret));
            session.StartStream(PointEvents.Stream(id), session.Context.Stamp(PointEvents.NameOf(opened), opened));
            return Once.Json(StatusCodes.Status201Created, new PointsOpened(id, secret), PointJson.Default.PointsOpened);
        });
    }

    private static Task<IResult> EarnAsync(
        Guid account, HttpContext http, Caller caller, JsonBody<EarnRequest> body) => MoveAsync(
        account, http, caller, body.Bytes, a => a.Issuer == caller.Tenant,
        new PointEvent.Earned(body.Value.Id!, body.Value.Points, body.Value.Because!));

    private static Task<IResult> SpendAsync(
        Guid account, HttpContext http, Caller caller, JsonBody<SpendRequest> body) => MoveAsync(
        account, http, caller, body.Bytes, a => a.Issuer == caller.Tenant && Knows(a, body.Value.Secret!),
        new PointEvent.Spent(body.Value.Id!, body.Value.Points, body.Value.Item!));

    private static Task<IResult> MoveAsync(
        Guid account, HttpContext http, Caller caller, ReadOnlyMemory<byte> body, Func<PointAccount, bool> mayTouch,
        PointEvent wanted)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"points {account}", body.Span);
        return Once.RunAsync(http, caller, key, async (session, token) => Once.Json(StatusCodes.Status200OK,
            Details(account, await AppendAsync(session, account, mayTouch, wanted, token)),
            PointJson.Default.PointsDetails));
    }

    private static async Task<IResult> GetAsync(Guid account, HttpContext http, Store store, CancellationToken token)
    {
        PointAccount known = await store.AggregateStreamAsync<PointAccount>(PointEvents.Stream(account), token);
        return Knows(known, http.Request.Headers[HolderAccess.Header].ToString())
            ? TypedResults.Json(Details(account, known), PointJson.Default.PointsDetails)
            : Problem.Of(PointAccount.Missing);
    }

    private static Task<IResult> ExchangeAsync(Guid account, HttpContext http, JsonBody<ExchangeRequest> body)
    {
        ExchangeRequest r = body.Value;
        Caller holder = new("holder", "points", "holder", []);
        IdempotencyKey? key = Once.Key(http.Request, holder, $"exchange {account}", body.Bytes.Span);
        return Once.RunAsync(http, holder, key, async (session, token) =>
        {
            PointAccount from = await session.AggregateStreamAsync<PointAccount>(PointEvents.Stream(account), token);
            PointAccount to = await session.AggregateStreamAsync<PointAccount>(PointEvents.Stream(r.To!.Value), token);
            if (!Knows(from, r.Secret!) || to.Issuer is null || to.Issuer == from.Issuer)
                throw new ProblemException(Problem.Of(PointAccount.Missing));
            PointEvent.SentAway sent = new(r.Id!, r.Points, r.To.Value);
            // The same exchange twice is one, whatever the agreement says by then.
            if (from.Done.GetValueOrDefault(r.Id!) == sent)
                return Once.Json(StatusCodes.Status200OK, Details(account, from), PointJson.Default.PointsDetails);
            WritableStream<Agreement> stream = await session.FetchForWriting<Agreement>(
                PointEvents.Stream(from.Issuer!, to.Issuer), token);
            AgreementEvent.Exchanged exchanged = (AgreementEvent.Exchanged)Agreement.Exchange(
                stream.Aggregate, $"{account}/{r.Id}", r.Points, CardRun.Day(session.Context.Now)).EventsOrProblem()[0];
            stream.AppendOne(session.Context.Stamp(PointEvents.NameOf(exchanged), exchanged));
            from = await AppendAsync(session, account, _ => true, sent, token);
            await AppendAsync(session, r.To.Value, _ => true,
                new PointEvent.Received($"{account}/{r.Id}", exchanged.Got, account), token);
            return Once.Json(StatusCodes.Status200OK, Details(account, from), PointJson.Default.PointsDetails);
        });
    }

    private static Task<IResult> ProposeAsync(
        string giver, string taker, HttpContext http, Caller caller, JsonBody<RatioRequest> body)
    {
        ExchangeRatio ratio = new(body.Value.Give, body.Value.Get, body.Value.Until!.Value);
        return AgreeAsync(giver, taker, http, caller, body.Bytes, a =>
            caller.Tenant != giver && caller.Tenant != taker || giver == taker
                ? new Decision<AgreementEvent>.Refused("forbidden")
                : (caller.Tenant == giver ? a.ByGiver : a.ByTaker) == ratio
                    ? new Decision<AgreementEvent>.Accepted([])
                    : new Decision<AgreementEvent>.Accepted([new AgreementEvent.Proposed(caller.Tenant, ratio)]));
    }

    private static Task<IResult> NoteAsync(
        string giver, string taker, HttpContext http, Caller caller, JsonBody<NoteRequest> body) => AgreeAsync(
        giver, taker, http, caller, body.Bytes, a => caller.Tenant != taker
            ? new Decision<AgreementEvent>.Refused("forbidden")
            : Agreement.Note(a, new AgreementEvent.Noted(body.Value.Id!, body.Value.Points, body.Value.Words!)));

    private static Task<IResult> AgreeAsync(
        string giver, string taker, HttpContext http, Caller caller, ReadOnlyMemory<byte> body,
        Func<Agreement, Decision<AgreementEvent>> decide)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"{http.Request.Path}", body.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<Agreement> stream = await session.FetchForWriting<Agreement>(
                PointEvents.Stream(giver, taker), token);
            Agreement agreement = stream.Aggregate with { Giver = giver, Taker = taker };
            foreach (AgreementEvent e in decide(agreement).EventsOrProblem())
            {
                stream.AppendOne(session.Context.Stamp(PointEvents.NameOf(e), e));
                agreement = Agreement.Evolve(agreement, e);
            }
            return Once.Json(StatusCodes.Status200OK, Details(agreement), PointJson.Default.AgreementDetails);
        });
    }

    private static async Task<IResult> AgreementAsync(
        string giver, string taker, Caller caller, Store store, CancellationToken token)
    {
        if (caller.Tenant != giver && caller.Tenant != taker && !caller.Is(Role.Regulator))
            return Problem.Of("forbidden");
        Agreement known = await store.AggregateStreamAsync<Agreement>(PointEvents.Stream(giver, taker), token);
        return TypedResults.Json(Details(known with { Giver = giver, Taker = taker }), PointJson.Default.AgreementDetails);
    }

    private static async Task<PointAccount> AppendAsync(
        Session session, Guid id, Func<PointAccount, bool> mayTouch, PointEvent wanted, CancellationToken token)
    {
        WritableStream<PointAccount> stream =
            await session.FetchForWriting<PointAccount>(PointEvents.Stream(id), token);
        PointAccount account = stream.Aggregate;
        if (!mayTouch(account))
            throw new ProblemException(Problem.Of(PointAccount.Missing));
        foreach (PointEvent e in PointAccount.Decide(account, wanted).EventsOrProblem())
        {
            stream.AppendOne(session.Context.Stamp(PointEvents.NameOf(e), e) with { Tenant = account.Issuer! });
            account = PointAccount.Evolve(account, e);
        }
        return account;
    }

    private static bool Knows(PointAccount account, string secret) => account.Issuer is not null
        && CryptographicOperations.FixedTimeEquals(
            System.Text.Encoding.ASCII.GetBytes(SellCards.HashOf(secret)),
            System.Text.Encoding.ASCII.GetBytes(account.Access));

    private static PointsDetails Details(Guid id, PointAccount a) => new(id, a.Issuer!, a.Balance);

    private static AgreementDetails Details(Agreement a) =>
        new(a.Giver, a.Taker, a.ByGiver, a.ByTaker, a.Agreed is not null, a.Position);
}
