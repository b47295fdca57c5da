using EventStore;
using EventStore.Projections;
using Npgsql;
using NpgsqlTypes;
using Receivables.Vouchers;

namespace Receivables.Ledger;

/// <summary>
/// The movements of a transaction: one row for each interval, debit and credit in one. Balances are their sums, now and
/// at any instant.
/// </summary>
internal sealed class MovementRows
{
    private readonly List<Row> _rows = [];

    public void Add(StoredEvent e, VoucherEvent data)
    {
        switch (data)
        {
            case VoucherEvent.Accepted x: Whole(e, "issued", x.Command, null, x.Holder); break;
            case VoucherEvent.TakenOver x:
                foreach (StatedPart p in x.Stated)
                    Each(e, "taken-over", x.Command, null, p.To, [p.Interval], moves: true);
                break;
            case VoucherEvent.Moved x:
                foreach (StatedPart p in x.Stated)
                    Each(e, "moved", x.Command, p.To, null, [p.Interval], moves: true);
                break;
            case VoucherEvent.Transferred x:
                Each(e, "transferred", x.Offer, x.From, x.To, x.Intervals, moves: true);
                break;
            case VoucherEvent.Sold x:
                Each(e, "sold", x.Sale, x.Seller, x.Buyer, x.Intervals, moves: true, x.WithRecourse);
                break;
            case VoucherEvent.Repurchased x: Unpaid(e, x); break;
            case VoucherEvent.Pledged x: Each(e, "pledged", x.Pledge, x.Holder, x.Pledgee, x.Intervals); break;
            case VoucherEvent.PledgeReleased x: Each(e, "released", x.Pledge, null, null, x.Intervals); break;
            case VoucherEvent.Frozen x: Each(e, "frozen", x.Command, x.Holder, x.By, x.Intervals); break;
            case VoucherEvent.Unfrozen x: Each(e, "unfrozen", x.Order, null, null, x.Intervals); break;
            case VoucherEvent.Merged x:
                Each(e, "merged", x.Command, x.Holder, x.Holder, [new Interval(x.Start, x.End)]);
                break;
            case VoucherEvent.Returned x: Whole(e, "returned", x.Command, "", null); break;
            case VoucherEvent.PaymentRecorded x:
                foreach (LeafPaid paid in x.Payments)
                    _rows.Add(new Row(e, "paid", x.Receipt, paid.Holder, null, paid.Start, paid.End, paid.Fen,
                        Moves: true));
                break;
            default: break;
        }
    }

    public void Insert(SqlBatch sql)
    {
        if (_rows.Count == 0)
            return;
        Dictionary<long, int> numbers = [];
        int[] number = [.. _rows.Select(r =>
            numbers[r.Event.Position] = numbers.GetValueOrDefault(r.Event.Position) + 1)];
        sql.Add(
            """
            insert into voucher_movements
                (position, number, root, at, kind, command, sender, receiver, start_fen, end_fen, fen, moves, recourse)
            select m.position, m.number, m.root, m.at, m.kind, m.command,
                case when m.sender = '' then v.first_holder else m.sender end, m.receiver, m.start_fen,
                case when m.end_fen = 0 then v.face_fen else m.end_fen end,
                case when m.fen = 0 then v.face_fen when m.kind = 'repurchased' then m.fen - (
                    select coalesce(sum(p.fen), 0) from voucher_movements p where p.root = m.root and p.kind = 'paid'
                    and p.start_fen >= m.start_fen and p.end_fen <= m.end_fen) else m.fen end, m.moves, m.recourse
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) as m
                (position, number, root, at, kind, command, sender, receiver, start_fen, end_fen, fen, moves, recourse)
            join vouchers v using (root)
            """,
            Column(r => r.Event.Position), number, Column(r => r.Event.Stream), Times(), Column(r => r.Kind),
            Column(r => r.Command), Texts(r => r.Sender), Texts(r => r.Receiver), Column(r => r.Start),
            Column(r => r.End), Column(r => r.Fen), Column(r => r.Moves),
            Column(r => r.Recourse));
        if (_rows.Exists(r => r.Moves))
            SumUp(sql);
    }

    /// <summary>Adds what the new movements come to, and closes vouchers that are paid in full.</summary>
    private void SumUp(SqlBatch sql)
    {
        long[] positions = [.. _rows.Where(r => r.Moves).Select(r => r.Event.Position).Distinct()];
        // In two steps, because the check that none falls below zero also meets the row proposed for an upsert.
        const string Entries =
            """
            (select party, root, sum(fen)::bigint as fen from (
                select receiver as party, root, fen from voucher_movements where position = any($1) and moves
                union all
                select sender, root, -fen from voucher_movements where position = any($1) and moves) e
            where party is not null group by party, root order by party, root)
            """;
        sql.Add(
            $"insert into voucher_balances select party, root, 0 from {Entries} n on conflict do nothing",
            positions);
        sql.Add(
            """
            insert into voucher_holdings (party, root, at, position, fen)
            select e.party, e.root, e.at, e.position,
                b.fen + sum(e.fen) over (partition by e.party, e.root order by e.position)
            from (select party, root, position, min(at) as at, sum(fen)::bigint as fen from (
                    select receiver as party, root, position, at, fen from voucher_movements
                    where position = any($1) and moves
                    union all
                    select sender, root, position, at, -fen from voucher_movements
                    where position = any($1) and moves) m
                where party is not null group by party, root, position) e
            join voucher_balances b using (party, root)
            """, positions);
        sql.Add(
            $"""
            update voucher_balances b set fen = b.fen + n.fen from {Entries} n
            where b.party = n.party and b.root = n.root
            """, positions);
        string[] paid = [.. _rows.Where(r => r.Kind == "paid").Select(r => r.Event.Stream).Distinct()];
        if (paid.Length > 0)
        {
            sql.Add(
                """
                update vouchers v set stage = 'paid', closed_at = $2 where v.root = any($1)
                and (select sum(fen) from voucher_movements m where m.root = v.root and m.kind = 'paid') = v.face_fen
                """, paid, _rows.Last(r => r.Kind == "paid").Event.OccurredAt.UtcDateTime);
        }
    }

    private void Each(
        StoredEvent e, string kind, string command, string? from, string? to, IReadOnlyList<Interval> intervals,
        bool moves = false, bool recourse = false)
    {
        foreach (Interval i in intervals)
            _rows.Add(new Row(e, kind, command, from, to, i.Start, i.End, i.Fen, moves, recourse));
    }

    /// <summary>What was paid already is not bought back; payments before this transaction are taken off by the
    /// statement.</summary>
    private void Unpaid(StoredEvent e, VoucherEvent.Repurchased x)
    {
        foreach (Interval i in x.Intervals)
        {
            long paid = _rows.Where(r => r.Kind == "paid" && r.Event.Stream == e.Stream && r.Start >= i.Start
                && r.End <= i.End).Sum(r => r.Fen);
            _rows.Add(new Row(e, "repurchased", x.Sale, x.Holder, x.Seller, i.Start, i.End, i.Fen - paid, Moves: true));
        }
    }

    /// <summary>Of the whole root; its face, and for an empty sender its first holder, are filled in by the
    /// statement.</summary>
    private void Whole(StoredEvent e, string kind, string command, string? from, string? to) =>
        _rows.Add(new Row(e, kind, command, from, to, 0, 0, 0, Moves: true));

    private T[] Column<T>(Func<Row, T> value) => [.. _rows.Select(value)];

    private NpgsqlParameter Texts(Func<Row, string?> value) =>
        new() { Value = Column(value), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private NpgsqlParameter Times() => new()
    {
        Value = Column(r => r.Event.OccurredAt.UtcDateTime),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
    };

    private sealed record Row(
        StoredEvent Event, string Kind, string Command, string? Sender, string? Receiver, long Start, long End,
        long Fen, bool Moves, bool Recourse = false);
}
