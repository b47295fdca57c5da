using Traceability.Graph;

namespace Services.Tests.Traceability.Graph;

/// <summary>
/// The slow model: plays all steps in order of time and keeps what is in what, and what was touched. An origin is
/// whatever, touched from the beginning, touches the item asked about.
/// </summary>
internal sealed class TraceModel(IReadOnlyList<Step> steps)
{
    private readonly Dictionary<(long Child, long Parent, StepKind Kind), decimal> _inside = [];
    private readonly HashSet<(long Member, long Lot)> _members = [];
    private readonly HashSet<(long Output, long Process)> _made = [];

    public HashSet<long> Touched { get; } = [];

    public HashSet<long> Held { get; } = [];

    public static (HashSet<long> Touched, HashSet<long> Held) Below(
        IReadOnlyList<Step> steps, long item, DateTime at, DateTime until)
    {
        TraceModel model = new(steps);
        model.Play(item, at, until);
        return (model.Touched, model.Held);
    }

    public static HashSet<long> Above(IReadOnlyList<Step> steps, long item, IEnumerable<long> all, DateTime until) =>
    [
        .. all.Where(y =>
        {
            (HashSet<long> touched, HashSet<long> held) = Below(steps, y, DateTime.MinValue, until);
            return touched.Contains(item) || held.Contains(item);
        }),
    ];

    public static HashSet<long> Inside(IReadOnlyList<Step> steps, long item, DateTime at)
    {
        TraceModel model = new(steps);
        model.Play(0, DateTime.MaxValue, at);
        return model.Within(item);
    }

    private void Play(long item, DateTime at, DateTime until)
    {
        bool begun = false;
        foreach (Step step in steps.Where(s => s.At <= until).OrderBy(s => s.At).ThenBy(s => s.Number))
        {
            if (!begun && step.At >= at)
                Begin();
            Apply(step);
            Settle();
        }
        if (!begun && at <= until)
            Begin();

        void Begin()
        {
            begun = true;
            Touched.Add(item);
            Settle();
        }
    }

    private void Apply(Step step)
    {
        long process = step.Process;
        foreach (Participant p in step.Items.Where(p => p.Lot != 0))
            _members.Add((p.Item, p.Lot));
        if (step.Kind == StepKind.Transformation)
        {
            bool reached = step.Items.Any(p => p.Role == ItemRole.Input
                && (Touched.Contains(p.Item) || Within(p.Item).Overlaps(Touched)));
            foreach (Participant p in step.Items.Where(p => p.Role == ItemRole.Output))
            {
                if (process != 0)
                    _made.Add((p.Item, process));
                else if (reached)
                    Touched.Add(p.Item);
            }
            if (reached && process != 0)
                Touched.Add(process);
        }
        foreach (Participant p in step.Items)
        {
            if (p is { Role: ItemRole.Input, Counted: false }
                || (p is { Role: ItemRole.Item, Counted: false } && step is { Kind: StepKind.Object, Action: StepAction.Delete }))
                End(p.Item);
        }
        if (step.IsContainment)
            Move(step);
    }

    private void Move(Step step)
    {
        Participant[] children = [.. step.Items.Where(p => p.Role == ItemRole.Child)];
        if (children.Length == 0 && step.Action == StepAction.Delete)
        {
            foreach ((long Child, long Parent, StepKind Kind) pair in _inside.Keys.ToArray())
            {
                if (pair.Parent == step.Parent && pair.Kind == step.Kind)
                    _inside.Remove(pair);
            }
        }
        foreach (Participant child in children)
        {
            var pair = (child.Item, step.Parent, step.Kind);
            bool known = _inside.TryGetValue(pair, out decimal amount);
            if (step.Action == StepAction.Delete)
            {
                if (child.Quantity is { } taken && known && amount > taken)
                    _inside[pair] = amount - taken;
                else
                    _inside.Remove(pair);
            }
            else if (step.Action == StepAction.Add || !known)
            {
                _inside[pair] = amount + (child.Quantity ?? 0);
            }
        }
    }

    private void End(long item)
    {
        foreach ((long Child, long Parent, StepKind Kind) pair in _inside.Keys.ToArray())
        {
            if (pair.Child == item || pair.Parent == item)
                _inside.Remove(pair);
        }
    }

    private void Settle()
    {
        for (int before = -1; before != Touched.Count;)
        {
            before = Touched.Count;
            Touched.UnionWith(_inside.Keys.Where(p => Touched.Contains(p.Parent)).Select(p => p.Child));
            Touched.UnionWith(_members.Where(m => Touched.Contains(m.Lot)).Select(m => m.Member));
            Touched.UnionWith(_made.Where(m => Touched.Contains(m.Process)).Select(m => m.Output));
        }
        HashSet<long> holders = [.. _inside.Keys.Where(p => Touched.Contains(p.Child)).Select(p => p.Parent)];
        for (int before = -1; before != holders.Count;)
        {
            before = holders.Count;
            holders.UnionWith(_inside.Keys.Where(p => holders.Contains(p.Child)).Select(p => p.Parent));
        }
        Held.UnionWith(holders);
    }

    private HashSet<long> Within(long item)
    {
        HashSet<long> within = [], layer = [item];
        while (layer.Count > 0)
        {
            layer = [.. _inside.Keys.Where(p => layer.Contains(p.Parent)).Select(p => p.Child).Where(within.Add)];
        }
        return within;
    }
}
