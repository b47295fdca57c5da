using System.Collections.Immutable;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using Prepaid.Cards;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Coupons;

/// <summary>A campaign to open; amounts in fen.</summary>
public sealed record OpenCampaignRequest(
    string? Title = null, long FaceFen = 0, long LeastFen = 0, int Count = 0, int PerHolder = 1,
    IReadOnlyList<string>? Industries = null, DateOnly? From = null, DateOnly? Until = null);

/// <summary>Coupons to give. The authority makes the secrets and tells them their holders; the service sees hashes.</summary>
public sealed record GrantRequest(IReadOnlyList<Grant>? Grants = null);

/// <summary>What a settlement pays: all that one merchant has used and is not paid for yet.</summary>
/// <param name="Id">The authority's name for it: the same twice is one.</param>
/// <param name="Merchant">Who is paid.</param>
public sealed record SettleRequest(string? Id = null, string? Merchant = null);

/// <summary>A merchant's part of a campaign, fen.</summary>
public sealed record MerchantFigures(string Merchant, int Used, long OpenFen, long SettledFen);

/// <summary>A campaign in figures, fen. Budget = never given + given and not used + used.</summary>
public sealed record CampaignDetails(
    string Campaign, string Authority, CampaignTerms Terms, long BudgetFen, int Given, long NotGivenFen,
    long NotUsedFen, long UsedFen, IReadOnlyList<MerchantFigures> Merchants);

/// <summary>The numbers of coupons that were given.</summary>
public sealed record GrantAnswer(string Campaign, int First, int Last);

/// <summary>What a settlement came to: the authority pays it, the suite holds no money.</summary>
public sealed record SettlementAnswer(string Campaign, string Settlement, string Merchant, int Coupons, long Fen);

internal sealed class OpenCampaignShape : AbstractValidator<OpenCampaignRequest>
{
    /// <summary>A campaign is folded whole for every grant; more is another campaign.</summary>
    private const int MostCoupons = 200_000;

    public OpenCampaignShape()
    {
        RuleFor(r => r.Title).Required();
        RuleFor(r => r.Title).Text(1, 100);
        RuleFor(r => r.From).Required();
        RuleFor(r => r.Until).Required();
        RuleFor(r => r.Count).InclusiveBetween(1, MostCoupons).WithErrorCode("field-range");
        RuleFor(r => r.Industries).Must(i => i is null || (i.Count <= 20 && i.All(CardNames.IsName)))
            .WithErrorCode("field-form");
    }
}

internal sealed class GrantShape : AbstractValidator<GrantRequest>
{
    private const int Most = 1000;

    public GrantShape()
    {
        RuleFor(r => r.Grants).Required();
        RuleFor(r => r.Grants).Must(g => g is null || (g.Count is > 0 and <= Most && g.All(x =>
            CardNames.IsDigest(x.Holder) && CardNames.IsDigest(x.SecretHash)))).WithErrorCode("field-form");
    }
}

internal sealed class SettleShape : AbstractValidator<SettleRequest>
{
    public SettleShape()
    {
        RuleFor(r => r.Id).Required();
        RuleFor(r => r.Id).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(r => r.Merchant).Required();
        RuleFor(r => r.Merchant).Text(1, 100);
    }
}

/// <summary>What the authority that pays does: opens, gives, settles.</summary>
internal static class RunCampaign
{
    /// <summary>Coupons of one settlement; the rest is for the next one.</summary>
    private const int MostSettled = 1000;

    public static void Map(RouteGroupBuilder coupons)
    {
        coupons.MapPut("/{campaign}", OpenAsync).RequireRoles(Role.Regulator).Validate(new OpenCampaignShape())
            .WithName("OpenCampaign").WithSummary("Opens a campaign of consumption coupons.");
        coupons.MapPost("/{campaign}/grants", GiveAsync).RequireRoles(Role.Regulator).Validate(new GrantShape())
            .WithName("GiveCoupons").WithSummary("Gives coupons to holders: all of them, or none.");
        coupons.MapPost("/{campaign}/settlements", SettleAsync).RequireRoles(Role.Regulator)
            .Validate(new SettleShape())
            .WithName("SettleCoupons").WithSummary("Settles up to a thousand used coupons of a merchant.");
        coupons.MapGet("/{campaign}", GetAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetCampaign").WithSummary("A campaign in figures; a merchant sees its own part.");
    }

    private static Task<IResult> OpenAsync(
        string campaign, HttpContext http, Caller caller, JsonBody<OpenCampaignRequest> body)
    {
        OpenCampaignRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, $"campaign {campaign}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            RequireName(campaign);
            CampaignTerms terms = new(r.Title!, r.FaceFen, r.LeastFen, r.Count, r.PerHolder,
                [.. r.Industries ?? []], r.From!.Value, r.Until!.Value);
            Campaign opened = await RunAsync(
                session, campaign, new CampaignCommand.Open(caller.Tenant, terms), token);
            return Once.Json(StatusCodes.Status201Created, Details(campaign, opened, []),
                CouponJson.Default.CampaignDetails);
        });
    }

    private static Task<IResult> GiveAsync(
        string campaign, HttpContext http, Caller caller, JsonBody<GrantRequest> body)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"grants {campaign}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            RequireName(campaign);
            ImmutableArray<Grant> grants = [.. body.Value.Grants!];
            Campaign given = await RunAsync(session, campaign, new CampaignCommand.Give(
                caller.Tenant, grants, CardRun.Day(session.Context.Now)), token);
            return Once.Json(StatusCodes.Status201Created,
                new GrantAnswer(campaign, given.Given - grants.Length + 1, given.Given),
                CouponJson.Default.GrantAnswer);
        });
    }

    private static Task<IResult> SettleAsync(
        string campaign, HttpContext http, Caller caller, Store store, JsonBody<SettleRequest> body)
    {
        SettleRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, $"settle {campaign}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            RequireName(campaign);
            Campaign known = await session.AggregateStreamAsync<Campaign>(CouponEvents.Stream(campaign), token);
            if (known.Authority != caller.Tenant)
                throw new ProblemException(Problem.Of(Campaign.Missing, ("campaign", campaign)));
            // A settlement that is there is answered again; what has been used since belongs to the next one.
            (List<int> numbers, bool done) = await DueAsync(store, campaign, r, token);
            foreach (int number in done ? [] : numbers)
            {
                WritableStream<Coupon> stream = await session.FetchForWriting<Coupon>(
                    CouponEvents.Stream(campaign, number), token);
                foreach (CouponEvent e in Coupon.Decide(stream.Aggregate, new CouponCommand.Settle(r.Id!))
                             .EventsOrProblem(("number", number)))
                    stream.AppendOne(session.Context.Stamp(CouponEvents.NameOf(e), e));
            }
            return Once.Json(StatusCodes.Status200OK, new SettlementAnswer(
                campaign, r.Id!, r.Merchant!, numbers.Count, known.Terms!.FaceFen * numbers.Count),
                CouponJson.Default.SettlementAnswer);
        });
    }

    private static async Task<(List<int> Numbers, bool Done)> DueAsync(
        Store store, string campaign, SettleRequest r, CancellationToken token)
    {
        List<int> settled = await NumbersAsync(store, campaign, r, "settlement = $3", token);
        return settled.Count > 0
            ? (settled, true)
            : (await NumbersAsync(store, campaign, r, "settlement is null and $3 <> ''", token), false);
    }

    private static async Task<List<int>> NumbersAsync(
        Store store, string campaign, SettleRequest r, string which, CancellationToken token)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
            select number from coupon_uses where campaign = $1 and merchant = $2 and {which}
            order by number limit {MostSettled}
            """);
        command.Parameters.Add(new() { Value = campaign });
        command.Parameters.Add(new() { Value = r.Merchant! });
        command.Parameters.Add(new() { Value = r.Id! });
        List<int> numbers = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            numbers.Add(reader.GetInt32(0));
        return numbers;
    }

    private static async Task<IResult> GetAsync(string campaign, Caller caller, Store store, CancellationToken token)
    {
        Campaign known = CardNames.IsName(campaign)
            ? await store.AggregateStreamAsync<Campaign>(CouponEvents.Stream(campaign), token) : Campaign.Initial;
        if (known.Terms is null)
            return Problem.Of(Campaign.Missing, ("campaign", campaign));
        List<MerchantFigures> merchants = await MerchantsAsync(store, campaign, token);
        CampaignDetails details = Details(campaign, known, merchants);
        return TypedResults.Json(
            caller.Tenant == known.Authority ? details : details with
            {
                Merchants = merchants.FindAll(m => m.Merchant == caller.Tenant),
            }, CouponJson.Default.CampaignDetails);
    }

    private static async Task<List<MerchantFigures>> MerchantsAsync(
        Store store, string campaign, CancellationToken token)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select merchant, count(*)::int, coalesce(sum(face_fen) filter (where settlement is null), 0)::bigint,
                coalesce(sum(face_fen) filter (where settlement is not null), 0)::bigint
            from coupon_uses where campaign = $1 group by merchant order by merchant
            """);
        command.Parameters.Add(new() { Value = campaign });
        List<MerchantFigures> figures = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            figures.Add(new(reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetInt64(3)));
        return figures;
    }

    private static CampaignDetails Details(string id, Campaign c, IReadOnlyList<MerchantFigures> merchants)
    {
        long used = merchants.Sum(m => m.OpenFen + m.SettledFen);
        return new CampaignDetails(id, c.Authority!, c.Terms!, c.Terms!.BudgetFen, c.Given,
            c.Terms.FaceFen * (c.Terms.Count - c.Given), (c.Terms.FaceFen * c.Given) - used, used,
            merchants);
    }

    private static async Task<Campaign> RunAsync(
        Session session, string id, CampaignCommand command, CancellationToken token)
    {
        WritableStream<Campaign> stream = await session.FetchForWriting<Campaign>(CouponEvents.Stream(id), token);
        Campaign campaign = stream.Aggregate;
        foreach (CampaignEvent e in Campaign.Decide(campaign, command).EventsOrProblem(("campaign", id)))
        {
            stream.AppendOne(session.Context.Stamp(CouponEvents.NameOf(e), e));
            campaign = Campaign.Evolve(campaign, e);
        }
        return campaign;
    }

    private static void RequireName(string campaign)
    {
        if (!CardNames.IsName(campaign))
            throw new ProblemException(Problem.Of(Campaign.Missing, ("campaign", campaign)));
    }
}
