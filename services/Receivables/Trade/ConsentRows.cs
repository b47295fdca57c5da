using EventStore;
using EventStore.Projections;

namespace Receivables.Trade;

/// <summary>Consents, looked up whenever a bank reads a document.</summary>
internal sealed class ConsentRows : IProjection
{
    public const string Schema =
        """
        create table trade_consents (
            id          uuid        primary key,
            supplier    text        collate "C" not null,
            bank        text        collate "C" not null,
            application text        collate "C" not null,
            documents   uuid[]      not null,
            until       timestamptz not null,
            withdrawn   boolean     not null default false
        );
        create index trade_consents_bank on trade_consents (bank, application);
        """;

    public string Name => "trade_consents";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events.Where(e => e.Stream.StartsWith("consent/", StringComparison.Ordinal)))
        {
            Guid id = Guid.Parse(e.Stream["consent/".Length..]);
            if (e.Data is ConsentEvent.Given g)
            {
                sql.Add("insert into trade_consents values ($1, $2, $3, $4, $5, $6)",
                    id, e.Tenant, g.Bank, g.Application, g.Documents.ToArray(), g.Until.UtcDateTime);
            }
            else if (e.Data is ConsentEvent.Withdrawn)
                sql.Add("update trade_consents set withdrawn = true where id = $1", id);
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate trade_consents");
}
