using EventStore;
using EventStore.Projections;

namespace Receivables.Parties;

/// <summary>The list of parties.</summary>
internal sealed class PartyRows : IProjection
{
    public const string Schema =
        """
        create table parties (
            id          text collate "C" primary key,
            kind        text    not null,
            sme         boolean not null,
            name        text    not null,
            credit_code text,
            party_group text,
            status      text    not null
        );
        """;

    public string Name => "parties";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            if (!e.Stream.StartsWith("party/", StringComparison.Ordinal))
                continue;
            string id = e.Stream["party/".Length..];
            switch (e.Data)
            {
                case PartyEvent.Registered r:
                    sql.Add(
                        "insert into parties values ($1, $2, $3, $4, nullif($5, ''), nullif($6, ''), 'active')",
                        id, r.Kind.ToString(), r.Sme, r.Name, r.CreditCode ?? "", r.Group ?? "");
                    break;
                case PartyEvent.Renamed r:
                    sql.Add("update parties set name = $2 where id = $1", id, r.Name);
                    break;
                case PartyEvent.Merged:
                    sql.Add("update parties set status = 'merged' where id = $1", id);
                    break;
                case PartyEvent.WentBankrupt:
                    sql.Add("update parties set status = 'bankrupt' where id = $1", id);
                    break;
                default:
                    break;
            }
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate parties");
}
