namespace Traceability.Graph;

/// <summary>
/// A span of time [From, To). Where a transformation used up what it is about, that step still belongs to it.
/// </summary>
/// <param name="From">Begin, UTC.</param>
/// <param name="To">End, UTC; <see cref="DateTime.MaxValue"/> while it lasts.</param>
/// <param name="EndedBy">Number of the transformation that ended it, or 0.</param>
public readonly record struct Window(DateTime From, DateTime To, long EndedBy = 0)
{
    /// <summary>Whether anything lies in it.</summary>
    public bool IsEmpty => From > To || (From == To && EndedBy == 0);

    /// <summary>The latest instant in it.</summary>
    public DateTime Last => From == To || To == DateTime.MaxValue ? To : To.AddTicks(-1);

    /// <summary>Exactly the moment of a step.</summary>
    public static Window At(Step step) => new(step.At, step.At, step.Number);

    /// <summary>From an instant on.</summary>
    public static Window Since(DateTime from) => new(from, DateTime.MaxValue);

    /// <summary>Up to an instant, which belongs to it.</summary>
    public static Window Until(DateTime last) =>
        new(DateTime.MinValue, last == DateTime.MaxValue ? last : last.AddTicks(1));

    /// <summary>Whether a step lies in it.</summary>
    public bool Contains(Step step) => From <= step.At && (step.At < To || EndedBy == step.Number);

    /// <summary>Whether an instant lies in it.</summary>
    public bool Contains(DateTime at) => From <= at && at < To;

    /// <summary>Whether another window lies wholly in it.</summary>
    public bool Covers(Window other) =>
        From <= other.From && (other.To < To || (other.To == To && (other.EndedBy == 0 || other.EndedBy == EndedBy)));

    /// <summary>What lies in both.</summary>
    public Window And(Window other)
    {
        DateTime from = From > other.From ? From : other.From;
        if (To == other.To)
            return new Window(from, To, EndedBy == other.EndedBy ? EndedBy : 0);
        return To < other.To ? new Window(from, To, EndedBy) : new Window(from, other.To, other.EndedBy);
    }
}

/// <summary>A child's time in a parent.</summary>
/// <param name="Child">What was inside.</param>
/// <param name="Parent">What it was in.</param>
/// <param name="Window">When.</param>
/// <param name="Opened">Number of the step that began it.</param>
/// <param name="Changes">For a class: what was added (positive) and taken (negative), and when.</param>
public sealed record Stay(
    long Child, long Parent, Window Window, long Opened, IReadOnlyList<QuantityChange>? Changes = null);

/// <summary>A change of how much of a class is in a parent.</summary>
public readonly record struct QuantityChange(DateTime At, decimal Amount, string? Unit);
