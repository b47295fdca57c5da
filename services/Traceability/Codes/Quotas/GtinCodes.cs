using System.Collections.Immutable;
using EventStore;
using ServiceDefaults;
using Traceability.Codes.Batches;
using Traceability.Codes.Serials;

namespace Traceability.Codes.Quotas;

/// <summary>Facts about all codes of one GTIN.</summary>
public abstract record GtinCodesEvent
{
    private GtinCodesEvent()
    {
    }

    /// <summary>How many items may get a code was certified.</summary>
    /// <param name="Id">Number of the quota.</param>
    /// <param name="Owner">The organisation whose GTIN it is.</param>
    /// <param name="Rule">The rule that gave the amount.</param>
    /// <param name="Basis">The numbers it was reckoned from.</param>
    /// <param name="Amount">Items, loss allowance included.</param>
    /// <param name="Certificate">The certificate's number.</param>
    /// <param name="ValidFrom">First day.</param>
    /// <param name="ValidTo">Last day.</param>
    /// <param name="Earlier">
    /// Codes issued or taken over within its validity before it was certified, which it counts first; missing where there
    /// are none.
    /// </param>
    public sealed record OutputCertified(
        Guid Id, string Owner, string Rule, IReadOnlyDictionary<string, string> Basis, long Amount, string Certificate,
        DateOnly ValidFrom, DateOnly ValidTo, long? Earlier = null) : GtinCodesEvent;

    /// <summary>Codes were allotted to a batch.</summary>
    /// <param name="Batch">The batch.</param>
    /// <param name="Owner">The organisation whose GTIN it is.</param>
    /// <param name="Number">Its number within the GTIN.</param>
    /// <param name="Count">How many codes.</param>
    /// <param name="Mode">Kind of serial.</param>
    /// <param name="KeyVersion">Version of the keys.</param>
    /// <param name="Draws">From which quotas.</param>
    public sealed record CodesAllotted(
        Guid Batch, string Owner, int Number, int Count, SerialMode Mode, int KeyVersion,
        IReadOnlyList<QuotaDraw> Draws) : GtinCodesEvent;

    /// <summary>Codes that another system made were taken over, which need certified output as much as others.</summary>
    /// <param name="List">The imported list.</param>
    /// <param name="Owner">The organisation whose GTIN it is.</param>
    /// <param name="Count">How many of its codes are of this GTIN.</param>
    /// <param name="Draws">From which quotas.</param>
    public sealed record CodesTakenOver(
        Guid List, string Owner, int Count, IReadOnlyList<QuotaDraw> Draws) : GtinCodesEvent;
}

/// <summary>Codes taken from a quota.</summary>
public sealed record QuotaDraw(Guid Quota, long Count);

/// <summary>A quota as it stands.</summary>
public sealed record Quota(
    Guid Id, string Rule, string Certificate, long Amount, long Used, DateOnly ValidFrom, DateOnly ValidTo)
{
    /// <summary>Whether somebody else than the GTIN's owner certified it.</summary>
    public bool ByAuthority { get; init; }

    /// <summary>The organisation whose output was certified; another that gets the GTIN later does not draw on
    /// it.</summary>
    public string Owner { get; init; } = "";

    /// <summary>What it still allows.</summary>
    public long Left => Amount - Used;

    /// <summary>Of what it was used for, what was there before it.</summary>
    public long Earlier { get; init; }

    /// <summary>Whether a day lies in its validity.</summary>
    public bool IsValid(DateOnly day) => day >= ValidFrom && day <= ValidTo;
}

/// <summary>Codes that no authority's certification covers yet.</summary>
/// <param name="Owner">The organisation that issued or took them over.</param>
/// <param name="Day">When, in China.</param>
/// <param name="Count">How many.</param>
/// <param name="Declared">Whether the organisation's own statement covers them; otherwise nothing does.</param>
public sealed record UncoveredCodes(string Owner, DateOnly Day, long Count, bool Declared)
{
    /// <summary>Whether certified output has to count them: otherwise one would issue first and be certified then.</summary>
    public bool CountFor(string owner, bool byAuthority, DateOnly from, DateOnly to) =>
        Owner == owner && Day >= from && Day <= to && (byAuthority || !Declared);
}

/// <summary>What decisions about a GTIN's codes need.</summary>
public sealed record GtinCodesState(
    string? Owner, ImmutableList<Quota> Quotas, int LastNumber, long Issued, ImmutableDictionary<int, long> Numeric)
{
    /// <summary>Before the first event.</summary>
    public static readonly GtinCodesState Initial = new(null, [], 0, 0, ImmutableDictionary<int, long>.Empty);

    /// <summary>By day and kind, oldest first.</summary>
    public ImmutableList<UncoveredCodes> Uncovered { get; init; } = [];

    /// <summary>
    /// The quotas that limit an organisation: an authority's alone where there is any, for a producer's own statement must
    /// not add to it.
    /// </summary>
    public IEnumerable<Quota> BindingOf(string owner) => Quotas.Where(q => q.Owner == owner
        && (q.ByAuthority || !Quotas.Exists(o => o.ByAuthority && o.Owner == owner)));

    /// <summary>Folds one event as it is stored.</summary>
    public static GtinCodesState Evolve(GtinCodesState state, StoredEvent e) => Evolve(
        state, (GtinCodesEvent)e.Data, e.Tenant, DayOf(e.OccurredAt));

    /// <summary>The day in China, where certificates and their validity are dated.</summary>
    public static DateOnly DayOf(DateTimeOffset at) =>
        DateOnly.FromDateTime(at.ToOffset(TimeSpan.FromHours(8)).DateTime);

    /// <summary>Folds one event.</summary>
    /// <param name="state">Before it.</param>
    /// <param name="e">The event.</param>
    /// <param name="by">The organisation that recorded it; null for the owner.</param>
    /// <param name="on">The day.</param>
    public static GtinCodesState Evolve(
        GtinCodesState state, GtinCodesEvent e, string? by = null, DateOnly on = default) => e switch
        {
            GtinCodesEvent.OutputCertified c => state.With(c, by is not null && by != c.Owner),
            GtinCodesEvent.CodesAllotted a => state.Made(a.Owner, on, a.Count, a.Draws) with
            {
                Owner = a.Owner,
                LastNumber = a.Number,
                Numeric = a.Mode == SerialMode.Numeric
                    ? state.Numeric.SetItem(a.KeyVersion, state.NumericIssued(a.KeyVersion) + a.Count)
                    : state.Numeric,
            },
            GtinCodesEvent.CodesTakenOver t => state.Made(t.Owner, on, t.Count, t.Draws),
            _ => throw new InvalidOperationException($"{e.GetType().Name} is not an event of a GTIN's codes."),
        };

    private GtinCodesState With(GtinCodesEvent.OutputCertified c, bool byAuthority)
    {
        ImmutableList<UncoveredCodes> left = [];
        long open = c.Earlier ?? 0;
        foreach (UncoveredCodes codes in Uncovered)
        {
            long counted = codes.CountFor(c.Owner, byAuthority, c.ValidFrom, c.ValidTo) ? Math.Min(open, codes.Count) : 0;
            open -= counted;
            if (counted < codes.Count)
                left = left.Add(codes with { Count = codes.Count - counted });
            if (counted > 0 && !byAuthority)
                left = left.Add(codes with { Count = counted, Declared = true });
        }
        return this with
        {
            Owner = c.Owner,
            Uncovered = left,
            Quotas = Quotas.Add(new Quota(
                c.Id, c.Rule, c.Certificate, c.Amount, c.Earlier ?? 0, c.ValidFrom, c.ValidTo)
            {
                Owner = c.Owner,
                ByAuthority = byAuthority,
                Earlier = c.Earlier ?? 0,
            }),
        };
    }

    private GtinCodesState Made(string owner, DateOnly on, long count, IReadOnlyList<QuotaDraw> draws)
    {
        long declared = draws.Where(d => !Quotas.Find(q => q.Id == d.Quota)!.ByAuthority).Sum(d => d.Count);
        return (this with { Issued = Issued + count, Quotas = draws.Aggregate(Quotas, Draw) })
            .Add(new(owner, on, count - draws.Sum(d => d.Count), Declared: false)).Add(new(owner, on, declared, Declared: true));
    }

    private GtinCodesState Add(UncoveredCodes codes)
    {
        if (codes.Count == 0)
            return this;
        int same = Uncovered.FindLastIndex(u => u with { Count = codes.Count } == codes);
        return this with
        {
            Uncovered = same < 0
                ? Uncovered.Add(codes)
                : Uncovered.SetItem(same, codes with { Count = codes.Count + Uncovered[same].Count }),
        };
    }

    /// <summary>Numeric serials issued under a key version, which is the position of the next.</summary>
    public long NumericIssued(int keyVersion) => Numeric.GetValueOrDefault(keyVersion);

    private static ImmutableList<Quota> Draw(ImmutableList<Quota> quotas, QuotaDraw draw)
    {
        int at = quotas.FindIndex(q => q.Id == draw.Quota);
        return quotas.SetItem(at, quotas[at] with { Used = quotas[at].Used + draw.Count });
    }
}

/// <summary>Decides; pure.</summary>
public static class GtinCodes
{
    /// <summary>The GTIN is another organisation's.</summary>
    public const string NotOwner = "gtin-of-another-organisation";

    /// <summary>The certificate's output was counted before.</summary>
    public const string CertificateUsed = "quota-certificate-used";

    /// <summary>More codes than certified output.</summary>
    public const string QuotaExceeded = "code-quota-exceeded";

    /// <summary>More numeric codes than can be told from guesses.</summary>
    public const string NumericSpace = "numeric-codes-exhausted";

    /// <summary>The key version can't carry numeric codes.</summary>
    public const string NumericKey = "numeric-key-version";

    /// <summary>The GTIN has had all its batches.</summary>
    public const string NoNumber = "code-batches-exhausted";

    /// <summary>Certifies output.</summary>
    /// <param name="state">What is known of the GTIN's codes.</param>
    /// <param name="quota">The output.</param>
    /// <param name="product">Whose product it is; null where nobody described it, and who had codes first owns
    /// it.</param>
    /// <param name="by">Who certifies; null for the owner itself.</param>
    public static Decision<GtinCodesEvent> Certify(
        GtinCodesState state, GtinCodesEvent.OutputCertified quota, string? product = null, string? by = null)
    {
        if ((product ?? state.Owner) is { } owner && owner != quota.Owner)
            return Refuse(NotOwner);
        if (state.Quotas.Exists(q => q.Certificate.Trim() == quota.Certificate.Trim()))
            return Refuse(CertificateUsed);
        bool byAuthority = by is not null && by != quota.Owner;
        long earlier = Math.Min(quota.Amount, state.Uncovered
            .Where(u => u.CountFor(quota.Owner, byAuthority, quota.ValidFrom, quota.ValidTo)).Sum(u => u.Count));
        return Accept(earlier > 0 ? quota with { Earlier = earlier } : quota);
    }

    /// <summary>
    /// Allots codes to a batch, from the quotas valid on a day, those that end first before others. A GTIN that never
    /// had a quota is not limited.
    /// </summary>
    /// <param name="state">What is known of the GTIN's codes.</param>
    /// <param name="owner">Who asks for them.</param>
    /// <param name="batch">Number of the batch.</param>
    /// <param name="count">How many.</param>
    /// <param name="mode">Kind of serial.</param>
    /// <param name="keyVersion">Version of the keys.</param>
    /// <param name="day">Today.</param>
    /// <param name="product">Whose product it is; null where nobody described it, and who had codes first owns
    /// it.</param>
    public static Decision<GtinCodesEvent> Allot(
        GtinCodesState state, string owner, Guid batch, int count, SerialMode mode, int keyVersion, DateOnly day,
        string? product = null)
    {
        if ((product ?? state.Owner) is { } known && known != owner)
            return Refuse(NotOwner);
        if (state.LastNumber >= Serial.BatchMax)
            return Refuse(NoNumber);
        if (mode == SerialMode.Numeric && keyVersion > SerialKey.NumericVersionMax)
            return Refuse(NumericKey);
        if (mode == SerialMode.Numeric && state.NumericIssued(keyVersion) + count > NumericSerial.IssuedMax)
            return Refuse(NumericSpace);
        return Draw(state, owner, count, day) is { } draws
            ? Accept(new GtinCodesEvent.CodesAllotted(
                batch, owner, state.LastNumber + 1, count, mode, keyVersion, draws))
            : Refuse(QuotaExceeded);
    }

    /// <summary>Takes codes over that another system made, from the quotas valid on a day.</summary>
    public static Decision<GtinCodesEvent> TakeOver(
        GtinCodesState state, string owner, Guid list, int count, DateOnly day, string? product = null) =>
        (product ?? state.Owner) is { } known && known != owner ? Refuse(NotOwner)
        : Draw(state, owner, count, day) is { } draws ? Accept(new GtinCodesEvent.CodesTakenOver(list, owner, count, draws))
        : Refuse(QuotaExceeded);

    /// <summary>From which quotas codes come; null where they do not allow as many.</summary>
    private static List<QuotaDraw>? Draw(GtinCodesState state, string owner, int count, DateOnly day)
    {
        List<QuotaDraw> draws = [];
        long open = state.Quotas.IsEmpty ? 0 : count;
        foreach (Quota quota in state.BindingOf(owner).Where(q => q.IsValid(day) && q.Left > 0).OrderBy(q => q.ValidTo))
        {
            long taken = Math.Min(open, quota.Left);
            if (taken > 0)
                draws.Add(new QuotaDraw(quota.Id, taken));
            open -= taken;
        }
        return open > 0 ? null : draws;
    }

    private static Decision<GtinCodesEvent> Accept(GtinCodesEvent e) => new Decision<GtinCodesEvent>.Accepted([e]);

    private static Decision<GtinCodesEvent> Refuse(string rule) => new Decision<GtinCodesEvent>.Refused(rule);
}
