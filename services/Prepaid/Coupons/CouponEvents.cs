using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;
using EventStore.Projections;

namespace Prepaid.Coupons;

/// <summary>The stable names and stored forms of coupons. They are no part of what a merchant owes its holders.</summary>
internal static class CouponEvents
{
    private const string Opened = "prepaid.coupon-campaign-opened.v1";
    private const string Granted = "prepaid.coupons-granted.v1";
    private const string Used = "prepaid.coupon-used.v1";
    private const string Returned = "prepaid.coupon-returned.v1";
    private const string Settled = "prepaid.coupon-settled.v1";

    /// <summary>The stream of a campaign.</summary>
    public static string Stream(string campaign) => $"coupons-{campaign}";

    /// <summary>The stream of one coupon.</summary>
    public static string Stream(string campaign, int number) => $"coupon-{campaign}/{number}";

    public static string NameOf(object e) => e switch
    {
        CampaignEvent.Opened => Opened,
        CampaignEvent.Granted => Granted,
        CouponEvent.Used => Used,
        CouponEvent.Returned => Returned,
        CouponEvent.Settled => Settled,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddCouponEvents(this EventModel model) => model
        .Event(Opened, CouponJson.Default.Opened)
        .Event(Granted, CouponJson.Default.Granted)
        .Event(Used, CouponJson.Default.Used)
        .Event(Returned, CouponJson.Default.Returned)
        .Event(Settled, CouponJson.Default.Settled)
        .Aggregate(Campaign.Initial, (campaign, e) => Campaign.Evolve(campaign, (CampaignEvent)e))
        .Aggregate(Coupon.Initial, (coupon, e) => Coupon.Evolve(coupon, (CouponEvent)e))
        .Inline(new CouponUses())
        .Migrate("prepaid-coupons-0001", CouponUses.Schema);
}

/// <summary>Which coupons were given and where they are used, for tills, settlements and figures.</summary>
internal sealed class CouponUses : IProjection
{
    public const string Schema =
        """
        create table coupon_campaigns (
            campaign text  collate "C" primary key,
            terms    jsonb not null
        );
        create table coupon_grants (
            campaign text  collate "C" not null,
            number   int   not null,
            secret   bytea not null,
            primary key (campaign, number)
        );
        create table coupon_uses (
            campaign   text   collate "C" not null,
            number     int    not null,
            merchant   text   collate "C" not null,
            face_fen   bigint not null,
            settlement text,
            primary key (campaign, number)
        );
        create index coupon_uses_open on coupon_uses (campaign, merchant) where settlement is null;
        """;

    public string Name => "coupon-uses";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            switch (e.Data)
            {
                case CampaignEvent.Opened o:
                    sql.Add("insert into coupon_campaigns values ($1, $2::jsonb)", CampaignOf(e),
                        JsonSerializer.Serialize(o.Terms, CouponJson.Default.CampaignTerms));
                    break;
                case CampaignEvent.Granted g:
                    sql.Add("insert into coupon_grants select $1, * from unnest($2, $3)", CampaignOf(e),
                        Enumerable.Range(g.First, g.Grants.Length).ToArray(),
                        g.Grants.Select(x => Convert.FromHexString(x.SecretHash)).ToArray());
                    break;
                case CouponEvent.Used u:
                    sql.Add("insert into coupon_uses values ($1, $2, $3, $4)",
                        Of(e).Campaign, Of(e).Number, u.Merchant, u.FaceFen);
                    break;
                case CouponEvent.Returned:
                    sql.Add("delete from coupon_uses where campaign = $1 and number = $2",
                        Of(e).Campaign, Of(e).Number);
                    break;
                case CouponEvent.Settled s:
                    sql.Add("update coupon_uses set settlement = $3 where campaign = $1 and number = $2",
                        Of(e).Campaign, Of(e).Number, s.Settlement);
                    break;
                default:
                    break;
            }
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate coupon_campaigns, coupon_grants, coupon_uses");

    private static string CampaignOf(StoredEvent e) => e.Stream["coupons-".Length..];

    private static (string Campaign, int Number) Of(StoredEvent e)
    {
        int slash = e.Stream.LastIndexOf('/');
        return (e.Stream["coupon-".Length..slash],
            int.Parse(e.Stream.AsSpan(slash + 1), System.Globalization.CultureInfo.InvariantCulture));
    }
}

/// <summary>Stored forms, requests and answers of coupons.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CampaignEvent.Opened))]
[JsonSerializable(typeof(CampaignEvent.Granted))]
[JsonSerializable(typeof(CouponEvent.Used))]
[JsonSerializable(typeof(CouponEvent.Returned))]
[JsonSerializable(typeof(CouponEvent.Settled))]
[JsonSerializable(typeof(OpenCampaignRequest))]
[JsonSerializable(typeof(GrantRequest))]
[JsonSerializable(typeof(UseCouponRequest))]
[JsonSerializable(typeof(ReturnCouponRequest))]
[JsonSerializable(typeof(SettleRequest))]
[JsonSerializable(typeof(CampaignDetails))]
[JsonSerializable(typeof(GrantAnswer))]
[JsonSerializable(typeof(UseAnswer))]
[JsonSerializable(typeof(ReturnAnswer))]
[JsonSerializable(typeof(CampaignTerms))]
[JsonSerializable(typeof(SettlementAnswer))]
internal sealed partial class CouponJson : JsonSerializerContext;
