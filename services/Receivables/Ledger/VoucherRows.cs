using EventStore;
using EventStore.Projections;
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

    /// <summary>
    /// What was held after each movement, so that a balance as of any instant is one look at an index and not a sum
    /// over all that ever moved.
    /// </summary>
    public const string History =
        """
        create table voucher_holdings (
            party    text collate "C" not null,
            root     text collate "C" not null,
            at       timestamptz not null,
            position bigint not null,
            fen      bigint not null,
            primary key (party, root, at, position)
        );
        insert into voucher_holdings
        select party, root, at, position, sum(fen) over (partition by party, root order by position)
        from (select party, root, position, min(at) as at, sum(fen)::bigint as fen from (
                select receiver as party, root, position, at, fen from voucher_movements where moves
                union all
                select sender, root, position, at, -fen from voucher_movements where moves) e
            where party is not null group by party, root, position) m;
        """;

    /// <summary>
    /// Those that the clock looks at while a handover of theirs is not filed, and who holds something of a voucher.
    /// </summary>
    public const string Indexes =
        """
        create index vouchers_leaving on vouchers (cut_off) where stage = 'leaving';
        create index voucher_balances_root on voucher_balances (root);
        """;

    /// <inheritdoc/>
    public string Name => "vouchers";

    /// <inheritdoc/>
    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        MovementRows movements = new();
        OfferRows offers = new();
        List<(string Party, string Root)> parties = [];
        foreach (StoredEvent e in events)
        {
            if (e.Data is not VoucherEvent data)
                continue;
            ProjectVoucher(e, data, sql);
            parties.AddRange(Taking(data).Select(p => (p, e.Stream)));
            offers.Add(e, data);
            movements.Add(e, data);
        }
        if (parties.Count > 0)
        {
            parties = [.. parties.Distinct()];
            sql.Add("insert into voucher_parties (party, root) select * from unnest($1, $2) on conflict do nothing",
                parties.ConvertAll(p => p.Party), parties.ConvertAll(p => p.Root));
        }
        offers.Write(sql);
        movements.Insert(sql);
    }

    /// <inheritdoc/>
    public void Reset(SqlBatch sql) =>
        sql.Add("truncate vouchers, voucher_parties, voucher_offers, voucher_movements, voucher_balances, "
            + "voucher_holdings");

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
                break;
            case VoucherEvent.Accepted or VoucherEvent.TakenOver: Stage(sql, e, "active"); break;
            case VoucherEvent.HandoverAgreed: Stage(sql, e, "leaving"); break;
            case VoucherEvent.HandoverFiled: Stage(sql, e, "handed-over"); break;
            case VoucherEvent.HandoverEnded: Stage(sql, e, "active"); break;
            case VoucherEvent.Moved: Close(sql, e, "moved"); break;
            case VoucherEvent.Returned: Close(sql, e, "returned"); break;
            case VoucherEvent.Voided: Close(sql, e, "void"); break;
            case VoucherEvent.SnapshotTaken: Stage(sql, e, "presented"); break;
            case VoucherEvent.FellOverdue: Stage(sql, e, "overdue"); break;
            default: break;
        }
    }

    private static void Stage(SqlBatch sql, StoredEvent e, string stage) =>
        sql.Add("update vouchers set stage = $2 where root = $1", e.Stream, stage);

    private static void Close(SqlBatch sql, StoredEvent e, string stage) => sql.Add(
        "update vouchers set stage = $2, closed_at = $3 where root = $1", e.Stream, stage, e.OccurredAt.UtcDateTime);

    /// <summary>Parties that come to take part.</summary>
    private static IEnumerable<string> Taking(VoucherEvent data) => data switch
    {
        VoucherEvent.Issued x => [x.Issuer, x.Debtor, x.Holder],
        VoucherEvent.TakenOver x => x.Stated.Select(p => p.To),
        VoucherEvent.TransferOffered x => x.Parts.Select(p => p.To),
        VoucherEvent.PledgeOffered x => [x.Pledgee],
        VoucherEvent.SaleOffered x => [x.Buyer],
        VoucherEvent.Frozen x => [x.By],
        _ => [],
    };
}
