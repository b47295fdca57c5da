using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using EventStore;
using EventStore.Projections;

namespace Receivables.Maturity;

/// <summary>The stable names and stored forms of banks' receipts, and their tables.</summary>
internal static class PaymentEvents
{
    private const string Received = "receivables.payment-received.v1";
    private const string Appropriated = "receivables.payment-appropriated.v1";
    private const string SentBack = "receivables.payment-sent-back.v1";

    public static string Stream(string receipt) =>
        "payment-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(receipt)));

    public static string NameOf(PaymentEvent e) => e switch
    {
        PaymentEvent.Received => Received,
        PaymentEvent.Appropriated => Appropriated,
        PaymentEvent.SentBack => SentBack,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddPaymentEvents(this EventModel model) => model
        .Event(Received, PaymentJson.Default.Received)
        .Event(Appropriated, PaymentJson.Default.Appropriated)
        .Event(SentBack, PaymentJson.Default.SentBack)
        .Aggregate(PaymentState.Initial, (state, e) => PaymentState.Evolve(state, (PaymentEvent)e))
        .Inline(new PaymentTables())
        .Migrate("receivables-0212-payments", PaymentTables.Schema)
        .Migrate("receivables-0215-named-receipts", "alter table payments add column root text collate \"C\";");
}

/// <summary>Lines in suspense, and parts that are not allocated yet.</summary>
internal sealed class PaymentTables : IProjection
{
    public const string Schema =
        """
        create table payments (
            stream       text   collate "C" primary key,
            receipt      text   collate "C" not null,
            fen          bigint not null,
            value_date   date   not null,
            sha256       text   not null,
            payer        text   collate "C",
            suspense_fen bigint not null
        );
        create index payments_suspense on payments (value_date) where suspense_fen > 0;
        create table payment_parts (
            stream    text    collate "C" not null,
            root      text    collate "C" not null,
            fen       bigint  not null,
            allocated boolean not null default false,
            primary key (stream, root)
        );
        create index payment_parts_open on payment_parts (stream) where not allocated;
        """;

    public string Name => "payments";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            switch (e.Data)
            {
                case PaymentEvent.Received r:
                    sql.Add(
                        """
                        insert into payments (stream, receipt, fen, value_date, sha256, suspense_fen, root)
                        values ($1, $2, $3, $4, $5, $3, $6::text)
                        """, e.Stream, r.Receipt, r.Fen, r.ValueDate, r.Sha256, (object?)r.Root ?? DBNull.Value);
                    break;
                case PaymentEvent.Appropriated a:
                    sql.Add("update payments set payer = $2, suspense_fen = $3 where stream = $1",
                        e.Stream, a.Payer, a.OverFen);
                    sql.Add("insert into payment_parts (stream, root, fen) select $1, * from unnest($2, $3)",
                        e.Stream, a.Parts.Select(p => p.Root).ToArray(), a.Parts.Select(p => p.Fen).ToArray());
                    break;
                case PaymentEvent.SentBack s:
                    sql.Add("update payments set suspense_fen = suspense_fen - $2 where stream = $1", e.Stream, s.Fen);
                    break;
                case ClearingEvent.ReceiptAllocated r:
                    sql.Add("update payment_parts set allocated = true where stream = $1 and root = $2",
                        PaymentEvents.Stream(r.Receipt), ClearingEvents.RootOf(e.Stream));
                    break;
                default:
                    break;
            }
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate payments, payment_parts");
}

/// <summary>Stored forms and answers of payments.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PaymentEvent.Received))]
[JsonSerializable(typeof(PaymentEvent.Appropriated))]
[JsonSerializable(typeof(PaymentEvent.SentBack))]
[JsonSerializable(typeof(PaymentAnswer))]
[JsonSerializable(typeof(PaymentPage))]
internal sealed partial class PaymentJson : JsonSerializerContext;
