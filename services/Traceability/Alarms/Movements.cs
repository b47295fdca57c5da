using Traceability.Epcis.Storage;
using Traceability.Graph;
using Traceability.Visibility;

namespace Traceability.Alarms;

/// <summary>To which dealer an item went, from when on.</summary>
/// <param name="Dealer">The owner's number for the dealer.</param>
/// <param name="Since">When it was sent; the beginning of time where only its label says so.</param>
/// <param name="Carton">What it lay in then, directly.</param>
/// <param name="Chain">The movements that say so, the innermost first.</param>
/// <param name="Activation">The event that bound its label, where that says so.</param>
internal sealed record Binding(
    string Dealer, DateTimeOffset Since, string? Carton, IReadOnlyList<AlarmLink> Chain, Guid? Activation = null);

/// <summary>
/// Follows items to the dealers that they were sent to, in whatever they lay at that time. Only what the goods' owner may
/// see is followed: an alarm must not tell what was recorded between others.
/// </summary>
internal sealed class Movements(GraphViews views, Viewers viewers)
{
    private const int LayersMax = 8;

    /// <summary>The bindings of items that events tell of, in order of time; items without any are left out.</summary>
    /// <param name="owner">Whose goods they are.</param>
    /// <param name="uris">The items, canonical.</param>
    /// <param name="dealers">The owner's dealers by their GLNs.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<Binding>>> OfAsync(
        string owner, IReadOnlyCollection<string> uris, IReadOnlyDictionary<string, string> dealers,
        CancellationToken cancellation)
    {
        Dictionary<string, IReadOnlyList<Binding>> found = new(StringComparer.Ordinal);
        if (dealers.Count == 0)
            return found;
        GraphView view = await views.OpenAsync(
            await viewers.OfAsync(owner, isRegulator: false, cancellation), null, cancellation);
        Dictionary<long, string> items = await view.FindAsync(uris, cancellation);
        HashSet<long> seen = [.. items.Keys];
        long[] layer = [.. seen];
        for (int depth = 0; depth < LayersMax && layer.Length > 0; depth++)
        {
            await view.Near.LoadAllAsync(layer, cancellation);
            layer = [.. layer.SelectMany(view.Near.ParentsOf).Where(seen.Add)];
        }
        await view.Near.LoadAllAsync(layer, cancellation);
        Dictionary<long, string> names = await view.UrisAsync(
            seen.Concat(seen.SelectMany(view.Near.Of).Select(i => i.Step.Destination)).Distinct(), cancellation);
        Dictionary<long, Guid> events = view.Near.EventIds(seen);
        foreach ((long item, string uri) in items)
        {
            Walk walk = new(view.Near, names, events, dealers);
            walk.Follow(item, Window.Since(DateTime.MinValue), [], 0);
            if (walk.Found.Count > 0)
                found.Add(uri, [.. walk.Found.OrderBy(b => b.Since).ThenBy(b => b.Dealer, StringComparer.Ordinal)]);
        }
        return found;
    }

    private sealed class Walk(
        Neighbourhood near, Dictionary<long, string> names, Dictionary<long, Guid> events,
        IReadOnlyDictionary<string, string> dealers)
    {
        public List<Binding> Found { get; } = [];

        /// <summary>What was sent while the item was in it carried the item along.</summary>
        public void Follow(long carrier, Window window, AlarmLink[] way, int depth)
        {
            foreach (Incidence i in near.Of(carrier))
            {
                if (i.Step.Destination == 0 || i.Role is not (ItemRole.Item or ItemRole.Parent)
                    || !window.Contains(i.Step) || Dealer(i.Step) is not { } dealer)
                    continue;
                AlarmLink sent = new(IsReceipt(i.Step) ? "received" : "sent", names[carrier], names[i.Step.Destination], At(i.Step.At), i.Step.EventId);
                string? carton = way.Length == 0 ? CartonAt(carrier, i.Step.At) : way[0].To;
                Found.Add(new Binding(dealer, At(i.Step.At), carton, [.. way, sent]));
            }
            if (depth >= LayersMax)
                return;
            foreach (Stay stay in near.StaysOf(carrier))
            {
                Window both = window.And(stay.Window);
                if (both.IsEmpty || !events.TryGetValue(stay.Opened, out Guid opened))
                    continue;
                AlarmLink lay = new("in", names[carrier], names[stay.Parent], At(stay.Window.From), opened);
                Follow(stay.Parent, both, [.. way, lay], depth + 1);
            }
        }

        // A receipt names the same party as the shipment: it is the other end of it, not a second one.
        private static bool IsReceipt(Step step) => step.BizStep is "receiving" or "arriving" or "accepting" or "storing";

        private string? CartonAt(long item, DateTime at) =>
            near.StaysOf(item).FirstOrDefault(s => s.Window.Contains(at)) is { } stay ? names[stay.Parent] : null;

        private string? Dealer(Step step) =>
            names.TryGetValue(step.Destination, out string? uri) && Party.GlnOf(uri) is { } gln
                ? dealers.GetValueOrDefault(gln)
                : null;

        private static DateTimeOffset At(DateTime utc) => new(DateTime.SpecifyKind(utc, DateTimeKind.Utc));
    }
}
