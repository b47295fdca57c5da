using EventStore;
using Microsoft.Extensions.Options;
using Npgsql;
using Receivables.Import;
using Receivables.Ledger;
using Receivables.Trade;
using Receivables.Vouchers;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Problems;

namespace Receivables.Handovers;

/// <summary>Writes what this platform states to another: every voucher with its things and every fen with its holder.</summary>
internal sealed class HandoverMaker(
    Store store, VoucherLedger ledger, TradeFiles trade, ProofBundles bundles, IOptions<ImportOptions> me,
    TimeProvider time)
{
    /// <summary>The file over vouchers whose debtors agreed to it, and that agreement of each.</summary>
    /// <exception cref="ProblemException">One of them is not, or no longer, to go there, or can't be stated.</exception>
    public async Task<(Handover File, IReadOnlyDictionary<string, Leaving> Agreed)> MakeAsync(
        string platform, string number, IReadOnlyList<string> roots, CancellationToken cancellation)
    {
        List<HandoverVoucher> vouchers = [];
        Dictionary<string, Leaving> agreed = new(StringComparer.Ordinal);
        foreach (string root in roots)
        {
            (FamilyState state, _) = await ledger.ReadAsync(root, cancellation);
            if (state.Leaving is not { Number: null } leaving || leaving.Platform != platform)
                throw new ProblemException(Problem.Of(Refusal.NotLeaving, ("root", root)));
            agreed[root] = leaving;
            vouchers.Add(await StateAsync(state, cancellation));
        }
        HandoverBalance[] balances = [.. vouchers.SelectMany(v => v.Stated).GroupBy(p => p.To)
            .OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new HandoverBalance(g.Key, g.Sum(p => p.Fen)))];
        Handover file = new(
            Handover.Form, me.Value.Name, platform, number, Handover.Instant(time.GetUtcNow()),
            vouchers.Sum(v => v.FaceFen), vouchers, balances, SumTree.Of(balances).RootHex);
        return file.Fault() is { } fault ? throw new ProblemException(Problem.Of(fault)) : (file, agreed);
    }

    private async Task<HandoverVoucher> StateAsync(FamilyState state, CancellationToken cancellation)
    {
        IReadOnlyList<HandoverThing> things = await ThingsAsync(state.Root, cancellation);
        if (things.Sum(t => t.Fen) != state.FaceFen)
            throw new ProblemException(Problem.Of("handover-things-differ", ("root", state.Root)));
        StoredEvent first = await FirstAsync(state.Root, cancellation);
        VoucherEvent.Issued issued = (VoucherEvent.Issued)first.Data;
        return new HandoverVoucher(
            state.Root, state.Debtor, state.FirstHolder, state.FaceFen, state.IssueDate, state.DueDate, issued.Trade,
            state.Terms, things, Family.StatedOf(state))
        {
            Proof = await ProofAsync(first, cancellation),
        };
    }

    /// <summary>The proof of its issue in base64; null where it is in no sealed block yet, or nobody can tell.</summary>
    private async Task<string?> ProofAsync(StoredEvent issued, CancellationToken cancellation)
    {
        try
        {
            (byte[]? bundle, _) = await bundles.GetAsync(
                issued.Id, issued.Bytes, issued.Digest, withEvent: true, TimeSpan.Zero, cancellation);
            return bundle is null ? null : Convert.ToBase64String(bundle);
        }
        catch (ProblemException)
        {
            return null;
        }
    }

    /// <summary>What a voucher uses of things: as it was issued here, or as it came here.</summary>
    private async Task<IReadOnlyList<HandoverThing>> ThingsAsync(string root, CancellationToken cancellation)
    {
        if (await ImportEvents.FileOfAsync(store, root, cancellation) is { } file)
            return file.Vouchers.First(v => v.Root == root).Things;
        List<(Guid Document, long Fen)> uses = [];
        await using (NpgsqlCommand query = store.DataSource.CreateCommand(
            "select document, fen from trade_uses where voucher = $1 and fen > 0 order by document"))
        {
            query.Parameters.Add(new() { Value = root });
            await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                uses.Add((reader.GetGuid(0), reader.GetInt64(1)));
        }
        List<HandoverThing> things = [];
        foreach ((Guid document, long fen) in uses)
        {
            TradeBody body = (await trade.FindAsync(document, cancellation))!.Body;
            things.Add(body.Kind switch
            {
                TradeKind.Invoice => new HandoverThing("invoice", body.Number, fen, body.Code),
                TradeKind.LandRight => new HandoverThing("land-right", body.Number, fen),
                TradeKind.Animal => new HandoverThing("animal", body.Number, fen),
                _ => new HandoverThing("warehouse-receipt", body.Number, fen, Keeper: body.Code),
            });
        }
        return things;
    }

    private async Task<StoredEvent> FirstAsync(string root, CancellationToken cancellation)
    {
        await using NpgsqlCommand query =
            store.DataSource.CreateCommand("select id from store.events where stream = $1 and version = 1");
        query.Parameters.Add(new() { Value = root });
        return (await store.FindEventAsync((Guid)(await query.ExecuteScalarAsync(cancellation))!, cancellation))!;
    }
}
