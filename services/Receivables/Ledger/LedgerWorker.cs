using EventStore;
using Npgsql;
using Receivables.Maturity;
using Receivables.Rules;
using Receivables.Vouchers;
using ServiceDefaults;
using ServiceDefaults.Problems;

namespace Receivables.Ledger;

/// <summary>Writes what the clock asks for: offers that lapse, snapshots at the cut-off, default after the due
/// date.</summary>
internal sealed partial class LedgerWorker(
    VoucherLedger ledger, Store store, IConfiguration configuration, TimeProvider time, ILogger<LedgerWorker> logger)
    : Worker
{
    private const string DueSql =
        """
        select root from voucher_offers where state = 'open' and expires_at <= $1
        union select root from vouchers where stage in ('offered', 'active') and cut_off <= $1
        union select root from vouchers where stage = 'leaving' and cut_off <= $1
        union select root from vouchers v where stage = 'presented' and coalesce(pay_day, due_date) < $2
        """;
    private const string ToldSql =
        """

            and (pay_day is null or pay_day < $3
                or exists (select from bank_days b where b.day = v.pay_day and b.complete))
        """;
    private const string LimitSql = " limit 1000";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    /// <summary>Settles everything that is due now. What a family can't settle yet doesn't keep the others.</summary>
    /// <param name="ledger">Writes it.</param>
    /// <param name="store">Knows what is due.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="filesFrom">From which pay day on the bank's file is waited for; null where nobody waits.</param>
    /// <returns>The families concerned.</returns>
    public static async Task<IReadOnlyList<string>> TickAsync(
        VoucherLedger ledger, Store store, DateTimeOffset now, CancellationToken cancellation,
        DateOnly? filesFrom = null)
    {
        List<string> due = [];
        string sql = filesFrom is null ? DueSql + LimitSql : DueSql + ToldSql + LimitSql;
        await using (NpgsqlCommand query = store.DataSource.CreateCommand(sql))
        {
            query.Parameters.Add(new() { Value = now.UtcDateTime });
            query.Parameters.Add(new() { Value = DateOnly.FromDateTime(now.ToOffset(Beijing).DateTime) });
            if (filesFrom is { } first)
                query.Parameters.Add(new() { Value = first });
            await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                due.Add(reader.GetString(0));
        }
        if (due.Count == 0)
            return due;
        WorkCalendar calendar = await ledger.CalendarAsync(cancellation);
        BankDays? files = filesFrom is { } from ? await BankDays.ReadAsync(store, from, cancellation) : null;
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
                        state, at, day => calendar.Due(day).Day, files is null ? null : files.Told)),
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

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using PeriodicTimer timer = new(Pause, time);
        DateOnly filesFrom = BankDays.FromOf(configuration);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                IReadOnlyList<string> settled =
                    await TickAsync(ledger, store, time.GetUtcNow(), stopping, filesFrom);
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
