using EventStore;
using EventStore.Projections;
using Npgsql;
using NpgsqlTypes;
using Receivables.Vouchers;

namespace Receivables.Ledger;

/// <summary>
/// The tables that lists and histories are read from: vouchers, who takes part, offers, movements and balances. A
/// fragment is read from its family, which is the truth about it.
/// </summary>
internal sealed class VoucherRows : IProjection
{
    public const string Schema =
        """
        create table vouchers (
            root         text collate "C" primary key,
            issuer       text collate "C" not null,
            debtor       text collate "C" not null,
            first_holder text collate "C" not null,
            face_fen     bigint      not null,
            issue_date   date        not null,
            due_date     date        not null,
            cut_off      timestamptz not null,
            issued_at    timestamptz not null,
            stage        text        not null,
            closed_at    timestamptz
        );
        create index vouchers_cut_off on vouchers (cut_off) where stage in ('offered', 'active', 'presented');
        create table voucher_parties (
            party text collate "C" not null,
            root  text collate "C" not null,
            primary key (party, root)
        );
        create table voucher_offers (
            root       text collate "C" not null,
            offer      text collate "C" not null,
            receiver   text collate "C" not null,
            sender     text collate "C" not null,
            kind       text        not null,
            fen        bigint      not null,
            offered_at timestamptz not null,
            expires_at timestamptz,
            state      text        not null,
            primary key (root, offer, receiver)
        );
        create index voucher_offers_inbox on voucher_offers (receiver, offered_at) where state = 'open';
        create index voucher_offers_outbox on voucher_offers (sender, offered_at) where state = 'open';
        create index voucher_offers_expiry on voucher_offers (expires_at) where state = 'open';
        create table voucher_movements (
            position  bigint      not null,
            number    int         not null,
            root      text collate "C" not null,
            at        timestamptz not null,
            kind      text        not null,
            command   text        not null,
            sender    text collate "C",
            receiver  text collate "C",
            start_fen bigint      not null,
            end_fen   bigint      not null,
            fen       bigint      not null,
            moves     boolean     not null,
            primary key (position, number)
        );
        create index voucher_movements_root on voucher_movements (root, position);
        create index voucher_movements_in on voucher_movements (receiver, at) where moves;
        create index voucher_movements_out on voucher_movements (sender, at) where moves;
        create table voucher_balances (
            party text collate "C" not null,
            root  text collate "C" not null,
            fen   bigint not null check (fen >= 0),
            primary key (party, root)
        );
        """;

    /// <inheritdoc/>
    public string Name => "vouchers";

    /// <inheritdoc/>
    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        MovementRows movements = new();
        foreach (StoredEvent e in events)
        {
            if (e.Data is not VoucherEvent data)
                continue;
            ProjectVoucher(e, data, sql);
            OfferRows.Project(e, data, sql);
            movements.Add(e, data);
        }
        movements.Insert(sql);
    }

    /// <inheritdoc/>
    public void Reset(SqlBatch sql) =>
        sql.Add("truncate vouchers, voucher_parties, voucher_offers, voucher_movements, voucher_balances");

    private static void ProjectVoucher(StoredEvent e, VoucherEvent data, SqlBatch sql)
    {
        switch (data)
        {
            case VoucherEvent.Issued x:
                sql.Add(
                    """
                    insert into vouchers (root, issuer, debtor, first_holder, face_fen, issue_date, due_date, cut_off,
                        issued_at, stage, pay_day)
                    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'offered', $10::date)
                    """,
                    x.Root, x.Issuer, x.Debtor, x.Holder, x.FaceFen, x.IssueDate, x.DueDate,
                    FamilyState.CutOffOf(x.PayDay ?? x.DueDate).UtcDateTime, e.OccurredAt.UtcDateTime,
                    (object?)x.PayDay ?? DBNull.Value);
                Takes(sql, e.Stream, x.Issuer, x.Debtor, x.Holder);
                break;
            case VoucherEvent.Accepted: Stage(sql, e, "active"); break;
            case VoucherEvent.Returned: Close(sql, e, "returned"); break;
            case VoucherEvent.Voided: Close(sql, e, "void"); break;
            case VoucherEvent.SnapshotTaken: Stage(sql, e, "presented"); break;
            case VoucherEvent.FellOverdue: Stage(sql, e, "overdue"); break;
            case VoucherEvent.TransferOffered x: Takes(sql, e.Stream, [.. x.Parts.Select(p => p.To).Distinct()]); break;
            case VoucherEvent.PledgeOffered x: Takes(sql, e.Stream, x.Pledgee); break;
            case VoucherEvent.SaleOffered x: Takes(sql, e.Stream, x.Buyer); break;
            case VoucherEvent.Frozen x: Takes(sql, e.Stream, x.By); break;
            default: break;
        }
    }

    private static void Stage(SqlBatch sql, StoredEvent e, string stage) =>
        sql.Add("update vouchers set stage = $2 where root = $1", e.Stream, stage);

    private static void Close(SqlBatch sql, StoredEvent e, string stage) => sql.Add(
        "update vouchers set stage = $2, closed_at = $3 where root = $1", e.Stream, stage, e.OccurredAt.UtcDateTime);

    private static void Takes(SqlBatch sql, string root, params string[] parties) => sql.Add(
        "insert into voucher_parties (party, root) select distinct unnest($1), $2 on conflict do nothing", parties,
            root);
}

/// <summary>What becomes of offers, for inboxes and for the worker that lets them lapse.</summary>
internal static class OfferRows
{
    public static void Project(StoredEvent e, VoucherEvent data, SqlBatch sql)
    {
        switch (data)
        {
            case VoucherEvent.Issued x:
                Open(sql, e, "issue", x.Issuer, x.Expires, [new OfferedPart(0, x.FaceFen, x.Holder)]);
                break;
            case VoucherEvent.TransferOffered x: Open(sql, e, "transfer", x.From, x.Expires, x.Parts); break;
            case VoucherEvent.PledgeOffered x:
                Open(sql, e, "pledge", x.Holder, x.Expires, To(x.Intervals, x.Pledgee));
                break;
            case VoucherEvent.SaleOffered x: Open(sql, e, "sale", x.Seller, x.Expires, To(x.Intervals, x.Buyer)); break;
            case VoucherEvent.RecourseClaimed x:
                Open(sql, e, "recourse", x.Holder, null, To(x.Intervals, x.Seller));
                break;
            case VoucherEvent.ReturnOffered x:
                sql.Add(
                    """
                    insert into voucher_offers (root, offer, receiver, sender, kind, fen, offered_at, expires_at, state)
                    select root, $2, issuer, $3, 'return', face_fen, $4, $5, 'open' from vouchers where root = $1
                    """,
                    e.Stream, x.Command, x.From, e.OccurredAt.UtcDateTime, x.Expires.UtcDateTime);
                break;
            case VoucherEvent.Accepted x: Close(sql, e, x.Offer, x.Holder, "accepted"); break;
            case VoucherEvent.Transferred x: Close(sql, e, x.Offer, x.To, "accepted"); break;
            case VoucherEvent.Pledged x: Close(sql, e, x.Pledge, x.Pledgee, "accepted"); break;
            case VoucherEvent.Sold x: Close(sql, e, x.Sale, x.Buyer, "accepted"); break;
            case VoucherEvent.OfferRejected x: Close(sql, e, x.Offer, x.By, "rejected"); break;
            case VoucherEvent.OfferWithdrawn x: Close(sql, e, x.Offer, null, "withdrawn"); break;
            case VoucherEvent.OfferLapsed x: Close(sql, e, x.Offer, null, "lapsed"); break;
            case VoucherEvent.Returned x: Close(sql, e, x.Offer, null, "accepted"); break;
            case VoucherEvent.Repurchased x:
                sql.Add(
                    """
                    update voucher_offers set state = 'accepted'
                    where root = $1 and kind = 'recourse' and receiver = $2 and sender = $3 and state = 'open'
                    """, e.Stream, x.Seller, x.Holder);
                break;
            default: break;
        }
    }

    private static IReadOnlyList<OfferedPart> To(IEnumerable<Interval> intervals, string to) =>
        [.. intervals.Select(i => new OfferedPart(i.Start, i.End, to))];

    private static void Open(
        SqlBatch sql, StoredEvent e, string kind, string sender, DateTimeOffset? expires,
        IReadOnlyList<OfferedPart> parts)
    {
        (string To, long Fen)[] sums =
            [.. parts.GroupBy(p => p.To).Select(g => (g.Key, g.Sum(p => p.End - p.Start)))];
        sql.Add(
            """
            insert into voucher_offers (root, offer, receiver, sender, kind, fen, offered_at, expires_at, state)
            select $1, $2, r.receiver, $3, $4, r.fen, $5, $6, 'open' from unnest($7, $8) as r (receiver, fen)
            """,
            e.Stream, ((VoucherEvent)e.Data).Command, sender, kind, e.OccurredAt.UtcDateTime,
            new NpgsqlParameter
            {
                Value = (object?)expires?.UtcDateTime ?? DBNull.Value,
                NpgsqlDbType = NpgsqlDbType.TimestampTz,
            },
            sums.Select(s => s.To).ToArray(), sums.Select(s => s.Fen).ToArray());
    }

    private static void Close(SqlBatch sql, StoredEvent e, string offer, string? receiver, string state) => sql.Add(
        """
        update voucher_offers set state = $4
        where root = $1 and offer = $2 and ($3 = '' or receiver = $3) and state = 'open'
        """, e.Stream, offer, receiver ?? "", state);
}
