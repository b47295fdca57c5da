using EventStore;
using EventStore.Projections;
using Npgsql;
using NpgsqlTypes;

namespace Evidence.Deposits;

/// <summary>The table that answers "what was deposited": by digest, business number, or in order of time.</summary>
internal sealed class DepositRows : IProjection
{
    public const string Schema =
        """
        create table deposits (
            id          uuid        primary key,
            recorded_at timestamptz not null,
            event_id    uuid        not null,
            size        bigint,
            superseded  boolean     not null default false,
            stored      boolean     not null,
            tenant      text        collate "C" not null,
            sha256      bytea       not null,
            sm3         bytea,
            business_id text        collate "C",
            name        text,
            mime        text
        );
        create index deposits_sha256 on deposits (sha256, tenant);
        create index deposits_sm3 on deposits (sm3) where sm3 is not null;
        create index deposits_business_id on deposits (tenant, business_id) where business_id is not null;
        create index deposits_time on deposits (tenant, recorded_at, id);
        """;

    public string Name => "deposits";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        List<(StoredEvent Event, DepositEvent.Deposited Data)> deposited = new(events.Count);
        foreach (StoredEvent e in events)
        {
            if (e.Type == EvidenceEvents.Deposited)
                deposited.Add((e, (DepositEvent.Deposited)e.Data));
        }
        if (deposited.Count > 0)
            Insert(deposited, sql);
        foreach (StoredEvent e in events)
        {
            switch (e.Data)
            {
                case DepositEvent.Superseded:
                    sql.Add("update deposits set superseded = true where id = $1", Id(e));
                    break;
                case DepositEvent.FileErased:
                    sql.Add("update deposits set stored = false where id = $1", Id(e));
                    break;
                default:
                    break;
            }
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate deposits");

    private static void Insert(List<(StoredEvent Event, DepositEvent.Deposited Data)> rows, SqlBatch sql)
    {
        int count = rows.Count;
        Guid[] ids = new Guid[count], eventIds = new Guid[count];
        DateTime[] times = new DateTime[count];
        long?[] sizes = new long?[count];
        bool[] stored = new bool[count];
        string[] tenants = new string[count];
        byte[][] sha256 = new byte[count][];
        byte[]?[] sm3 = new byte[]?[count];
        string?[] businessIds = new string?[count], names = new string?[count], mimes = new string?[count];
        for (int i = 0; i < count; i++)
        {
            (StoredEvent e, DepositEvent.Deposited data) = rows[i];
            ids[i] = Id(e);
            eventIds[i] = e.Id;
            times[i] = e.OccurredAt.UtcDateTime;
            sizes[i] = data.Content.Size;
            stored[i] = data.Stored;
            tenants[i] = e.Tenant;
            sha256[i] = Convert.FromHexString(data.Content.Sha256);
            sm3[i] = data.Content.Sm3 is { } digest ? Convert.FromHexString(digest) : null;
            businessIds[i] = data.BusinessId;
            names[i] = data.Name;
            mimes[i] = data.Content.Mime;
        }
        sql.Add(
            """
            insert into deposits
                (id, recorded_at, event_id, size, stored, tenant, sha256, sm3, business_id, name, mime)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            ids, Array(times, NpgsqlDbType.TimestampTz), eventIds, Array(sizes, NpgsqlDbType.Bigint), stored, tenants,
            sha256, Array(sm3, NpgsqlDbType.Bytea), Array(businessIds, NpgsqlDbType.Text),
            Array(names, NpgsqlDbType.Text), Array(mimes, NpgsqlDbType.Text));
    }

    private static NpgsqlParameter Array(object value, NpgsqlDbType type) =>
        new() { Value = value, NpgsqlDbType = NpgsqlDbType.Array | type };

    private static Guid Id(StoredEvent e) => DepositId.TryParse(e.Stream, out DepositId id)
        ? id.Value
        : throw new InvalidOperationException($"{e.Stream} is no deposit's stream.");
}
