using EventStore;
using EventStore.Projections;

namespace Receivables.Trade;

/// <summary>Which invoices a voucher rests on, looked up when it ends unpaid.</summary>
internal sealed class TradeUseRows : IProjection
{
    public const string Schema =
        """
        create table trade_uses (
            voucher  text   collate "C" not null,
            document uuid   not null,
            fen      bigint not null,
            primary key (voucher, document)
        );
        """;

    public string Name => "trade_uses";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            (string voucher, long fen) = e.Data switch
            {
                TradeEvent.Used u => (u.Voucher, u.Fen),
                TradeEvent.Released r => (r.Voucher, -r.Fen),
                _ => ("", 0),
            };
            if (fen == 0)
                continue;
            sql.Add(
                """
                insert into trade_uses values ($1, $2, $3)
                on conflict (voucher, document) do update set fen = trade_uses.fen + excluded.fen
                """,
                voucher, TradeDocument.IdOf(e.Stream), fen);
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate trade_uses");
}
