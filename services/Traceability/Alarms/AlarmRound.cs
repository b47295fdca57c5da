using Traceability.Codes.Validation;
using Traceability.Scanning;

namespace Traceability.Alarms;

/// <summary>What a run over items came to.</summary>
/// <param name="Items">How many items were looked at.</param>
/// <param name="Raised">Alarms that were raised.</param>
/// <param name="Watched">Items whose signs are too weak for an alarm.</param>
internal sealed record RoundResult(int Items, IReadOnlyList<Guid> Raised, int Watched)
{
    public static readonly RoundResult Empty = new(0, [], 0);

    public RoundResult With(RoundResult other) =>
        new(Items + other.Items, [.. Raised, .. other.Raised], Watched + other.Watched);
}

/// <summary>
/// Runs the formulas over items: each code by itself, then the lots and the dealers' goods that they belong to. The same
/// items may be run over again at any time; what is on record already is not raised twice.
/// </summary>
internal sealed class AlarmRound(
    AlarmReading reading, AlarmItems items, Movements movements, CodeValidator codes, AlarmRecorder recorder,
    TimeProvider time)
{
    /// <summary>Runs over items of any owners; those that nobody described as products are left out.</summary>
    public async Task<RoundResult> RunAsync(IReadOnlyCollection<ItemId> changed, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, string> owners =
            await reading.OwnersAsync(changed.Select(i => i.Gtin), cancellation);
        RoundResult result = RoundResult.Empty;
        foreach (IGrouping<string, ItemId> owned in changed.Where(i => owners.ContainsKey(i.Gtin))
                     .GroupBy(i => owners[i.Gtin]))
            result = result.With(await RunAsync(owned.Key, [.. owned], cancellation));
        return result;
    }

    private async Task<RoundResult> RunAsync(
        string owner, IReadOnlyCollection<ItemId> ids, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        SuspicionLimits limits = await recorder.LimitsAsync(owner, cancellation);
        IReadOnlyDictionary<string, KnownDealer> dealers = await reading.DealersAsync(owner, cancellation);
        IReadOnlyList<CheckedItem> read =
            await reading.ReadAsync(ids, now.AddDays(-limits.WindowDays), cancellation);
        Dictionary<string, string> byGln = dealers.Values.Where(d => d.Gln is not null)
            .GroupBy(d => d.Gln!).ToDictionary(g => g.Key, g => g.First().Dealer.Code);
        IReadOnlyDictionary<string, IReadOnlyList<Binding>> moved =
            await movements.OfAsync(owner, [.. ids.Select(i => i.Uri)], byGln, cancellation);
        List<Guid> raised = [];
        List<AlarmItem> rows = [];
        foreach (CheckedItem item in read)
        {
            IReadOnlyList<Binding> bindings = moved.GetValueOrDefault(item.Id.Uri) ?? Labelled(item.Id.Uri);
            string? code = bindings.Count > 0 ? bindings[^1].Dealer : null;
            bool unsold = item.IsSaleComplete && item.Sales.Count == 0;
            CloneCase found = new(owner, item, unsold, limits, bindings, code is null ? null : dealers.GetValueOrDefault(code));
            (CloneAssessment clone, Guid? alarm) = await recorder.ConsiderAsync(found, cancellation);
            if (alarm is { } id)
                raised.Add(id);
            if (item.Checks.Count > 0)
                rows.Add(AlarmItem.Of(owner, item, clone.Grade, bindings));
        }
        await items.KeepAsync(rows, cancellation);
        foreach ((string gtin, string lot) in rows.Where(r => r is { Lot: not null, Grade: SuspicionGrade.Alarm })
                     .Select(r => (r.Id.Gtin, r.Lot!)).Distinct())
            raised.AddRange(await LotAsync(owner, gtin, lot, limits, now, cancellation));
        foreach (string code in rows.Select(r => r.Dealer).OfType<string>().Distinct())
        {
            if (dealers.TryGetValue(code, out KnownDealer? dealer))
                raised.AddRange(await DealerAsync(owner, dealer, limits, now, byGln, cancellation));
        }
        return new RoundResult(ids.Count, raised, rows.Count(r => r.Grade == SuspicionGrade.Watch));
    }

    /// <summary>Where no event tells of a movement: the dealer that the label was activated for.</summary>
    private IReadOnlyList<Binding> Labelled(string uri) =>
        codes.Find(uri).Activation is { Dealer: { } dealer } activation
            ? [new Binding(dealer, DateTimeOffset.MinValue, null, [], activation.EventId)]
            : [];

    private async Task<IReadOnlyList<Guid>> LotAsync(
        string owner, string gtin, string lot, SuspicionLimits limits, DateTimeOffset now, CancellationToken cancellation)
    {
        LotCount count = await items.CountLotAsync(owner, gtin, lot, now.AddDays(-limits.WindowDays), cancellation);
        // Of all other lots, and what is assumed before there are any.
        double usual = (count.OtherSuspected + limits.UsualCloneItems * limits.UsualCloneRate)
            / (count.OtherChecked + limits.UsualCloneItems);
        return Suspicion.ClonedLot(count.Suspected, count.Checked, usual, limits) is { } sign
            && await recorder.RaiseLotAsync(owner, gtin, lot, count, usual, sign, limits, cancellation) is { } id
                ? [id]
                : [];
    }

    /// <summary>
    /// A dealer's goods by carton, then by lot, then by product, so that an alarm names no more goods than it is about:
    /// what lies in a carton with an alarm of its own does not count again.
    /// </summary>
    private async Task<IReadOnlyList<Guid>> DealerAsync(
        string owner, KnownDealer dealer, SuspicionLimits limits, DateTimeOffset now, Dictionary<string, string> byGln,
        CancellationToken cancellation)
    {
        IReadOnlyList<AlarmItem> all = await items.OfDealerAsync(
            owner, dealer.Dealer.Code, now.AddDays(-limits.WindowDays), cancellation);
        List<Guid> raised = [];
        HashSet<ItemId> named = [];
        foreach (Func<AlarmItem, (string Uri, string? Lot)?> scope in Scopes)
        {
            foreach (IGrouping<(string Uri, string? Lot), AlarmItem> group in all
                         .Where(i => !named.Contains(i.Id) && scope(i) is not null).GroupBy(i => scope(i)!.Value)
                         .OrderBy(g => g.Key.Uri, StringComparer.Ordinal))
            {
                DiversionCase found = new(
                    owner, dealer, group.Key.Uri, group.First().Id.Gtin, group.Key.Lot, [.. group], limits);
                (SuspicionGrade grade, Guid? alarm) = await recorder.ConsiderAsync(
                    found, uris => BindingsAsync(owner, uris, byGln, cancellation), cancellation);
                if (grade == SuspicionGrade.Alarm)
                    named.UnionWith(group.Select(i => i.Id));
                if (alarm is { } id)
                    raised.Add(id);
            }
        }
        return raised;
    }

    private async Task<IReadOnlyDictionary<string, IReadOnlyList<Binding>>> BindingsAsync(
        string owner, IReadOnlyCollection<string> uris, Dictionary<string, string> byGln, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, IReadOnlyList<Binding>> moved =
            await movements.OfAsync(owner, uris, byGln, cancellation);
        return uris.Distinct().ToDictionary(u => u, u => moved.GetValueOrDefault(u) ?? Labelled(u));
    }

    private static readonly Func<AlarmItem, (string Uri, string? Lot)?>[] Scopes =
    [
        i => i.Carton is { } carton ? (carton, i.Lot) : null,
        i => i.Lot is { } lot ? (new ItemKey(i.Id.Gtin, lot).LotUri, lot) : null,
        i => (new ItemKey(i.Id.Gtin).ProductUri, null),
    ];
}
