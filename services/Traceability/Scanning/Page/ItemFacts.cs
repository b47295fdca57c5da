using EventStore;
using Npgsql;
using Traceability.Graph;
using Traceability.MasterData;

namespace Traceability.Scanning.Page;

/// <summary>A product as the page shows it.</summary>
internal sealed record ShownProduct(
    string Tenant, Wording Name, Wording? Net, IReadOnlyList<Wording> Claims, string? Picture, Wording? Owner,
    Guid? EventId)
{
    /// <summary>Whose product it was before, with their names: codes that they issued stay theirs.</summary>
    public IReadOnlyDictionary<string, Wording> Former { get; init; } = new Dictionary<string, Wording>();
}

/// <summary>A label and the event that holds it.</summary>
internal sealed record PageLabel(int Version, DateTimeOffset ShownFrom, Guid EventId, IReadOnlyList<LabelField> Fields);

/// <summary>A lot and the event that describes it.</summary>
internal sealed record PageLot(
    string Number, DateOnly? ProducedOn, DateOnly? ExpiresOn, Wording? Origin, Guid EventId);

/// <summary>A certificate and the event that records it.</summary>
internal sealed record PageCertificate(
    string Number, Wording Title, Wording Issuer, DateOnly ValidFrom, DateOnly ValidTo, DateOnly? WithdrawnOn, Guid EventId,
    Guid? Withdrawal);

/// <summary>A place of the journey, named only where its owner made it public, and the event that describes it.</summary>
internal sealed record PagePlace(
    string Gln, Wording Name, Wording? City, double? Latitude, double? Longitude, Guid? EventId = null);

/// <summary>One step of the journey: an event that its organisation publishes.</summary>
/// <param name="EventId">The recording event.</param>
/// <param name="At">When it happened; missing where its owner withholds that.</param>
/// <param name="Step">Full URI of the business step.</param>
/// <param name="Disposition">Full URI.</param>
/// <param name="PlaceUri">Canonical URI of the place; missing unless it is public.</param>
/// <param name="Place">The place.</param>
/// <param name="Names">Canonical URI of the item or lot by which the event is found.</param>
internal sealed record PageStep(
    Guid EventId, DateTimeOffset? At, string? Step, string? Disposition, string? PlaceUri, PagePlace? Place, string Names)
{
    /// <summary>Zero for the item or its lot; one for the box that held it, two for the pallet that held the box.</summary>
    public int Depth { get; init; }

    /// <summary>EPCIS type.</summary>
    public string Type { get; init; } = "ObjectEvent";

    /// <summary>EPCIS action.</summary>
    public string? Action { get; init; }

    /// <summary>Canonical URI of what it was put into or taken out of; null where that is not public.</summary>
    public string? Parent { get; init; }

    /// <summary>Who recorded it, where that organisation is known in public.</summary>
    public Wording? Recorder { get; init; }
}

/// <summary>That goods are called back.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Notice">What the organisation tells whoever has the goods.</param>
/// <param name="IsFood">Whether the goods are eaten, not only used.</param>
/// <param name="Class">1 to 3, 1 the gravest.</param>
/// <param name="OfLot">Whether the lot is called back, not only this item of it.</param>
internal sealed record PageRecall(Wording Title, Wording Notice, bool IsFood, int Class, bool OfLot);

/// <summary>
/// A cold-chain curve: readings in order, the band that they should stay in, and the times for which records are
/// missing.
/// </summary>
internal sealed record PageCurve(
    IReadOnlyList<(DateTimeOffset At, double Celsius)> Readings, double? Least, double? Most, Wording Finding,
    IReadOnlyList<Window>? Gaps = null);

/// <summary>All that a page shows, filled by the queries that ran for it.</summary>
internal sealed class ItemFacts(ItemKey key)
{
    public ItemKey Key { get; } = key;

    public ShownProduct? Product { get; set; }

    /// <summary>Who issued the item's code: the product's owner, or who it was then.</summary>
    public Wording? IssuedBy
    {
        get => field ?? Product?.Owner;
        set;
    }

    public PageLabel? Label { get; set; }

    public PageLot? Lot { get; set; }

    /// <summary>
    /// The lot's number where it is bound or described: anybody can write another into a link, which is never shown or kept.
    /// </summary>
    public string? KnownLot => Key.IsBound || Lot is not null ? Key.Lot : null;

    public List<PageCertificate> Certificates { get; } = [];

    public List<PageStep> Journey { get; } = [];

    /// <summary>Whether there are more steps than are listed.</summary>
    public bool IsJourneyCut { get; set; }

    public List<ProductLink> Links { get; } = [];

    public List<Check> Checks { get; } = [];

    /// <summary>When it was sold, as sellers reported it or events say so, in order.</summary>
    public IReadOnlyList<DateTimeOffset> Sales => field ??= Life.Sales(Reported, Sellers);

    /// <summary>Sales as reported by whomsoever.</summary>
    public List<ReportedSale> Reported { get; } = [];

    /// <summary>Who sells the item, as the product's owner said.</summary>
    public HashSet<string> Sellers { get; } = new(StringComparer.Ordinal);

    /// <summary>All feeds of the sellers as one, which is as complete as the worst; null where no seller is named.</summary>
    public SalesFeed? Feed { get; set; }

    public long EarlierChecks { get; set; }

    public DateTimeOffset? FirstCheck { get; set; }

    public CodeState Code
    {
        get => Life.After(field);
        set;
    } = CodeState.NotIssuedHere;

    public PageRecall? Recall { get; set; }

    public CurveFacts Curve { get; } = new();

    public ItemLife Life { get; } = new();

    public PageQuota? Quota { get; set; }

    public PageSet? Set { get; set; }
}

/// <summary>
/// A part of the page that comes from tables: one statement each, so that all of them are one round trip to the database,
/// after the one that learns whose word counts.
/// </summary>
internal interface IPageQuery
{
    /// <summary>The statement; null where it has nothing to ask about this key.</summary>
    NpgsqlBatchCommand? Command(ItemKey key, Holding holding, DateTimeOffset now);

    /// <summary>Takes the rows of the statement over.</summary>
    Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken);
}

/// <summary>Reads all that a page shows.</summary>
internal sealed class ItemReader(Store store, HoldingReader holdings, IEnumerable<IPageQuery> queries)
{
    private readonly IPageQuery[] _queries = [.. queries];

    /// <summary>What is known of a key; without a product where nobody described it.</summary>
    public async Task<ItemFacts> ReadAsync(ItemKey key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ItemFacts facts = new(key);
        Holding holding = await holdings.ReadAsync(key, cancellationToken);
        await using NpgsqlBatch batch = store.DataSource.CreateBatch();
        List<IPageQuery> asked = new(_queries.Length);
        foreach (IPageQuery query in _queries)
        {
            if (query.Command(key, holding, now) is not { } command)
                continue;
            batch.BatchCommands.Add(command);
            asked.Add(query);
        }
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (IPageQuery query in asked)
        {
            await query.ReadAsync(reader, facts, cancellationToken);
            await reader.NextResultAsync(cancellationToken);
        }
        return facts;
    }
}
