using EventStore;
using EventStore.Projections;
using Receivables.Vouchers;

namespace Receivables.Maturity;

/// <summary>What the worker and lists ask: vouchers past their cut-off, what is open, whose account is whose.</summary>
internal sealed class ClearingTables : IProjection
{
    public const string Schema =
        """
        create table clearings (
            root      text    collate "C" primary key,
            debtor    text    collate "C",
            pay_day   date,
            due_fen   bigint,
            overdue   boolean not null default false
        );
        create index clearings_waiting on clearings (root) where pay_day is null;
        create index clearings_open on clearings (pay_day) where due_fen > 0 and not overdue;
        create index clearings_debtor on clearings (debtor);
        create table settlement_accounts (
            party  text collate "C" primary key,
            bank   text collate "C" not null,
            number text collate "C" not null
        );
        """;

    /// <summary>What a day's list shows besides.</summary>
    public const string Listed =
        """
        alter table clearings add column face_fen bigint not null default 0;
        alter table clearings add column suspense_fen bigint not null default 0;
        alter table clearings add column instructed boolean not null default false;
        create index clearings_day on clearings (pay_day);
        """;

    /// <summary>Costs and interest still due, without which a debt is not whole (Civil Code art. 561).</summary>
    public const string Others = "alter table clearings add column other_fen bigint not null default 0;";

    /// <summary>Accounts that parties want and no bank has confirmed.</summary>
    public const string Wishes =
        """
        create table account_wishes (
            party  text collate "C" primary key,
            bank   text collate "C" not null,
            number text collate "C" not null,
            set_at timestamptz not null
        );
        """;

    public string Name => "clearings";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            switch (e.Data)
            {
                case VoucherEvent.SnapshotTaken:
                    sql.Add("insert into clearings (root) values ($1) on conflict do nothing", e.Stream);
                    break;
                case ClearingEvent.Opened o:
                    sql.Add(
                        """
                        insert into clearings (root, debtor, pay_day, due_fen, face_fen) values ($1, $2, $3, $4, $4)
                        on conflict (root) do update
                            set debtor = excluded.debtor, pay_day = excluded.pay_day, due_fen = excluded.due_fen,
                                face_fen = excluded.face_fen
                        """, o.Root, o.Debtor, o.PayDay, o.Leaves.Sum(l => l.End - l.Start));
                    break;
                case ClearingEvent.ReceiptAllocated r:
                    sql.Add(
                        """
                        update clearings set due_fen = due_fen - $2, other_fen = other_fen - $3,
                            suspense_fen = suspense_fen + $4 where root = $1
                        """,
                        ClearingEvents.RootOf(e.Stream), r.Shares.Sum(s => s.Principal),
                        r.Shares.Sum(s => s.Costs + s.Interest), r.OverFen);
                    break;
                case ClearingEvent.InterestCharged c:
                    Charge(sql, e, c.Lines.Sum(l => l.Fen));
                    break;
                case ClearingEvent.CostsCharged c:
                    Charge(sql, e, c.Fen);
                    break;
                case ClearingEvent.PayeesChanged:
                    sql.Add("update clearings set instructed = false where root = $1",
                        ClearingEvents.RootOf(e.Stream));
                    break;
                case ClearingEvent.Instructed:
                    sql.Add("update clearings set instructed = true where root = $1", ClearingEvents.RootOf(e.Stream));
                    break;
                case ClearingEvent.PayoutReturned r:
                    Suspend(sql, e, r.Fen);
                    break;
                case ClearingEvent.SuspenseSettled r:
                    Suspend(sql, e, -r.Fen);
                    break;
                case ClearingEvent.FellOverdue:
                    sql.Add("update clearings set overdue = true where root = $1", ClearingEvents.RootOf(e.Stream));
                    break;
                case AccountSet a:
                    sql.Add(
                        """
                        insert into account_wishes (party, bank, number, set_at) values ($1, $2, $3, $4)
                        on conflict (party) do update
                            set bank = excluded.bank, number = excluded.number, set_at = excluded.set_at
                        """, a.Party, a.Bank, a.Number, e.OccurredAt.UtcDateTime);
                    // Who comes back to the account that it has wants no other.
                    sql.Add(
                        """
                        delete from account_wishes w using settlement_accounts a
                        where w.party = $1 and a.party = $1 and (a.bank, a.number) = (w.bank, w.number)
                        """, a.Party);
                    break;
                case AccountConfirmed a:
                    sql.Add("delete from account_wishes where party = $1", a.Party);
                    sql.Add(
                        """
                        insert into settlement_accounts (party, bank, number) values ($1, $2, $3)
                        on conflict (party) do update set bank = excluded.bank, number = excluded.number
                        """, a.Party, a.Bank, a.Number);
                    break;
                default:
                    break;
            }
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate clearings, settlement_accounts, account_wishes");

    private static void Charge(SqlBatch sql, StoredEvent e, long fen) =>
        sql.Add("update clearings set other_fen = other_fen + $2 where root = $1",
            ClearingEvents.RootOf(e.Stream), fen);

    private static void Suspend(SqlBatch sql, StoredEvent e, long fen) =>
        sql.Add("update clearings set suspense_fen = suspense_fen + $2 where root = $1",
            ClearingEvents.RootOf(e.Stream), fen);
}
