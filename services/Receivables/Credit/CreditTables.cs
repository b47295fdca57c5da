using EventStore;
using EventStore.Projections;

namespace Receivables.Credit;

/// <summary>Lines and members as rows, for lists and meters; decisions fold the events.</summary>
internal sealed class CreditTables : IProjection
{
    public const string Schema =
        """
        create table credit_lines (
            id         uuid    primary key,
            grantor    text    collate "C" not null,
            group_head text    collate "C" not null,
            limit_fen  bigint  not null,
            frozen     boolean not null default false
        );
        create index credit_lines_group on credit_lines (group_head);
        create table credit_members (
            line         uuid    not null,
            member       text    collate "C" not null,
            limit_fen    bigint  not null default 0,
            reserved_fen bigint  not null default 0,
            used_fen     bigint  not null default 0,
            frozen       boolean not null default false,
            primary key (line, member)
        );
        create index credit_members_member on credit_members (member);
        create table credit_vouchers (
            line    uuid    not null,
            voucher text    collate "C" not null,
            issued  boolean not null default false,
            primary key (line, voucher)
        );
        """;

    /// <summary>What waits for the head of the group or for a member.</summary>
    public const string Offers =
        """
        alter table credit_lines add column accepted boolean not null default false;
        alter table credit_members add column offered_fen bigint;
        """;

    public string Name => "credit";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            if (e.Data is CreditEvent data)
                Project(CreditEvents.LineOf(e.Stream), data, sql);
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate credit_lines, credit_members, credit_vouchers");

    private static void Project(Guid line, CreditEvent e, SqlBatch sql)
    {
        switch (e)
        {
            case CreditEvent.Granted g:
                sql.Add("insert into credit_lines (id, grantor, group_head, limit_fen) values ($1, $2, $3, $4)",
                    line, g.Grantor, g.Group, g.LimitFen);
                break;
            case CreditEvent.LimitChanged c:
                sql.Add("update credit_lines set limit_fen = $2 where id = $1", line, c.LimitFen);
                break;
            case CreditEvent.LineAccepted:
                sql.Add("update credit_lines set accepted = true where id = $1", line);
                break;
            case CreditEvent.MemberOffered m:
                sql.Add(
                    """
                    insert into credit_members (line, member, offered_fen) values ($1, $2, $3)
                    on conflict (line, member) do update set offered_fen = excluded.offered_fen
                    """, line, m.Member, m.LimitFen);
                break;
            case CreditEvent.MemberSet m:
                sql.Add(
                    """
                    insert into credit_members (line, member, limit_fen) values ($1, $2, $3)
                    on conflict (line, member) do update set limit_fen = excluded.limit_fen, offered_fen = null
                    """, line, m.Member, m.LimitFen);
                break;
            case CreditEvent.Frozen f:
                Freeze(line, f.Member, true, sql);
                break;
            case CreditEvent.Unfrozen f:
                Freeze(line, f.Member, false, sql);
                break;
            case CreditEvent.Reserved r:
                sql.Add("insert into credit_vouchers (line, voucher) values ($1, $2)", line, r.Voucher);
                sql.Add("update credit_members set reserved_fen = reserved_fen + $3 where line = $1 and member = $2",
                    line, r.Member, r.Fen);
                break;
            case CreditEvent.Used u:
                sql.Add("update credit_vouchers set issued = true where line = $1 and voucher = $2", line, u.Voucher);
                sql.Add(
                    """
                    update credit_members set reserved_fen = reserved_fen - $3, used_fen = used_fen + $3
                    where line = $1 and member = $2
                    """, line, u.Member, u.Fen);
                break;
            case CreditEvent.Released r:
                sql.Add(
                    """
                    update credit_members m set reserved_fen = reserved_fen - case when v.issued then 0 else $4 end,
                        used_fen = used_fen - case when v.issued then $4 else 0 end
                    from credit_vouchers v where m.line = $1 and m.member = $2 and v.line = $1 and v.voucher = $3
                    """, line, r.Member, r.Voucher, r.Fen);
                break;
            default:
                throw new InvalidOperationException($"{e.GetType().Name} has no row.");
        }
    }

    private static void Freeze(Guid line, string? member, bool frozen, SqlBatch sql)
    {
        if (member is null)
            sql.Add("update credit_lines set frozen = $2 where id = $1", line, frozen);
        else
        {
            sql.Add(
                """
                insert into credit_members (line, member, frozen) values ($1, $2, $3)
                on conflict (line, member) do update set frozen = excluded.frozen
                """, line, member, frozen);
        }
    }
}
