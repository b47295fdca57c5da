using EventStore;
using Npgsql;
using Receivables.Rules;
using Receivables.Vouchers;
using ServiceDefaults;
using ServiceDefaults.Problems;

namespace Receivables.Ledger;

/// <summary>Writes what the clock asks for: offers that lapse, snapshots at the cut-off, default after the due
/// date.</summary>
internal sealed partial class LedgerWorker(
    VoucherLedger ledger, Store store, TimeProvider time, ILogger<LedgerWorker> logger)
    : BackgroundService
{
    private const string DueSql =
        """
        select root from voucher_offers where state = 'open' and expires_at <= $1
        union select root from vouchers where stage in ('offered', 'active') and cut_off <= $1
        union select root from vouchers where stage = 'presented' and coalesce(pay_day, due_date) < $2
        limit 1000
        """;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    /// <summary>Settles everything that is due now. What a family can't settle yet doesn't keep the others.</summary>
    /// <returns>The families concerned.</returns>
    public static async Task<IReadOnlyList<string>> TickAsync(
        VoucherLedger ledger, Store store, DateTimeOffset now, CancellationToken cancellation)
    {
        List<string> due = [];
        await using (NpgsqlCommand query = store.DataSource.CreateCommand(DueSql))
        {
            query.Parameters.Add(new() { Value = now.UtcDateTime });
            query.Parameters.Add(new() { Value = DateOnly.FromDateTime(now.ToOffset(Beijing).DateTime) });
            await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                due.Add(reader.GetString(0));
        }
        if (due.Count == 0)
            return due;
        WorkCalendar calendar = await ledger.CalendarAsync(cancellation);
        List<string> settled = [];
        foreach (string root in due)
        {
            try
            {
                await ledger.RunAsync(new LedgerRequest
                {
                    Roots = [root],
                    Actor = store.Service,
                    Decide = (state, _, at) => new Decision<VoucherEvent>.Accepted(Family.Tick(
                        state, at, day => calendar.Due(day).Day)),
                }, cancellation);
                settled.Add(root);
            }
            catch (ProblemException)
            {
                // A companion refuses for now, for example while the claim of a lapsed issue moves: the next round asks
                // again.
            }
        }
        return settled;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Pause, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                IReadOnlyList<string> settled = await TickAsync(ledger, store, time.GetUtcNow(), stoppingToken);
                if (settled.Count > 0)
                    LogSettled(logger, settled.Count);
            }
            catch (Exception e) when (e is NpgsqlException or AppendException or TimeoutException)
            {
                LogWaiting(logger, e.Message);
            }
        }
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information,
        Message = "The clock settled {Count} voucher families")]
    private static partial void LogSettled(ILogger logger, int count);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning,
        Message = "Voucher families wait for the database: {Cause}")]
    private static partial void LogWaiting(ILogger logger, string cause);
}
