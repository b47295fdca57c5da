using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;
using EventStore.Projections;

namespace Receivables.Financing;

/// <summary>A claim on a voucher's receivable as its papers show it.</summary>
/// <param name="Financier">Who claims.</param>
/// <param name="Fen">Its financing.</param>
/// <param name="Receipt">中登网's receipt; null where none was imported.</param>
/// <param name="NoticeArrived">When its notice reached the debtor; null where none did.</param>
/// <param name="NoticeSha256">Digest of what proves that.</param>
public sealed record ClaimImported(
    string Financier, long Fen, RegisterReceipt? Receipt, DateTimeOffset? NoticeArrived, string? NoticeSha256);

/// <summary>The claims on one voucher: of each financier the latest.</summary>
public sealed record ClaimsState(IReadOnlyDictionary<string, ClaimImported> Claims)
{
    /// <summary>None.</summary>
    public static readonly ClaimsState Initial = new(new Dictionary<string, ClaimImported>());

    /// <summary>Folds one import.</summary>
    public static ClaimsState Evolve(ClaimsState state, ClaimImported e) =>
        new(new Dictionary<string, ClaimImported>(state.Claims) { [e.Financier] = e });
}

/// <summary>The stable names and stored forms of financings.</summary>
internal static class FinancingEvents
{
    public const string ClaimImported = "receivables.claim-imported.v1";
    public const string Opened = "receivables.financing-opened.v1";
    public const string Closed = "receivables.financing-closed.v1";
    private const string Prefix = "financing-";
    private const string Applied = "receivables.financing-applied.v1";
    private const string Offered = "receivables.financing-offered.v1";
    private const string Chosen = "receivables.financing-chosen.v1";
    private const string Drafted = "receivables.registration-drafted.v1";
    private const string Searched = "receivables.register-searched.v1";
    private const string Registered = "receivables.financing-registered.v1";
    private const string Examined = "receivables.financing-examined.v1";
    private const string Bought = "receivables.financing-bought.v1";
    private const string Withdrawn = "receivables.financing-withdrawn.v1";
    private const string Disbursed = "receivables.financing-disbursed.v1";

    public static string Stream(Guid id) => Prefix + id;

    public static string ClaimsStream(string root) => "claims-" + root;

    public static Guid IdOf(string stream) => Guid.Parse(stream.AsSpan(Prefix.Length));

    public static string NameOf(FinancingEvent e) => e switch
    {
        FinancingEvent.Applied => Applied,
        FinancingEvent.Offered => Offered,
        FinancingEvent.Chosen => Chosen,
        FinancingEvent.Drafted => Drafted,
        FinancingEvent.Searched => Searched,
        FinancingEvent.Registered => Registered,
        FinancingEvent.Examined => Examined,
        FinancingEvent.Bought => Bought,
        FinancingEvent.Withdrawn => Withdrawn,
        FinancingEvent.Disbursed => Disbursed,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddFinancingEvents(this EventModel model) => model
        .Event(Applied, FinancingJson.Default.Applied)
        .Event(Offered, FinancingJson.Default.Offered)
        .Event(Chosen, FinancingJson.Default.Chosen)
        .Event(Drafted, FinancingJson.Default.Drafted)
        .Event(Searched, FinancingJson.Default.Searched)
        .Event(Registered, FinancingJson.Default.Registered)
        .Event(Examined, FinancingJson.Default.Examined)
        .Event(Bought, FinancingJson.Default.Bought)
        .Event(Withdrawn, FinancingJson.Default.Withdrawn)
        .Event(Opened, FinancingJson.Default.FinancingOpened)
        .Event(Closed, FinancingJson.Default.FinancingClosed)
        .Event(Disbursed, FinancingJson.Default.Disbursed)
        .Event(ClaimImported, FinancingJson.Default.ClaimImported)
        .Aggregate(FinancingState.Initial, Evolve)
        .Aggregate(OpenFinancings.Initial, (Func<OpenFinancings, object, OpenFinancings>)OpenFinancings.Evolve)
        .Aggregate(ClaimsState.Initial, (state, e) => ClaimsState.Evolve(state, (ClaimImported)e))
        .Inline(new FinancingTable())
        .Migrate("receivables-0221-financings", FinancingTable.Schema)
        .Migrate("receivables-0222-financing-amounts", FinancingTable.Amounts);

    public static FinancingState Evolve(FinancingState state, StoredEvent e) =>
        FinancingState.Evolve(state, (FinancingEvent)e.Data, e.OccurredAt);
}

/// <summary>Who takes part in which financing.</summary>
internal sealed class FinancingTable : IProjection
{
    public const string Schema =
        """
        create table financings (
            id         uuid        primary key,
            root       text        collate "C" not null,
            seller     text        collate "C" not null,
            invited    text[]      not null,
            state      text        not null,
            applied_at timestamptz not null
        );
        create index financings_seller on financings (seller, applied_at);
        create index financings_invited on financings using gin (invited);
        """;

    /// <summary>What lists show besides.</summary>
    public const string Amounts =
        """
        alter table financings add column fen bigint not null default 0;
        alter table financings add column due date;
        """;

    public string Name => "financings";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            switch (e.Data)
            {
                case FinancingEvent.Applied a:
                    sql.Add(
                        """
                        insert into financings (id, root, seller, invited, state, applied_at, fen, due)
                        values ($1, $2, $3, $4, 'applied', $5, $6, $7)
                        """, FinancingEvents.IdOf(e.Stream), a.Root, a.Seller, a.Invited.ToArray(),
                        e.OccurredAt.UtcDateTime, a.Fen, a.Due);
                    break;
                case FinancingEvent.Chosen:
                    Set(e, "chosen", sql);
                    break;
                case FinancingEvent.Bought:
                    Set(e, "bought", sql);
                    break;
                case FinancingEvent.Withdrawn:
                    Set(e, "withdrawn", sql);
                    break;
                case FinancingEvent.Disbursed:
                    Set(e, "disbursed", sql);
                    break;
                default:
                    break;
            }
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate financings");

    private static void Set(StoredEvent e, string state, SqlBatch sql) =>
        sql.Add("update financings set state = $2 where id = $1", FinancingEvents.IdOf(e.Stream), state);
}

/// <summary>Stored forms, requests and answers of financings.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(DayCountConverter), typeof(RankBasisConverter), typeof(InstantConverter)])]
[JsonSerializable(typeof(FinancingEvent.Applied))]
[JsonSerializable(typeof(FinancingEvent.Offered))]
[JsonSerializable(typeof(FinancingEvent.Chosen))]
[JsonSerializable(typeof(FinancingEvent.Drafted))]
[JsonSerializable(typeof(FinancingEvent.Searched))]
[JsonSerializable(typeof(FinancingEvent.Registered))]
[JsonSerializable(typeof(FinancingEvent.Examined))]
[JsonSerializable(typeof(FinancingEvent.Bought))]
[JsonSerializable(typeof(FinancingEvent.Withdrawn))]
[JsonSerializable(typeof(FinancingOpened))]
[JsonSerializable(typeof(FinancingClosed))]
[JsonSerializable(typeof(FinancingEvent.Disbursed))]
[JsonSerializable(typeof(ClaimImported))]
[JsonSerializable(typeof(FinancingAnswer))]
[JsonSerializable(typeof(FinancingDetails))]
[JsonSerializable(typeof(List<FinancingRow>))]
[JsonSerializable(typeof(RankAnswer))]
[JsonSerializable(typeof(PricedOffer))]
internal sealed partial class FinancingJson : JsonSerializerContext;

/// <summary>Names of day counts: <c>act360</c>.</summary>
internal sealed class DayCountConverter()
    : JsonStringEnumConverter<DayCount>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>Names of why a rank is what it is.</summary>
internal sealed class RankBasisConverter()
    : JsonStringEnumConverter<RankBasis>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
