using EventStore;
using Npgsql;

namespace Receivables.Maturity;

/// <summary>
/// What a payer owes on vouchers whose payees are fixed. Whoever sets a payment against them holds them until it is
/// stored, so that no two payments count on the same debt.
/// </summary>
internal sealed class Debts : IAsyncDisposable
{
    private readonly Store _store;
    private readonly string? _payer;
    private readonly NpgsqlConnection? _lock;
    private readonly NpgsqlTransaction? _held;

    private Debts(Store store, string? payer, NpgsqlConnection? connection, NpgsqlTransaction? held) =>
        (_store, _payer, _lock, _held) = (store, payer, connection, held);

    /// <summary>Holds a payer's debts; nothing is held where nobody knows the payer.</summary>
    public static async Task<Debts> OfAsync(Store store, string? payer, CancellationToken cancellation)
    {
        if (payer is null)
            return new Debts(store, null, null, null);
        NpgsqlConnection connection = await store.DataSource.OpenConnectionAsync(cancellation);
        NpgsqlTransaction held = await connection.BeginTransactionAsync(cancellation);
        await using NpgsqlCommand take =
            new("select pg_advisory_xact_lock(hashtextextended($1, 560))", connection, held);
        take.Parameters.Add(new() { Value = payer });
        await take.ExecuteNonQueryAsync(cancellation);
        return new Debts(store, payer, connection, held);
    }

    /// <summary>
    /// Debts with costs and interest through a day, less what is set against them but not allocated yet. The session
    /// fails where one of them changes before it commits.
    /// </summary>
    public async Task<List<Debt>> OnAsync(Session session, DateOnly day, CancellationToken cancellation)
    {
        List<string> roots = [];
        Dictionary<string, List<ClearingEvent.ReceiptAllocated>> waiting = new(StringComparer.Ordinal);
        await using (NpgsqlCommand query = _store.DataSource.CreateCommand(
            """
            select c.root, p.receipt, i.fen, p.value_date, p.sha256 from clearings c
            left join payment_parts i on i.root = c.root and not i.allocated left join payments p using (stream)
            where c.debtor = $1 and c.due_fen + c.other_fen > 0 order by c.root, p.value_date, p.receipt
            """))
        {
            query.Parameters.Add(new() { Value = _payer ?? "" });
            await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                string root = reader.GetString(0);
                if (waiting.TryAdd(root, []))
                    roots.Add(root);
                if (!reader.IsDBNull(1))
                {
                    waiting[root].Add(new ClearingEvent.ReceiptAllocated(
                        reader.GetString(1), reader.GetInt64(2), reader.GetFieldValue<DateOnly>(3), reader.GetString(4),
                        [], 0));
                }
            }
        }
        List<Debt> debts = [];
        foreach (string root in roots)
        {
            WritableStream<ClearingState> stream =
                await session.FetchForWriting<ClearingState>(ClearingEvents.Stream(root), cancellation);
            session.Append(stream.Id, stream.CurrentVersion);
            ClearingState state = stream.Aggregate;
            foreach (ClearingEvent.ReceiptAllocated part in waiting[root])
            {
                if (Clearing.Receive(state, part.Receipt, part.Fen, part.ValueDate, part.Sha256)
                    is ServiceDefaults.Decision<ClearingEvent>.Accepted allocated)
                    state = allocated.Events.Aggregate(state, ClearingState.Evolve);
            }
            if (state.Payable.Total > 0)
                debts.Add(Of(state, day));
        }
        return debts;
    }

    public async ValueTask DisposeAsync()
    {
        if (_held is not null)
            await _held.DisposeAsync();
        if (_lock is not null)
            await _lock.DisposeAsync();
    }

    /// <summary>
    /// A voucher as art. 560 looks at it. The register holds no security for vouchers, so all are equal in that; the
    /// burden is the yearly rate of late interest.
    /// </summary>
    internal static Debt Of(ClearingState state, DateOnly day)
    {
        LateRate rate = LateRate.Of(state.Terms!, day);
        long burden = (long)((Int128)rate.Numerator * 365 * 1_000_000 / rate.Denominator);
        if (day > state.ChargedThrough && state.Due.Principal > 0)
            state = ClearingState.Evolve(state, Clearing.ChargeThrough(state, day));
        return new Debt(state.Root, state.PayDay, 0, (int)burden, state.Payable.Total);
    }
}
