using EventStore;
using EventStore.Projections;
using Npgsql;
using NpgsqlTypes;
using Receivables.Vouchers;

namespace Receivables.Ledger;

/// <summary>
/// What becomes of offers in one transaction, for inboxes and for the worker that lets them lapse: first what opens, then
/// what closes, because no offer opens twice.
/// </summary>
internal sealed class OfferRows
{
    private readonly List<Opened> _opened = [];
    private readonly List<Closed> _closed = [];
    private readonly List<(string Sql, object[] Values)> _between = [];
    private readonly List<(string Sql, object[] Values)> _after = [];

    public void Add(StoredEvent e, VoucherEvent data)
    {
        switch (data)
        {
            case VoucherEvent.Issued x:
                Open(e, "issue", x.Issuer, x.Expires, [new OfferedPart(0, x.FaceFen, x.Holder)]);
                break;
            case VoucherEvent.TransferOffered x: Open(e, "transfer", x.From, x.Expires, x.Parts); break;
            case VoucherEvent.PledgeOffered x:
                Open(e, "pledge", x.Holder, x.Expires, To(x.Intervals, x.Pledgee));
                break;
            case VoucherEvent.SaleOffered x: Open(e, "sale", x.Seller, x.Expires, To(x.Intervals, x.Buyer)); break;
            case VoucherEvent.RecourseClaimed x: Open(e, "recourse", x.Holder, null, To(x.Intervals, x.Seller)); break;
            case VoucherEvent.ReturnOffered x:
                _between.Add((
                    """
                    insert into voucher_offers (root, offer, receiver, sender, kind, fen, offered_at, expires_at, state)
                    select root, $2, issuer, $3, 'return', face_fen, $4, $5, 'open' from vouchers where root = $1
                    """,
                    [e.Stream, x.Command, x.From, e.OccurredAt.UtcDateTime, x.Expires.UtcDateTime]));
                break;
            case VoucherEvent.Accepted x: Close(e, x.Offer, x.Holder, "accepted"); break;
            case VoucherEvent.TakenOver x: TakeOver(e, x); break;
            case VoucherEvent.StatementConfirmed x: Answer(e, x.Offer, x.Holder, "accepted"); break;
            case VoucherEvent.StatementDisputed x: Answer(e, x.Offer, x.Holder, "disputed"); break;
            case VoucherEvent.Transferred x: Close(e, x.Offer, x.To, "accepted"); break;
            case VoucherEvent.Pledged x: Close(e, x.Pledge, x.Pledgee, "accepted"); break;
            case VoucherEvent.Sold x: Close(e, x.Sale, x.Buyer, "accepted"); break;
            case VoucherEvent.OfferRejected x: Close(e, x.Offer, x.By, "rejected"); break;
            case VoucherEvent.OfferWithdrawn x: Close(e, x.Offer, "", "withdrawn"); break;
            case VoucherEvent.OfferLapsed x: Close(e, x.Offer, "", "lapsed"); break;
            case VoucherEvent.Returned x: Close(e, x.Offer, "", "accepted"); break;
            case VoucherEvent.Repurchased x:
                _after.Add((
                    """
                    update voucher_offers set state = 'accepted'
                    where root = $1 and kind = 'recourse' and receiver = $2 and sender = $3 and state = 'open'
                    """, [e.Stream, x.Seller, x.Holder]));
                break;
            default: break;
        }
    }

    /// <summary>Writes what was added, a few statements for all of it.</summary>
    public void Write(SqlBatch sql)
    {
        if (_opened.Count > 0)
            InsertOpened(sql);
        foreach ((string statement, object[] values) in _between)
            sql.Add(statement, values);
        // What one receiver answered is closed before the rest of its offer: no row is then met twice.
        foreach (List<Closed> closed in (List<Closed>[])
            [_closed.FindAll(c => c.Receiver.Length > 0), _closed.FindAll(c => c.Receiver.Length == 0)])
        {
            if (closed.Count > 0)
                UpdateClosed(sql, [.. closed.DistinctBy(c => (c.Root, c.Offer, c.Receiver))]);
        }
        foreach ((string statement, object[] values) in _after)
            sql.Add(statement, values);
    }

    private void InsertOpened(SqlBatch sql) => sql.Add(
        """
        insert into voucher_offers (root, offer, receiver, sender, kind, fen, offered_at, expires_at, state)
        select o.root, o.offer, o.receiver, o.sender, o.kind, o.fen, o.offered_at, o.expires_at, 'open'
        from unnest($1, $2, $3, $4, $5, $6, $7, $8) as o
            (root, offer, receiver, sender, kind, fen, offered_at, expires_at)
        """,
        _opened.ConvertAll(o => o.Root), _opened.ConvertAll(o => o.Offer), _opened.ConvertAll(o => o.Receiver),
        _opened.ConvertAll(o => o.Sender), _opened.ConvertAll(o => o.Kind), _opened.ConvertAll(o => o.Fen),
        Times(_opened.ConvertAll(o => (DateTime?)o.At)), Times(_opened.ConvertAll(o => o.Expires)));

    private static void UpdateClosed(SqlBatch sql, List<Closed> closed) => sql.Add(
        """
        update voucher_offers o set state = c.state
        from unnest($1, $2, $3, $4) as c (root, offer, receiver, state)
        where o.root = c.root and o.offer = c.offer and (c.receiver = '' or o.receiver = c.receiver)
            and o.state = 'open'
        """,
        closed.ConvertAll(c => c.Root), closed.ConvertAll(c => c.Offer), closed.ConvertAll(c => c.Receiver),
        closed.ConvertAll(c => c.State));

    /// <summary>The issue is no offer to the first holder but one to each stated holder, under the same name.</summary>
    private void TakeOver(StoredEvent e, VoucherEvent.TakenOver x)
    {
        _opened.RemoveAll(o => o.Root == e.Stream && o.Offer == x.Command);
        foreach (IGrouping<string, StatedPart> to in x.Stated.GroupBy(p => p.To))
        {
            _between.Add((
                """
                insert into voucher_offers (root, offer, receiver, sender, kind, fen, offered_at, expires_at, state)
                select root, $2, $3, debtor, 'statement', $4, $5, null, 'open' from vouchers where root = $1
                """, [e.Stream, x.Command, to.Key, to.Sum(p => p.Fen), e.OccurredAt.UtcDateTime]));
        }
    }

    /// <summary>A holder that disputed a statement may confirm it later.</summary>
    private void Answer(StoredEvent e, string offer, string holder, string state) => _after.Add((
        """
        update voucher_offers set state = $4
        where root = $1 and offer = $2 and receiver = $3 and state in ('open', 'disputed')
        """, [e.Stream, offer, holder, state]));

    private static NpgsqlParameter Times(List<DateTime?> times) =>
        new() { Value = times.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz };

    private static IReadOnlyList<OfferedPart> To(IEnumerable<Interval> intervals, string to) =>
        [.. intervals.Select(i => new OfferedPart(i.Start, i.End, to))];

    private void Open(
        StoredEvent e, string kind, string sender, DateTimeOffset? expires, IReadOnlyList<OfferedPart> parts)
    {
        foreach (IGrouping<string, OfferedPart> to in parts.GroupBy(p => p.To))
        {
            _opened.Add(new Opened(
                e.Stream, ((VoucherEvent)e.Data).Command, to.Key, sender, kind, to.Sum(p => p.End - p.Start),
                e.OccurredAt.UtcDateTime, expires?.UtcDateTime));
        }
    }

    private void Close(StoredEvent e, string offer, string receiver, string state) =>
        _closed.Add(new Closed(e.Stream, offer, receiver, state));

    private sealed record Opened(
        string Root, string Offer, string Receiver, string Sender, string Kind, long Fen, DateTime At, DateTime? Expires);

    /// <param name="Root">The family.</param>
    /// <param name="Offer">The offer.</param>
    /// <param name="Receiver">Whose part; empty for all that is open.</param>
    /// <param name="State">What became of it.</param>
    private sealed record Closed(string Root, string Offer, string Receiver, string State);
}
