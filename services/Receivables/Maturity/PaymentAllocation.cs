using EventStore;
using Npgsql;
using Receivables.Ledger;
using ServiceDefaults.Problems;

namespace Receivables.Maturity;

/// <summary>
/// Allocates the parts of payments in their vouchers. A part is recorded before it is allocated, and a voucher takes a
/// receipt once: after a crash the rest follows. What can't be allocated is logged and stays in the list of payments.
/// </summary>
internal sealed partial class PaymentAllocation(
    Store store, ILedger ledger, TimeProvider time, ILogger<PaymentAllocation> logger)
{
    private const int AttemptsMax = 4;

    /// <summary>Allocates what waits.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        List<(string Root, PaymentEvent.Received Part)> waiting = [];
        await using (NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select i.root, p.receipt, i.fen, p.value_date, p.sha256
            from payment_parts i join payments p using (stream) where not i.allocated order by p.value_date, i.root
            """))
        await using (NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                waiting.Add((reader.GetString(0), new PaymentEvent.Received(
                    reader.GetString(1), reader.GetInt64(2), reader.GetFieldValue<DateOnly>(3), reader.GetString(4))));
            }
        }
        foreach ((string root, PaymentEvent.Received part) in waiting)
            await AllocateAsync(root, part, cancellation);
    }

    private async Task AllocateAsync(string root, PaymentEvent.Received part, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await using Session session = store.OpenSession(new EventContext(time, store.Service, store.Service));
                await RunClearing.AllocateAsync(root, part, [], session, store, ledger, cancellation);
                await session.SaveChangesAsync(cancellation);
                return;
            }
            catch (ConcurrencyException) when (attempt < AttemptsMax)
            {
                // Another entry was first: what is due may have changed.
            }
            catch (ProblemException e)
            {
                // Somebody else has just allocated it, which is as good; otherwise it is told, and neither stops the
                // service nor keeps the parts behind it.
                ClearingState state =
                    await store.AggregateStreamAsync<ClearingState>(ClearingEvents.Stream(root), cancellation);
                if (!state.Receipts.Contains(part.Receipt))
                    LogWaits(logger, part.Receipt, root, e.Message);
                return;
            }
        }
    }

    [LoggerMessage(EventId = 5103, Level = LogLevel.Warning,
        Message = "Receipt {Receipt} waits for voucher {Root}: {Cause}")]
    private static partial void LogWaits(ILogger logger, string receipt, string root, string cause);
}
