using EventStore;
using EventStore.Projections;

namespace Receivables.Signatures;

/// <summary>Drafts that wait and the approvals of every command.</summary>
internal sealed class DraftRows : IProjection
{
    public const string Schema =
        """
        create table drafts (
            party      text        collate "C" not null,
            id         text        collate "C" not null,
            kind       text        not null,
            maker      text        not null,
            drafted_at timestamptz not null,
            state      text        not null default 'open',
            primary key (party, id)
        );
        create index drafts_open on drafts (party, drafted_at) where state = 'open';
        create table approvals (
            position  bigint  primary key,
            party     text    collate "C" not null,
            command   text    collate "C" not null,
            key_id    text    collate "C" not null,
            role      text    not null,
            event_id  uuid    not null,
            signature text    not null,
            language  text    not null,
            page      text    not null,
            previous  text,
            at        text    not null
        );
        create index approvals_command on approvals (party, command);
        """;

    public string Name => "drafts";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        List<(StoredEvent Event, SigningEvent.PageApproved Data)> approvals = [];
        foreach (StoredEvent e in events)
        {
            switch (e.Type)
            {
                case SigningEvents.Drafted:
                    SigningEvent.Drafted drafted = (SigningEvent.Drafted)e.Data;
                    sql.Add(
                        "insert into drafts (id, party, kind, maker, drafted_at) values ($1, $2, $3, $4, $5)",
                        drafted.Command.GetProperty("commandId").GetString()!, e.Tenant,
                        drafted.Command.GetProperty("kind").GetString()!, drafted.Maker, e.OccurredAt.UtcDateTime);
                    break;
                case SigningEvents.Executed:
                    SetState(sql, e.Tenant, ((SigningEvent.Executed)e.Data).Command, "executed");
                    break;
                case SigningEvents.Withdrawn:
                    SetState(sql, e.Tenant, ((SigningEvent.Withdrawn)e.Data).Command, "withdrawn");
                    break;
                case SigningEvents.Approved:
                    approvals.Add((e, (SigningEvent.PageApproved)e.Data));
                    break;
                default:
                    break;
            }
        }
        if (approvals.Count > 0)
            Insert(sql, approvals);
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate drafts, approvals");

    private static void Insert(SqlBatch sql, List<(StoredEvent Event, SigningEvent.PageApproved Data)> approvals) =>
        sql.Add(
            """
            insert into approvals
                (position, party, command, key_id, role, event_id, signature, language, page, previous, at)
            select a.position, a.party, a.command, a.key_id, a.role, a.event_id, a.signature, a.language, a.page,
                nullif(a.previous, ''), a.at
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as a
                (position, party, command, key_id, role, event_id, signature, language, page, previous, at)
            """,
            approvals.ConvertAll(a => a.Event.Position), approvals.ConvertAll(a => a.Data.Party),
            approvals.ConvertAll(a => a.Data.Command), approvals.ConvertAll(a => a.Data.KeyId),
            approvals.ConvertAll(a => a.Data.Role.ToString()), approvals.ConvertAll(a => a.Event.Id),
            approvals.ConvertAll(a => a.Data.Signature), approvals.ConvertAll(a => a.Data.Language),
            approvals.ConvertAll(a => a.Data.PageSha256), approvals.ConvertAll(a => a.Data.Previous ?? ""),
            approvals.ConvertAll(a => a.Data.At));

    private static void SetState(SqlBatch sql, string party, string command, string state) =>
        sql.Add("update drafts set state = $3 where party = $1 and id = $2", party, command, state);
}
