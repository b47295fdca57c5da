using EventStore;
using EventStore.Projections;
using static Traceability.SqlValues;

namespace Traceability.Alarms;

/// <summary>Alarms as lists and decisions read them, and what the formulas keep between their runs.</summary>
internal sealed class AlarmRows : IProjection
{
    public const string Schema =
        """
        create table alarms (
            id           uuid        primary key,
            owner        text        collate "C" not null,
            kind         smallint    not null,
            stage        smallint    not null,
            subject      text        collate "C" not null,
            gtin         text        collate "C" not null,
            dealer       text        collate "C",
            dealer_zh    text,
            dealer_en    text,
            organisation text        collate "C",
            put_to       text        collate "C",
            reason_zh    text,
            reason_en    text,
            raised_at    timestamptz not null,
            answer_by    timestamptz,
            closed_at    timestamptz,
            outcome      smallint
        );
        create index alarms_owner on alarms (owner, id desc);
        create index alarms_put_to on alarms (put_to, id desc) where put_to is not null;
        create index alarms_subject on alarms (owner, subject);

        -- One row for each item that was checked within the window: what the formulas over many items count.
        create table alarm_items (
            gtin     text        collate "C" not null,
            serial   text        collate "C" not null,
            owner    text        collate "C" not null,
            lot      text        collate "C",
            dealer   text        collate "C",
            carton   text        collate "C",
            at       timestamptz not null,
            checks   int         not null,
            grade    smallint    not null,
            first_at timestamptz,
            region   text        collate "C",
            device   bytea,
            shared   boolean     not null,
            reported boolean     not null,
            primary key (gtin, serial)
        );
        create index alarm_items_dealer on alarm_items (owner, dealer, at) where dealer is not null;
        create index alarm_items_lot on alarm_items (owner, gtin, lot);
        create index alarm_items_at on alarm_items (at);

        -- Signs that are too weak to be put on record. They are forgotten when they no longer hold.
        create table alarm_watches (
            owner     text        collate "C" not null,
            kind      smallint    not null,
            subject   text        collate "C" not null,
            dealer    text        collate "C" not null,
            at        timestamptz not null,
            reason_zh text,
            reason_en text,
            primary key (owner, kind, subject, dealer)
        );
        """;

    /// <summary>What scans, sales and dealers keep for the formulas.</summary>
    public const string Checks =
        """
        create sequence scan_changes;
        alter table scans add column shared boolean not null default false;
        alter table scans add column reporter text collate "C";
        alter table scans add column change bigint not null default nextval('scan_changes');
        create index scans_change on scans (change);
        alter table sales add column changed bigint not null default 0;
        create index sales_changed on sales (changed);
        alter table dealers add column gln text collate "C";
        alter table dealers add column organisation text collate "C";
        alter table dealers add column event_id uuid;
        """;

    public string Name => "alarms";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            if (!e.Stream.StartsWith("alarm-", StringComparison.Ordinal) || e.Data is not AlarmEvent data)
                continue;
            Guid id = AlarmEvents.IdOf(e.Stream);
            switch (data)
            {
                case AlarmEvent.Raised { Finding: var f }:
                    Insert(id, e, f, sql);
                    break;
                case AlarmEvent.Put put:
                    sql.Add("update alarms set stage = $2, put_to = $3, answer_by = $4 where id = $1", id,
                        (short)AlarmStage.Put, put.Organisation, put.AnswerBy.UtcDateTime);
                    break;
                case AlarmEvent.Answered:
                    sql.Add("update alarms set stage = $2 where id = $1", id, (short)AlarmStage.Answered);
                    break;
                case AlarmEvent.Closed closed:
                    sql.Add("update alarms set stage = $2, closed_at = $3, outcome = $4 where id = $1", id,
                        (short)AlarmStage.Closed, e.OccurredAt.UtcDateTime, (short)closed.Outcome);
                    break;
                default:
                    break;
            }
        }
    }

    // What the formulas keep is no projection of events; it is found anew from the scans.
    public void Reset(SqlBatch sql) => sql.Add("truncate alarms");

    private static void Insert(Guid id, StoredEvent e, AlarmFinding f, SqlBatch sql) => sql.Add(
        """
        insert into alarms (id, owner, kind, stage, subject, gtin, dealer, dealer_zh, dealer_en, organisation, reason_zh,
            reason_en, raised_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """, id, e.Tenant, (short)f.Kind, (short)AlarmStage.Open, f.Subject.Uri, f.Subject.Gtin,
        Text(f.Subject.Dealer?.Code), Text(f.Subject.Dealer?.Name.Zh), Text(f.Subject.Dealer?.Name.En),
        Text(f.Subject.Dealer?.Organisation), Text(f.Reason.Zh), Text(f.Reason.En), e.OccurredAt.UtcDateTime);
}
