using EventStore;
using Npgsql;
using Receivables.Ledger;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Trade;

/// <summary>
/// A voucher that is void, returned, or lapsed before anybody accepted it, rests on its invoices no longer: in the same
/// transaction they are free for others. What was paid stays used.
/// </summary>
internal sealed class InvoiceRelease(Store store, TradeFiles files, TimeProvider time) : ILedgerCompanion
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
        IReadOnlyList<FamilyChange> changes, HeldTurns turns, CancellationToken cancellation)
    {
        List<AppendedWith> record = [];
        foreach (FamilyChange change in changes)
        {
            if (!change.Events.Any(e => e is VoucherEvent.Voided or VoucherEvent.Returned))
                continue;
            // What it uses is not committed yet: the ledger takes its commands one by one then.
            if (changes.Any(c => c.Root == change.Root && c.Events.Any(e => e is VoucherEvent.Issued)))
                throw new ProblemException(Problem.Of("command-raced"));
            foreach (Guid id in await UsedAsync(change.Root, cancellation))
                record.AddRange(await ReleaseAsync(id, change, cancellation));
        }
        return record;
    }

    private async Task<IEnumerable<AppendedWith>> ReleaseAsync(
        Guid id, FamilyChange change, CancellationToken cancellation)
    {
        TradeFile invoice = await files.FindAsync(id, cancellation)
            ?? throw new InvalidOperationException($"Invoice {id} has no file.");
        string stream = TradeDocument.Stream(id);
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(stream, cancellation);
        TradeState state = events.Select(e => (TradeEvent)e.Data).Aggregate(TradeState.Initial, TradeState.Evolve);
        if (!state.Uses.TryGetValue(change.Root, out long fen))
            return [];
        // The fact belongs to whoever deposited the invoice.
        EventContext context = new(time, change.Context.Actor, invoice.Owner);
        return TradeDocument.Release(state, invoice.WorthFen, change.Root, fen, "ended").EventsOrProblem()
            .Select((e, i) => new AppendedWith(stream, events.Count + i, context.Stamp(TradeEvents.NameOf(e), e)));
    }

    private async Task<List<Guid>> UsedAsync(string voucher, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select document from trade_uses where voucher = $1 and fen > 0 order by document");
        query.Parameters.Add(new() { Value = voucher });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<Guid> documents = [];
        while (await reader.ReadAsync(cancellation))
            documents.Add(reader.GetGuid(0));
        return documents;
    }
}
