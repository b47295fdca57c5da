using Traceability.Visibility;

namespace Traceability.Graph;

/// <summary>
/// The rows as one viewer may see them: what an owner keeps back of its events is not there, so that no question to the
/// graph can count it, follow it or name it.
/// </summary>
internal sealed class SeenRows(IGraphRows rows, Viewer viewer, Viewers viewers) : IGraphRows
{
    private const string Lot = "/ilmd/cbvmda:lotNumber";
    private readonly Dictionary<string, DisclosurePolicy> _policies = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Step?> _seen = [];

    public async ValueTask<IReadOnlyList<Step>> StepsOfAsync(
        IReadOnlyCollection<long> items, bool structuralOnly, CancellationToken cancellation)
    {
        IReadOnlyList<Step> steps = await rows.StepsOfAsync(items, structuralOnly, cancellation);
        await LoadPoliciesAsync(steps, cancellation);
        List<Step> seen = new(steps.Count);
        foreach (Step step in steps)
        {
            if (!_seen.TryGetValue(step.Number, out Step? known))
                _seen.Add(step.Number, known = See(step));
            if (known is not null)
                seen.Add(known);
        }
        return seen;
    }

    /// <summary>A step without what may not be seen of it; null where nothing may.</summary>
    /// <param name="step">The step.</param>
    /// <param name="maySee">Whether a member of its event may be seen, such as <c>/quantityList</c>.</param>
    public static Step? Redact(Step step, Func<string, bool> maySee)
    {
        // Without its time a step has no place in any history.
        if (!maySee("/eventTime"))
            return null;
        bool lots = maySee(Lot);
        Participant[] items = [.. step.Items.Where(p => p.Role == ItemRole.Lot ? lots : maySee(Pointer(p.Role, p.Counted)))
            .Select(p => lots ? p : p with { Lot = 0 })];
        // A parent without the children that the event names would look emptied.
        if (step.Has(ItemRole.Child) && !Array.Exists(items, p => p.Role == ItemRole.Child))
            items = Array.FindAll(items, p => p.Role != ItemRole.Parent);
        return new Step
        {
            Number = step.Number,
            Kind = step.Kind,
            Action = step.Action,
            At = step.At,
            RecordedAt = step.RecordedAt,
            VoidedAt = step.VoidedAt,
            EventId = step.EventId,
            BizStep = maySee("/bizStep") ? step.BizStep : null,
            Disposition = maySee("/disposition") ? step.Disposition : null,
            Place = maySee("/bizLocation") ? step.Place : 0,
            Destination = maySee("/destinationList") ? step.Destination : 0,
            Tenant = step.Tenant,
            Glns = step.Glns,
            Items = items,
        };
    }

    private Step? See(Step step)
    {
        if (VisibilityRule.RelationTo(viewer, step.Tenant, step.Glns) is not { } relation)
            return null;
        return relation is Relation.Own or Relation.Regulator
            ? step
            : Redact(step, pointer => VisibilityRule.MaySee(relation, _policies[step.Tenant], pointer)
                // The event may call it by another prefix, by which its owner keeps it back.
                && (pointer != Lot || !_policies[step.Tenant].Withheld.Any(w => w.EndsWith(":lotNumber", StringComparison.Ordinal))));
    }

    private async Task LoadPoliciesAsync(IReadOnlyList<Step> steps, CancellationToken cancellation)
    {
        string[] missing = [.. steps.Select(s => s.Tenant).Distinct().Where(t => !_policies.ContainsKey(t))];
        if (missing.Length == 0)
            return;
        IReadOnlyDictionary<string, DisclosurePolicy> read = await viewers.PoliciesAsync(missing, cancellation);
        foreach (string tenant in missing)
            _policies.Add(tenant, read.GetValueOrDefault(tenant, DisclosurePolicy.Default));
    }

    /// <summary>The member of an event in which an item stands.</summary>
    public static string Pointer(ItemRole role, bool counted) => (role, counted) switch
    {
        (ItemRole.Item, false) => "/epcList",
        (ItemRole.Item, true) => "/quantityList",
        (ItemRole.Parent, _) => "/parentID",
        (ItemRole.Child, false) => "/childEPCs",
        (ItemRole.Child, true) => "/childQuantityList",
        (ItemRole.Input, false) => "/inputEPCList",
        (ItemRole.Input, true) => "/inputQuantityList",
        (ItemRole.Output, false) => "/outputEPCList",
        (ItemRole.Output, true) => "/outputQuantityList",
        (ItemRole.Process, _) => "/transformationID",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };
}
