namespace Traceability.Graph;

/// <summary>The five event types of EPCIS 2.0.</summary>
public enum StepKind : short
{
    /// <summary>Something happened to items.</summary>
    Object = 0,

    /// <summary>Items were put into, seen in or taken out of another.</summary>
    Aggregation = 1,

    /// <summary>Items were tied to a business transaction.</summary>
    Transaction = 2,

    /// <summary>Items were used up and others were made of them.</summary>
    Transformation = 3,

    /// <summary>Items were tied to another for longer, such as a logger to its crate.</summary>
    Association = 4,
}

/// <summary>What an event does to what it names.</summary>
public enum StepAction : short
{
    /// <summary>A transformation, which has none.</summary>
    None = 0,

    /// <summary>Begins it.</summary>
    Add = 1,

    /// <summary>Sees it.</summary>
    Observe = 2,

    /// <summary>Ends it.</summary>
    Delete = 3,
}

/// <summary>How an item takes part in a step.</summary>
public enum ItemRole : short
{
    /// <summary>What the step is about.</summary>
    Item = 0,

    /// <summary>What the children are in.</summary>
    Parent = 1,

    /// <summary>What is in the parent.</summary>
    Child = 2,

    /// <summary>Used up.</summary>
    Input = 3,

    /// <summary>Made.</summary>
    Output = 4,

    /// <summary>The lot of other participants, which name it.</summary>
    Lot = 5,

    /// <summary>The process that several transformation events belong to (transformationID).</summary>
    Process = 6,
}

/// <summary>One item in a step. Items are numbers here; <see cref="IGraphRows"/> says of which.</summary>
/// <param name="Item">The item.</param>
/// <param name="Role">How it takes part.</param>
/// <param name="Lot">The lot that this step puts the item into, or 0.</param>
/// <param name="Counted">Whether it is named by class and quantity, not as one piece.</param>
/// <param name="Quantity">How much, where said.</param>
/// <param name="Unit">UN/ECE Recommendation 20 code; null counts pieces.</param>
public readonly record struct Participant(
    long Item, ItemRole Role, long Lot = 0, bool Counted = false, decimal? Quantity = null, string? Unit = null);

/// <summary>One recorded event as the graph sees it.</summary>
public sealed class Step
{
    /// <summary>Place in the feed: the order of record time.</summary>
    public required long Number { get; init; }

    /// <summary>Type of the event.</summary>
    public required StepKind Kind { get; init; }

    /// <summary>What it does.</summary>
    public StepAction Action { get; init; }

    /// <summary>When it happened, UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>When it was recorded, UTC.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>When it was declared an error, UTC; null while it stands.</summary>
    public DateTime? VoidedAt { get; init; }

    /// <summary>Id of the recording event.</summary>
    public Guid EventId { get; init; }

    /// <summary>Bare CBV word, or a URI.</summary>
    public string? BizStep { get; init; }

    /// <summary>Bare CBV word, or a URI.</summary>
    public string? Disposition { get; init; }

    /// <summary>Where it happened, or 0.</summary>
    public long Place { get; init; }

    /// <summary>To whom it was sent, or 0.</summary>
    public long Destination { get; init; }

    /// <summary>Who recorded it.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>GLNs that it names as source, destination or place.</summary>
    public IReadOnlyList<string> Glns { get; init; } = [];

    /// <summary>All who take part.</summary>
    public required Participant[] Items { get; init; }

    /// <summary>The parent, or 0.</summary>
    public long Parent => One(ItemRole.Parent);

    /// <summary>The process, or 0.</summary>
    public long Process => One(ItemRole.Process);

    /// <summary>Whether it ties children to a parent or loosens them.</summary>
    public bool IsContainment => Kind is StepKind.Aggregation or StepKind.Association;

    /// <summary>Whether any participant has the role.</summary>
    public bool Has(ItemRole role)
    {
        foreach (Participant participant in Items)
        {
            if (participant.Role == role)
                return true;
        }
        return false;
    }

    /// <summary>Whether traces and stays hang on such a step; others only see items.</summary>
    public static bool IsStructural(StepKind kind, StepAction action, bool hasLot) =>
        kind is not (StepKind.Object or StepKind.Transaction) || hasLot
        || (kind == StepKind.Object && action == StepAction.Delete);

    /// <summary>By time, then by the order of recording.</summary>
    public static int Compare(Step a, Step b) =>
        a.At != b.At ? a.At.CompareTo(b.At) : a.Number.CompareTo(b.Number);

    private long One(ItemRole role)
    {
        foreach (Participant participant in Items)
        {
            if (participant.Role == role)
                return participant.Item;
        }
        return 0;
    }
}

/// <summary>Where steps come from.</summary>
public interface IGraphRows
{
    /// <summary>Steps in which any of the items takes part, in any order, each once.</summary>
    /// <param name="items">The items.</param>
    /// <param name="structuralOnly">Whether mere sightings are left out.</param>
    /// <param name="cancellation">Gives up.</param>
    ValueTask<IReadOnlyList<Step>> StepsOfAsync(
        IReadOnlyCollection<long> items, bool structuralOnly, CancellationToken cancellation);
}
