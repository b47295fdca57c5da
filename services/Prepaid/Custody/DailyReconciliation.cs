using EventStore;
using Prepaid.Days;

namespace Prepaid.Custody;

/// <summary>
/// Reconciles each day also where no statement came: it is due on the next day (D+1), and a merchant whose bank is silent is
/// as much on record as one that is short.
/// </summary>
internal sealed class DailyReconciliation(Store store, TreeRows trees, TimeProvider time)
{
    /// <summary>Days of a merchant that are caught up with at once, after a service stood still.</summary>
    private const int DaysMost = 31;

    private DateOnly? _done;

    /// <summary>Reconciles what is due, once for each day; what was reconciled stays as it was.</summary>
    /// <returns>Days of merchants that were put on record.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (await trees.LastAsync(cancellation) is not { } last || last.AddDays(-1) is var due && due == _done)
            return 0;
        int recorded = 0;
        foreach (DayRow row in await trees.OfDayAsync(due, cancellation))
            recorded += await ReconcileAsync(row.Merchant, due, cancellation);
        _done = due;
        return recorded;
    }

    private async Task<int> ReconcileAsync(string merchant, DateOnly due, CancellationToken cancellation)
    {
        await using Session session = store.OpenSession(new EventContext(time, store.Service, merchant));
        WritableStream<CustodyAccount> stream =
            await session.FetchForWriting<CustodyAccount>(CustodySlice.Stream(merchant), cancellation);
        CustodyAccount account = stream.Aggregate;
        if (account.Account is null)
            return 0;
        DateOnly from = account.Reconciled?.Day.AddDays(1) ?? due;
        int recorded = 0;
        for (DateOnly day = from < due.AddDays(-DaysMost) ? due.AddDays(-DaysMost) : from; day <= due; day = day.AddDays(1))
        {
            if (await CustodySlice.OfDayAsync(store, trees, merchant, account, day, cancellation) is not { } figures)
                continue;
            CustodyEvent.DayReconciled reconciled = new(day, figures.RequiredFen, figures.ResourceFen, figures.Breaks);
            stream.AppendOne(reconciled);
            account = CustodyAccount.Evolve(account, reconciled);
            recorded++;
        }
        try
        {
            await session.SaveChangesAsync(cancellation);
            return recorded;
        }
        catch (ConcurrencyException)
        {
            // A statement came meanwhile and reconciled its day itself; the next run takes up the rest.
            return 0;
        }
    }
}
