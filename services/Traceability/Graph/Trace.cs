namespace Traceability.Graph;

/// <summary>Which way a trace goes.</summary>
public enum TraceDirection
{
    /// <summary>Where it went and what became of it.</summary>
    Down,

    /// <summary>Where it came from and what it was made of.</summary>
    Up,
}

/// <summary>Why an item is in a trace.</summary>
public enum TraceRelation
{
    /// <summary>It was asked for.</summary>
    Start,

    /// <summary>Made from, or used for, the item that led here.</summary>
    Transformed,

    /// <summary>Was inside the item that led here (down), or what that one was inside of (up).</summary>
    Contained,

    /// <summary>A piece of the lot that led here (down), or its lot (up).</summary>
    Member,

    /// <summary>Only held the item that led here; what else it held is not touched.</summary>
    Carrier,
}

/// <summary>One item of a trace.</summary>
/// <param name="Item">The item.</param>
/// <param name="Relation">Why it is there.</param>
/// <param name="From">The item that led to it, or 0.</param>
/// <param name="Step">Number of the step that led to it, or 0.</param>
/// <param name="At">
/// Down: since when it is touched. Up: until when it could have touched what was asked for. The extreme values mean
/// without limit.
/// </param>
/// <param name="Depth">Links from the start.</param>
/// <param name="Tied">
/// The step that touched it at that very instant, or 0: what one step makes is not what it used.
/// </param>
public sealed record TraceNode(
    long Item, TraceRelation Relation, long From, long Step, DateTime At, int Depth, long Tied = 0);

/// <summary>A finished trace.</summary>
/// <param name="Nodes">Items touched, the start first, nearest first.</param>
/// <param name="Carriers">What held them, with the time it did.</param>
/// <param name="Truncated">Whether the limit of items was met.</param>
public sealed record TraceResult(
    IReadOnlyList<TraceNode> Nodes, IReadOnlyList<(TraceNode Node, Window Window)> Carriers, bool Truncated);

/// <summary>
/// A trace that respects time. Down, an item is touched from an instant on: what it is used for later is touched, what
/// is in it later is, and the pieces of a lot are; what holds it is only a carrier, whose use as an input still touches
/// the outputs. Up is the exact reverse: y is above x when x is below y. Each item keeps its best instant and is looked
/// at
/// again only when that improves, so a trace ends on every graph.
/// </summary>
internal sealed class Trace(Neighbourhood near, TraceDirection direction, int itemsMax)
{
    private readonly Dictionary<long, TraceNode> _touched = [];
    private readonly Dictionary<long, List<(TraceNode Node, Window Window)>> _held = [];
    private HashSet<long> _nextTouched = [];

    /// <summary>Processes into which somebody on the chain of what it used put something.</summary>
    private readonly HashSet<long> _trusted = [];
    private List<(TraceNode Node, Window Window)> _nextHeld = [];
    private int _depth;

    /// <summary>Traces an item.</summary>
    /// <param name="start">Where it begins.</param>
    /// <param name="at">Down: touched since then. Up: until then. Null means without limit.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<TraceResult> RunAsync(
        IReadOnlyCollection<long> start, DateTime? at, CancellationToken cancellation)
    {
        bool down = direction == TraceDirection.Down;
        DateTime begin = at ?? (down ? DateTime.MinValue : DateTime.MaxValue);
        foreach (long item in start)
        {
            Touch(new TraceNode(item, TraceRelation.Start, 0, 0, begin, 0));
            if (!down)
                Hold(new TraceNode(item, TraceRelation.Start, 0, 0, begin, 0), Window.Until(begin));
        }
        while ((_nextTouched.Count > 0 || _nextHeld.Count > 0) && _touched.Count <= itemsMax)
        {
            (HashSet<long> touched, List<(TraceNode Node, Window Window)> held) = (_nextTouched, _nextHeld);
            (_nextTouched, _nextHeld) = ([], []);
            _depth++;
            await LoadAsync(touched, held, cancellation);
            foreach (long item in touched)
            {
                if (down)
                    TouchBelow(_touched[item]);
                else
                    TouchAbove(_touched[item]);
            }
            foreach ((TraceNode node, Window window) in held)
            {
                if (down)
                    FollowCarrier(node, window);
                else
                    FollowContents(node.Item, window);
            }
        }
        return new TraceResult(
            [.. _touched.Values.OrderBy(n => n.Depth)],
            // An empty window only hands the item on to the step that ended it.
            down ? [.. _held.Values.SelectMany(h => h).Where(h => h.Window.From < h.Window.To)] : [],
            _touched.Count > itemsMax);
    }

    /// <summary>
    /// Stays need both sides: what the items were in, and for those that pass to their contents the contents.
    /// </summary>
    private async Task LoadAsync(
        HashSet<long> touched, List<(TraceNode Node, Window Window)> held, CancellationToken cancellation)
    {
        long[] holders = [.. held.Select(h => h.Node.Item)];
        await near.LoadAsync(touched.Concat(holders), cancellation);
        bool down = direction == TraceDirection.Down;
        IEnumerable<long> parents = touched.Concat(down ? holders : []).SelectMany(near.ParentsOf);
        IEnumerable<long> children = (down ? touched : holders.AsEnumerable()).SelectMany(near.ChildrenOf);
        await near.LoadAsync(parents.Concat(children).ToArray(), cancellation);
        // Whose word counts for what outsiders say to have made.
        if (down)
            await near.LoadAsync(touched.Concat(holders).SelectMany(Doubtful).Select(p => p.Item).ToArray(), cancellation);
    }

    private IEnumerable<Participant> Doubtful(long item) => near.ToldOf(item)
        .Where(i => i.Role == ItemRole.Process ? !_trusted.Contains(item) : i.Role == ItemRole.Input && !IsOnChain(item, i.Step))
        .SelectMany(i => i.Step.Items).Where(p => p.Role == ItemRole.Output);

    private bool IsOnChain(long item, Step step) => near.ChainOf(item)?.Contains(step.Tenant) != false;

    private void TouchBelow(TraceNode node)
    {
        foreach (Incidence i in Followed(node.Item))
        {
            switch (i.Role)
            {
                case ItemRole.Input when i.Step.At >= node.At && i.Step.Number != node.Tied:
                    TouchMade(node.Item, i.Step);
                    break;
                case ItemRole.Process:
                    foreach (Participant p in i.Step.Items)
                    {
                        if (p.Role == ItemRole.Output && (_trusted.Contains(node.Item) || IsOnChain(p.Item, i.Step)))
                            TouchLater(p.Item, TraceRelation.Transformed, node, i.Step);
                    }
                    break;
                case ItemRole.Lot:
                    foreach (Participant p in i.Step.Items)
                    {
                        if (p.Lot == node.Item)
                            TouchLater(p.Item, TraceRelation.Member, node, i.Step);
                    }
                    break;
            }
        }
        foreach (Stay stay in near.StaysIn(node.Item))
        {
            if (node.At < stay.Window.To && !stay.Window.IsEmpty)
                Touch(stay.Child, TraceRelation.Contained, node, stay.Opened, Later(node.At, stay.Window.From));
        }
        HoldAbove(node.Item, Window.Since(node.At), node.Tied);
    }

    /// <summary>What holds the item within the window holds it on.</summary>
    private void HoldAbove(long item, Window window, long tied)
    {
        foreach (Stay stay in near.StaysOf(item))
        {
            Window both = window.And(stay.Window);
            if (!both.IsEmpty && !(both.From == both.To && both.EndedBy == tied))
            {
                Hold(new TraceNode(stay.Parent, TraceRelation.Carrier, item, stay.Opened, both.From, _depth,
                    both.From == window.From ? tied : 0), both);
            }
        }
    }

    /// <summary>What holds the carrier holds the item too, and what uses the carrier up uses the item up.</summary>
    private void FollowCarrier(TraceNode node, Window window)
    {
        HoldAbove(node.Item, window, node.Tied);
        foreach (Incidence i in Followed(node.Item))
        {
            if (i.Role == ItemRole.Input && window.Contains(i.Step))
                TouchMade(node.Item, i.Step);
        }
    }

    /// <summary>
    /// What others say to have made of an item is followed too, so that a recall reaches their own goods; but nobody
    /// outside of an item's chain can tie goods of third parties to it.
    /// </summary>
    private IEnumerable<Incidence> Followed(long item) => near.Of(item)
        .Concat(ReferenceEquals(near.Of(item), near.ToldOf(item)) ? []
            : near.ToldOf(item).Where(i => i.Role is ItemRole.Input or ItemRole.Process).Except(near.Of(item)));

    private void TouchMade(long from, Step step)
    {
        bool trusted = IsOnChain(from, step);
        if (step.Process is var process and not 0)
        {
            if (trusted)
                _trusted.Add(process);
            Touch(new TraceNode(
                process, TraceRelation.Transformed, from, step.Number, step.At, _depth, step.Number));
            return;
        }
        foreach (Participant p in step.Items)
        {
            if (p.Role == ItemRole.Output && (trusted || IsOnChain(p.Item, step)))
                Touch(new TraceNode(p.Item, TraceRelation.Transformed, from, step.Number, step.At, _depth, step.Number));
        }
    }

    private void TouchAbove(TraceNode node)
    {
        foreach (Incidence i in near.Of(node.Item))
        {
            if (i.Step.At > node.At)
                break;
            if (i.Step.Number == node.Tied)
                continue;
            if (i.Role == ItemRole.Process)
                TouchUsed(node.Item, i.Step);
            if (i.Role == ItemRole.Output && i.Step.Process is var process and not 0)
                Touch(process, TraceRelation.Transformed, node, i.Step.Number, node.At);
            else if (i.Role == ItemRole.Output)
                TouchUsed(node.Item, i.Step);
            if (i.Participant.Lot is var lot and not 0)
                Touch(lot, TraceRelation.Member, node, i.Step.Number, node.At);
        }
        foreach (Stay stay in near.StaysOf(node.Item))
        {
            if (stay.Window.From <= node.At && !stay.Window.IsEmpty)
            {
                DateTime until = stay.Window.To == DateTime.MaxValue ? stay.Window.To : stay.Window.To.AddTicks(-1);
                Touch(stay.Parent, TraceRelation.Contained, node, stay.Opened, Earlier(node.At, until));
            }
        }
    }

    private void TouchUsed(long from, Step step)
    {
        foreach (Participant p in step.Items)
        {
            if (p.Role != ItemRole.Input)
                continue;
            TraceNode used = new(p.Item, TraceRelation.Transformed, from, step.Number, step.At, _depth, step.Number);
            Touch(used);
            Hold(used, Window.At(step));
        }
    }

    /// <summary>What was inside within the window.</summary>
    private void FollowContents(long item, Window window)
    {
        foreach (Stay stay in near.StaysIn(item))
        {
            Window both = window.And(stay.Window);
            if (both.IsEmpty)
                continue;
            long tied = both.From == both.To ? both.EndedBy : 0;
            TraceNode node = new(stay.Child, TraceRelation.Contained, item, stay.Opened, both.Last, _depth, tied);
            Touch(node);
            Hold(node, both);
        }
    }

    private void TouchLater(long item, TraceRelation relation, TraceNode from, Step step)
    {
        if (from.At >= step.At)
            Touch(item, relation, from, step.Number, from.At);
        else
            Touch(new TraceNode(item, relation, from.Item, step.Number, step.At, _depth, step.Number));
    }

    private void Touch(long item, TraceRelation relation, TraceNode from, long step, DateTime at) =>
        Touch(new TraceNode(item, relation, from.Item, step, at, _depth, at == from.At ? from.Tied : 0));

    private void Touch(TraceNode node)
    {
        if (_touched.TryGetValue(node.Item, out TraceNode? known))
        {
            if (known.At == node.At && known.Tied != 0 && known.Tied != node.Tied)
                node = node with { Tied = 0 };
            else if (direction == TraceDirection.Down ? known.At <= node.At : known.At >= node.At)
                return;
            node = node with { Depth = known.Depth };
        }
        _touched[node.Item] = node;
        _nextTouched.Add(node.Item);
    }

    private void Hold(TraceNode node, Window window)
    {
        if (!_held.TryGetValue(node.Item, out List<(TraceNode Node, Window Window)>? windows))
            _held.Add(node.Item, windows = []);
        if (windows.Exists(w => w.Window.Covers(window)
                && (w.Node.Tied == 0 || w.Node.Tied == node.Tied || w.Window.From < window.From)))
            return;
        windows.RemoveAll(w => window.Covers(w.Window));
        windows.Add((node, window));
        _nextHeld.Add((node, window));
    }

    private static DateTime Later(DateTime a, DateTime b) => a > b ? a : b;

    private static DateTime Earlier(DateTime a, DateTime b) => a < b ? a : b;
}
