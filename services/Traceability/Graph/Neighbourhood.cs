using System.Runtime.InteropServices;

namespace Traceability.Graph;

/// <summary>How an item takes part in a step: its place among the participants.</summary>
internal readonly record struct Incidence(Step Step, int Index)
{
    public Participant Participant => Step.Items[Index];

    public ItemRole Role => Step.Items[Index].Role;
}

/// <summary>
/// The part of the graph that was loaded so far, as one caller sees it at one time of knowledge. Items are asked about
/// only after they were loaded.
/// </summary>
internal sealed class Neighbourhood(IGraphRows rows, Func<Step, bool> visible, Chains? chains = null)
{
    private static readonly List<Incidence> None = [];
    private readonly Dictionary<long, List<Incidence>> _of = [];
    private readonly Dictionary<long, List<Incidence>> _counted = [];
    private readonly HashSet<long> _whole = [];
    private readonly Dictionary<long, List<Step>> _closers = [];
    private readonly Dictionary<(long Child, long Parent), List<Stay>> _stays = [];

    /// <summary>Steps as they were known at a time: recorded by then and not yet declared an error.</summary>
    public static Func<Step, bool> KnownAt(DateTime? at) => at is { } time
        ? s => s.RecordedAt <= time && (s.VoidedAt is null || s.VoidedAt > time)
        : s => s.VoidedAt is null;

    /// <summary>Loads what traces and stays hang on.</summary>
    public ValueTask LoadAsync(IEnumerable<long> items, CancellationToken cancellation) =>
        LoadAsync([.. items.Where(i => i != 0 && !_of.ContainsKey(i))], structuralOnly: true, cancellation);

    /// <summary>Loads all that is recorded of the items, sightings too.</summary>
    public async ValueTask LoadAllAsync(IEnumerable<long> items, CancellationToken cancellation)
    {
        HashSet<long> missing = [.. items.Where(i => i != 0 && _whole.Add(i))];
        // Sightings can tell more of the chain, so what was folded without them is folded anew.
        if (chains is not null && missing.Count > 0)
            _stays.Clear();
        await LoadAsync(missing, structuralOnly: false, cancellation);
    }

    private async ValueTask LoadAsync(HashSet<long> missing, bool structuralOnly, CancellationToken cancellation)
    {
        if (missing.Count == 0)
            return;
        foreach (long item in missing)
            _of[item] = None;
        foreach (Step step in await rows.StepsOfAsync(missing, structuralOnly, cancellation))
        {
            if (!visible(step))
                continue;
            for (int i = 0; i < step.Items.Length; i++)
            {
                if (!missing.Contains(step.Items[i].Item))
                    continue;
                ref List<Incidence> list = ref CollectionsMarshal.GetValueRefOrNullRef(_of, step.Items[i].Item);
                if (ReferenceEquals(list, None))
                    list = [];
                list.Add(new Incidence(step, i));
            }
        }
        foreach (long item in missing)
        {
            List<Incidence> told = _of[item];
            told.Sort(static (a, b) => Step.Compare(a.Step, b.Step));
            IReadOnlySet<string>? chain = ChainOf(item);
            _counted[item] = chain is null || told.TrueForAll(i => chain.Contains(i.Step.Tenant))
                ? told : told.FindAll(i => chain.Contains(i.Step.Tenant));
        }
    }

    /// <summary>The item's steps that count, in order of time: those of organisations on its chain.</summary>
    public List<Incidence> Of(long item) => _counted[item];

    /// <summary>All that is told of the item in order of time, by whomever.</summary>
    public List<Incidence> ToldOf(long item) => _of[item];

    /// <summary>Whose word counts for the item; null where everybody's does.</summary>
    public IReadOnlySet<string>? ChainOf(long item) => chains?.Of(item);

    /// <summary>The recording events of the items' steps, by the steps' numbers.</summary>
    public Dictionary<long, Guid> EventIds(IEnumerable<long> items)
    {
        Dictionary<long, Guid> events = [];
        foreach (Incidence i in items.SelectMany(ToldOf))
            events[i.Step.Number] = i.Step.EventId;
        return events;
    }

    /// <summary>What the item was ever put into.</summary>
    public IEnumerable<long> ParentsOf(long child) => Of(child)
        .Where(i => i.Role == ItemRole.Child && i.Step.Parent != 0).Select(i => i.Step.Parent).Distinct();

    /// <summary>What was ever in the item.</summary>
    public IEnumerable<long> ChildrenOf(long parent) => ToldOf(parent)
        .Where(i => i.Role == ItemRole.Parent).SelectMany(i => i.Step.Items)
        .Where(p => p.Role == ItemRole.Child).Select(p => p.Item).Distinct();

    /// <summary>All stays of an item; its parents must be loaded.</summary>
    public IEnumerable<Stay> StaysOf(long child) => ParentsOf(child).SelectMany(parent => Stays(child, parent));

    /// <summary>All stays in an item; its children must be loaded.</summary>
    public IEnumerable<Stay> StaysIn(long parent) => ChildrenOf(parent).SelectMany(child => Stays(child, parent));

    /// <summary>The stays of a child in a parent, both loaded.</summary>
    public IReadOnlyList<Stay> Stays(long child, long parent)
    {
        if (!_stays.TryGetValue((child, parent), out List<Stay>? stays))
        {
            stays = [];
            foreach (StepKind kind in (ReadOnlySpan<StepKind>)[StepKind.Aggregation, StepKind.Association])
                Fold(child, parent, kind, stays);
            _stays.Add((child, parent), stays);
        }
        return stays;
    }

    /// <summary>
    /// Plays what bears on the pair in order of time: being added or seen opens a stay; being taken out, the parent
    /// being emptied, and the end of either close it.
    /// </summary>
    private void Fold(long child, long parent, StepKind kind, List<Stay> stays)
    {
        List<(Step Step, int Index)> moves = [];
        foreach (Incidence i in Of(child))
        {
            if (i.Role == ItemRole.Child && i.Step.Kind == kind && i.Step.Parent == parent)
                moves.Add((i.Step, i.Index));
        }
        if (moves.Count == 0)
            return;
        bool counted = moves.Exists(m => m.Step.Items[m.Index].Counted);
        // Who may move the child may empty what it is in, whoever's that is.
        IReadOnlySet<string>? chain = ChainOf(child);
        if (!counted)
            moves.AddRange(ClosersOf(child)
                .Where(s => !s.IsContainment && chain?.Contains(s.Tenant) != false).Select(s => (s, -1)));
        moves.AddRange(ClosersOf(parent)
            .Where(s => (!s.IsContainment || s.Kind == kind) && chain?.Contains(s.Tenant) != false).Select(s => (s, -1)));
        moves.Sort(static (a, b) => Step.Compare(a.Step, b.Step));

        OpenStay? open = null;
        foreach ((Step step, int index) in moves)
        {
            if (index >= 0 && step.Action != StepAction.Delete)
                open = Enter(open, step, step.Items[index]);
            else if (open is not null && (index < 0 || open.Leaves(step, step.Items[index])))
            {
                stays.Add(open.Close(child, parent, step));
                open = null;
            }
        }
        if (open is not null)
            stays.Add(open.Close(child, parent, null));

        static OpenStay Enter(OpenStay? open, Step step, Participant participant)
        {
            open ??= new OpenStay(step);
            if (participant.Counted && (step.Action == StepAction.Add || open.Opened == step))
                open.Change(step, participant.Quantity ?? 0, participant.Unit);
            return open;
        }
    }

    /// <summary>
    /// Steps that end all stays in an item, and its own stays: emptied as a parent, decommissioned, used up.
    /// </summary>
    private List<Step> ClosersOf(long item)
    {
        if (!_closers.TryGetValue(item, out List<Step>? closers))
        {
            closers = [.. ToldOf(item).Where(Closes).Select(i => i.Step)];
            _closers.Add(item, closers);
        }
        return closers;
    }

    private static bool Closes(Incidence i) => i.Role switch
    {
        ItemRole.Input => !i.Participant.Counted,
        ItemRole.Item => i.Step is { Kind: StepKind.Object, Action: StepAction.Delete } && !i.Participant.Counted,
        ItemRole.Parent => i.Step.IsContainment && i.Step.Action == StepAction.Delete && !i.Step.Has(ItemRole.Child),
        _ => false,
    };

    private sealed class OpenStay(Step opened)
    {
        private List<QuantityChange>? _changes;

        public Step Opened => opened;

        public void Change(Step step, decimal amount, string? unit) =>
            (_changes ??= []).Add(new QuantityChange(step.At, amount, unit));

        /// <summary>
        /// Whether nothing is left once the participant was taken out; without a quantity all of it was.
        /// </summary>
        public bool Leaves(Step step, Participant participant)
        {
            if (!participant.Counted || participant.Quantity is not { } quantity)
                return true;
            Change(step, -quantity, participant.Unit);
            return _changes!.Where(c => c.Unit == participant.Unit).Sum(c => c.Amount) <= 0;
        }

        public Stay Close(long child, long parent, Step? by) => new(
            child, parent,
            new Window(opened.At, by?.At ?? DateTime.MaxValue, by?.Kind == StepKind.Transformation ? by.Number : 0),
            opened.Number, _changes);
    }
}
