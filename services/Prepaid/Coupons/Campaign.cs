using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using ServiceDefaults;

namespace Prepaid.Coupons;

/// <summary>The terms of a city's consumption coupons (消费券): all of one face, so that the budget is a number of them.</summary>
/// <param name="Title">What people read.</param>
/// <param name="FaceFen">What a coupon takes off a purchase, fen.</param>
/// <param name="LeastFen">The least purchase, fen; at least the face, so that nothing is ever paid out.</param>
/// <param name="Count">How many there are; the budget is count × face.</param>
/// <param name="PerHolder">How many a person may get.</param>
/// <param name="Industries">Where they are good; none for everywhere.</param>
/// <param name="From">First day.</param>
/// <param name="Until">Last day.</param>
public sealed record CampaignTerms(
    string Title, long FaceFen, long LeastFen, int Count, int PerHolder, ImmutableArray<string> Industries,
    DateOnly From, DateOnly Until)
{
    /// <summary>All that can ever be spent, fen.</summary>
    public long BudgetFen => checked(FaceFen * Count);

    /// <summary>Whether they are good on a day.</summary>
    public bool InTerm(DateOnly day) => day >= From && day <= Until;

    /// <summary>Whether they are good in an industry.</summary>
    public bool Covers(string industry) => Industries.IsDefaultOrEmpty || Industries.Contains(industry);

    /// <summary>By value, the list of industries too.</summary>
    public bool Equals(CampaignTerms? other) => other is not null
        && (Title, FaceFen, LeastFen, Count, PerHolder, From, Until)
            == (other.Title, other.FaceFen, other.LeastFen, other.Count, other.PerHolder, other.From, other.Until)
        && Industries.SequenceEqual(other.Industries, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Title, FaceFen, Count, From, Until);
}

/// <summary>A coupon that was given: for whom, and the hash of the secret that uses it.</summary>
/// <param name="Holder">Pseudonym of the person, a SHA-256 that the authority makes of its own records.</param>
/// <param name="SecretHash">SHA-256 of the secret, hexadecimal.</param>
public sealed record Grant(string Holder, string SecretHash);

/// <summary>Facts about a campaign.</summary>
public abstract record CampaignEvent
{
    private CampaignEvent()
    {
    }

    /// <summary>An authority opened it.</summary>
    public sealed record Opened(string Authority, CampaignTerms Terms) : CampaignEvent;

    /// <summary>Coupons with the numbers from <paramref name="First"/> on were given.</summary>
    public sealed record Granted(int First, ImmutableArray<Grant> Grants) : CampaignEvent;
}

/// <summary>What an authority wants of a campaign.</summary>
public abstract record CampaignCommand
{
    private CampaignCommand()
    {
    }

    /// <summary>Opens it.</summary>
    public sealed record Open(string Authority, CampaignTerms Terms) : CampaignCommand;

    /// <summary>Gives coupons.</summary>
    public sealed record Give(string Authority, ImmutableArray<Grant> Grants, DateOnly Today) : CampaignCommand;
}

/// <summary>A campaign, folded. Coupons are numbered from 1 to the count, so that none can come from nothing.</summary>
/// <param name="Authority">Who pays; null before it is opened.</param>
/// <param name="Terms">Its terms.</param>
/// <param name="Given">How many were given; their numbers are 1 to this.</param>
/// <param name="ByHolder">How many a person has.</param>
public sealed record Campaign(
    string? Authority, CampaignTerms? Terms, int Given, ImmutableDictionary<string, int> ByHolder)
{
    public const string Missing = "campaign-not-found";
    public const string Exists = "campaign-exists";
    public const string TermsShape = "campaign-terms";
    public const string Over = "campaign-over";
    public const string Spent = "campaign-spent";
    public const string HolderFull = "coupon-holder-full";

    /// <summary>Before the first event.</summary>
    public static readonly Campaign Initial = new(null, null, 0, ImmutableDictionary<string, int>.Empty);

    /// <summary>SHA-256 of a secret, as grants hold it.</summary>
    public static string HashOf(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Folds one event.</summary>
    public static Campaign Evolve(Campaign campaign, CampaignEvent e) => e switch
    {
        CampaignEvent.Opened o => campaign with { Authority = o.Authority, Terms = o.Terms },
        CampaignEvent.Granted g => campaign with
        {
            Given = campaign.Given + g.Grants.Length,
            ByHolder = campaign.ByHolder.SetItems(g.Grants.GroupBy(x => x.Holder, StringComparer.Ordinal).Select(x =>
                KeyValuePair.Create(x.Key, campaign.ByHolder.GetValueOrDefault(x.Key) + x.Count()))),
        },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a campaign."),
    };

    /// <summary>What a command comes to.</summary>
    public static Decision<CampaignEvent> Decide(Campaign campaign, CampaignCommand command) =>
        (campaign, command) switch
        {
            ({ Terms: null }, CampaignCommand.Open o) => IsShaped(o.Terms)
                ? Accept(new CampaignEvent.Opened(o.Authority, o.Terms)) : Refuse(TermsShape),
            (_, CampaignCommand.Open o) => campaign.Authority == o.Authority && campaign.Terms == o.Terms
                ? new Decision<CampaignEvent>.Accepted([]) : Refuse(Exists),
            ({ Terms: { } terms }, CampaignCommand.Give g) when g.Authority == campaign.Authority =>
                Give(campaign, terms, g),
            (_, CampaignCommand.Give) => Refuse(Missing),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is no command of a campaign."),
        };

    private static Decision<CampaignEvent> Give(Campaign campaign, CampaignTerms terms, CampaignCommand.Give give)
    {
        if (give.Today > terms.Until)
            return Refuse(Over);
        if (campaign.Given + give.Grants.Length > terms.Count)
            return Refuse(Spent);
        return give.Grants.GroupBy(g => g.Holder, StringComparer.Ordinal)
            .Any(g => campaign.ByHolder.GetValueOrDefault(g.Key) + g.Count() > terms.PerHolder)
            ? Refuse(HolderFull)
            : Accept(new CampaignEvent.Granted(campaign.Given + 1, give.Grants));
    }

    private static bool IsShaped(CampaignTerms t) => t.FaceFen > 0 && t.LeastFen >= t.FaceFen && t.Count > 0
        && t.PerHolder > 0 && t.From <= t.Until && t.FaceFen <= (1L << 50) / t.Count;

    private static Decision<CampaignEvent> Accept(CampaignEvent e) => new Decision<CampaignEvent>.Accepted([e]);

    private static Decision<CampaignEvent> Refuse(string rule) => new Decision<CampaignEvent>.Refused(rule);
}
