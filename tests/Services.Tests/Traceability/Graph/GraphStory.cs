using Traceability.Graph;

namespace Services.Tests.Traceability.Graph;

/// <summary>Builds steps in the order of recording; one tick of the story is a minute unless told.</summary>
internal sealed class GraphStory : IGraphRows
{
    public static readonly DateTime Begin = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly List<Step> _steps = [];

    public IReadOnlyList<Step> Steps => _steps;

    public int Loads { get; private set; }

    public static DateTime Minute(double minute) => Begin.AddMinutes(minute);

    public static Participant In(long item) => new(item, ItemRole.Input);

    public static Participant Out(long item, long lot = 0) => new(item, ItemRole.Output, lot);

    public static Participant Item(long item, long lot = 0) => new(item, ItemRole.Item, lot);

    public static Participant Counted(ItemRole role, long item, decimal? quantity, string? unit = null) =>
        new(item, role, 0, true, quantity, unit);

    public Step Add(
        double minute, StepKind kind, StepAction action, IEnumerable<Participant> items, double? recorded = null,
        string? step = null, DateTime? voided = null, long place = 0, string tenant = "acme", string? disposition = null,
        long destination = 0, params string[] glns)
    {
        Participant[] all = [.. items];
        long[] lots = [.. all.Select(p => p.Lot).Where(l => l != 0).Distinct()];
        Step added = new()
        {
            Number = _steps.Count + 1,
            Kind = kind,
            Action = action,
            At = Minute(minute),
            RecordedAt = Minute(recorded ?? minute),
            VoidedAt = voided,
            Items = [.. all, .. lots.Select(l => new Participant(l, ItemRole.Lot))],
            BizStep = step,
            Disposition = disposition,
            Place = place,
            Destination = destination,
            Tenant = tenant,
            Glns = glns,
        };
        _steps.Add(added);
        return added;
    }

    public Step Pack(double minute, long parent, params long[] children) => Pack(minute, StepAction.Add, parent, children);

    public Step Pack(double minute, StepAction action, long parent, params long[] children) => Add(
        minute, StepKind.Aggregation, action,
        [new(parent, ItemRole.Parent), .. children.Select(c => new Participant(c, ItemRole.Child))]);

    public Step Make(double minute, long[] inputs, long[] outputs, long process = 0) => Add(
        minute, StepKind.Transformation, StepAction.None,
        [
            .. inputs.Select(In), .. outputs.Select(o => Out(o)),
            .. process == 0 ? Array.Empty<Participant>() : [new(process, ItemRole.Process)],
        ]);

    public ValueTask<IReadOnlyList<Step>> StepsOfAsync(
        IReadOnlyCollection<long> items, bool structuralOnly, CancellationToken cancellation)
    {
        Loads++;
        HashSet<long> asked = [.. items];
        return ValueTask.FromResult<IReadOnlyList<Step>>(
            [
            .. _steps.Where(s => s.Items.Any(p => asked.Contains(p.Item))
                && (!structuralOnly || Step.IsStructural(s.Kind, s.Action, s.Has(ItemRole.Lot)))),
        ]);
    }

    public async Task<TraceResult> TraceAsync(
        TraceDirection direction, long item, double? at = null, DateTime? knownAt = null) =>
        await new Trace(new Neighbourhood(this, Neighbourhood.KnownAt(knownAt)), direction, 1_000_000)
            .RunAsync([item], at is { } minute ? Minute(minute) : null, default);

    public async Task<long[]> TouchedAsync(
        TraceDirection direction, long item, double? at = null, DateTime? knownAt = null) =>
        [.. (await TraceAsync(direction, item, at, knownAt)).Nodes.Select(n => n.Item).Order()];

    public async Task<long[]> ContentsAsync(long item, double at, DateTime? knownAt = null) =>
        [.. (await Contents.AtAsync(
            new Neighbourhood(this, Neighbourhood.KnownAt(knownAt)), item, Minute(at), 1_000_000, default))
            .Select(l => l.Item).Order()];
}
