using System.Collections.Immutable;
using ServiceDefaults;

namespace Traceability.Codes.Batches;

/// <summary>What kind of serial a batch has.</summary>
public enum SerialMode
{
    /// <summary>20 characters with a tag.</summary>
    Text,

    /// <summary>Digits that fit an SGTIN-96 tag.</summary>
    Numeric,
}

/// <summary>When codes of a batch come into use.</summary>
public enum Activation
{
    /// <summary>When a roll or box is bound to a lot.</summary>
    Required,

    /// <summary>When they are printed.</summary>
    OnPrint,
}

/// <summary>Facts about a batch of codes. Its codes follow from these few parameters and the keys.</summary>
public abstract record CodeBatchEvent
{
    private CodeBatchEvent()
    {
    }

    /// <summary>The batch was opened.</summary>
    /// <param name="Gtin">14 digits.</param>
    /// <param name="Number">Number within the GTIN.</param>
    /// <param name="Count">How many codes.</param>
    /// <param name="Mode">Kind of serial.</param>
    /// <param name="First">Position of the first among the GTIN's numeric serials; zero for text.</param>
    /// <param name="KeyVersion">Version of the keys.</param>
    /// <param name="Stem">Host and path before the printed link's key.</param>
    /// <param name="Activation">When codes come into use.</param>
    /// <param name="Purpose">What they are for.</param>
    public sealed record Opened(
        string Gtin, int Number, int Count, SerialMode Mode, long First, int KeyVersion, string Stem,
        Activation Activation, string? Purpose) : CodeBatchEvent;

    /// <summary>Labels were printed.</summary>
    public sealed record Printed(int From, int Count, string? Order) : CodeBatchEvent;

    /// <summary>Labels were destroyed, or codes will never be printed.</summary>
    public sealed record Destroyed(int From, int Count, string Reason) : CodeBatchEvent;

    /// <summary>A roll or box was bound to a lot.</summary>
    /// <param name="Id">Number of the activation.</param>
    /// <param name="From">First counter.</param>
    /// <param name="Count">How many, the destroyed among them included.</param>
    /// <param name="Lot">Lot, AI (10).</param>
    /// <param name="Line">Production line.</param>
    /// <param name="Dealer">To whom the goods go: a GLN or the organisation's own number.</param>
    /// <param name="At">When, where that was not when it was recorded: a line may work without a network.</param>
    public sealed record Activated(
        Guid Id, int From, int Count, string Lot, string? Line, string? Dealer, DateTimeOffset? At = null)
        : CodeBatchEvent;

    /// <summary>An activation was taken back: its labels are bound to no lot.</summary>
    /// <param name="Id">The activation.</param>
    /// <param name="From">First counter.</param>
    /// <param name="Count">How many.</param>
    /// <param name="Lot">The lot that they were bound to.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Unbound(Guid Id, int From, int Count, string Lot, string Reason) : CodeBatchEvent;

    /// <summary>Labels were set under labels of another batch: <c>Ratio</c> in a row under each parent in a
    /// row.</summary>
    public sealed record Set(Guid Id, int From, int Ratio, Guid ParentBatch, int ParentFrom, int Parents)
        : CodeBatchEvent;
}

/// <summary>What decisions about a batch need.</summary>
/// <param name="Opened">Its parameters; null before it is opened.</param>
/// <param name="Printed">Counters printed and not destroyed.</param>
/// <param name="Destroyed">Counters destroyed.</param>
/// <param name="Activated">Counters bound to a lot.</param>
/// <param name="Children">Counters set under a parent.</param>
/// <param name="Bound">Activations that hold, with the counters and the lot of each.</param>
public sealed record CodeBatchState(
    CodeBatchEvent.Opened? Opened, RangeSet Printed, RangeSet Destroyed, RangeSet Activated, RangeSet Children,
    ImmutableDictionary<Guid, (CodeRange Range, string Lot)> Bound)
{
    /// <summary>Before the first event.</summary>
    public static readonly CodeBatchState Initial =
        new(null, RangeSet.Empty, RangeSet.Empty, RangeSet.Empty, RangeSet.Empty,
            ImmutableDictionary<Guid, (CodeRange, string)>.Empty);

    /// <summary>Codes neither printed nor destroyed: issued = printed + destroyed + stock.</summary>
    public int Stock => (Opened?.Count ?? 0) - Printed.Count - Destroyed.Count;

    /// <summary>Folds one event.</summary>
    public static CodeBatchState Evolve(CodeBatchState state, CodeBatchEvent e) => e switch
    {
        CodeBatchEvent.Opened opened => state with { Opened = opened },
        CodeBatchEvent.Printed p => state with { Printed = state.Printed.Add(CodeRange.Of(p.From, p.Count)) },
        CodeBatchEvent.Destroyed d => state with
        {
            Printed = state.Printed.Remove(CodeRange.Of(d.From, d.Count)),
            Destroyed = state.Destroyed.Add(CodeRange.Of(d.From, d.Count)),
        },
        CodeBatchEvent.Activated a => state with
        {
            Activated = state.Activated.Add(CodeRange.Of(a.From, a.Count)),
            Bound = state.Bound.SetItem(a.Id, (CodeRange.Of(a.From, a.Count), a.Lot)),
        },
        CodeBatchEvent.Unbound u => state with
        {
            Activated = state.Activated.Remove(CodeRange.Of(u.From, u.Count)),
            Bound = state.Bound.Remove(u.Id),
        },
        CodeBatchEvent.Set s => state with { Children = state.Children.Add(CodeRange.Of(s.From, s.Ratio * s.Parents)) },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not an event of a code batch."),
    };
}

/// <summary>Commands and the rules they meet.</summary>
public abstract record CodeBatchCommand(CodeRange Range)
{
    /// <summary>Labels were printed.</summary>
    public sealed record Print(CodeRange Range, string? Order) : CodeBatchCommand(Range);

    /// <summary>Labels were destroyed.</summary>
    public sealed record Destroy(CodeRange Range, string Reason) : CodeBatchCommand(Range);

    /// <summary>Bind a roll or box.</summary>
    public sealed record Activate(
        Guid Id, CodeRange Range, string Lot, string? Line, string? Dealer, DateTimeOffset? At = null)
        : CodeBatchCommand(Range);

    /// <summary>Take an activation back; which counters that are is on record.</summary>
    public sealed record Unbind(Guid Id, string Reason) : CodeBatchCommand(default(CodeRange));

    /// <summary>Set labels under others.</summary>
    public sealed record Set(Guid Id, CodeRange Range, int Ratio, Guid ParentBatch, int ParentFrom, int Parents)
        : CodeBatchCommand(Range);
}

/// <summary>Decides; pure.</summary>
public static class CodeBatch
{
    /// <summary>There is no such batch.</summary>
    public const string Missing = "code-batch-not-found";

    /// <summary>The counters are not all of the batch.</summary>
    public const string OutOfBatch = "codes-out-of-batch";

    /// <summary>Some were printed before.</summary>
    public const string PrintedBefore = "codes-printed-before";

    /// <summary>Some are destroyed.</summary>
    public const string DestroyedBefore = "codes-destroyed-before";

    /// <summary>Some were never printed.</summary>
    public const string NotPrinted = "codes-not-printed";

    /// <summary>Some are bound to a lot.</summary>
    public const string ActivatedBefore = "codes-activated-before";

    /// <summary>There is no such activation, or it was taken back before.</summary>
    public const string NotBound = "activation-not-found";

    /// <summary>Some are set under a parent.</summary>
    public const string SetBefore = "codes-set-before";

    /// <summary>What a command comes to.</summary>
    public static Decision<CodeBatchEvent> Decide(CodeBatchState state, CodeBatchCommand command)
    {
        CodeRange range = command.Range;
        if (state.Opened is not { } batch)
            return Refuse(Missing);
        if (command is CodeBatchCommand.Unbind unbind)
            return Undo(state, unbind);
        if (range.From < 0 || range.Count < 1 || range.To > batch.Count)
            return Refuse(OutOfBatch);
        return command switch
        {
            CodeBatchCommand.Print when state.Printed.Overlaps(range) => Refuse(PrintedBefore),
            CodeBatchCommand.Print when state.Destroyed.Overlaps(range) => Refuse(DestroyedBefore),
            CodeBatchCommand.Print c => Accept(new CodeBatchEvent.Printed(range.From, range.Count, c.Order)),
            CodeBatchCommand.Destroy when state.Destroyed.Overlaps(range) => Refuse(DestroyedBefore),
            CodeBatchCommand.Destroy when state.Activated.Overlaps(range) => Refuse(ActivatedBefore),
            CodeBatchCommand.Destroy c => Accept(new CodeBatchEvent.Destroyed(range.From, range.Count, c.Reason)),
            // Spoiled labels are cut out of a roll: they may lie between its first and last label.
            CodeBatchCommand.Activate when !AllPrinted(state, range) => Refuse(NotPrinted),
            CodeBatchCommand.Activate when state.Activated.Overlaps(range) => Refuse(ActivatedBefore),
            CodeBatchCommand.Activate c => Accept(
                new CodeBatchEvent.Activated(c.Id, range.From, range.Count, c.Lot, c.Line, c.Dealer, c.At)),
            CodeBatchCommand.Set when state.Children.Overlaps(range) => Refuse(SetBefore),
            CodeBatchCommand.Set when state.Destroyed.Overlaps(range) => Refuse(DestroyedBefore),
            CodeBatchCommand.Set c => Accept(
                new CodeBatchEvent.Set(c.Id, range.From, c.Ratio, c.ParentBatch, c.ParentFrom, c.Parents)),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is not a command of a code batch."),
        };
    }

    private static Decision<CodeBatchEvent> Undo(CodeBatchState state, CodeBatchCommand.Unbind command) =>
        state.Bound.TryGetValue(command.Id, out (CodeRange Range, string Lot) bound)
            ? Accept(new CodeBatchEvent.Unbound(
                command.Id, bound.Range.From, bound.Range.Count, bound.Lot, command.Reason))
            : Refuse(NotBound);

    /// <summary>Those of a range that are neither recorded as printed nor as destroyed.</summary>
    public static RangeSet Unprinted(CodeBatchState state, CodeRange range) =>
        state.Printed.Ranges.Concat(state.Destroyed.Ranges)
            .Aggregate(RangeSet.Empty.Add(range), (left, known) => left.Remove(known));

    private static bool AllPrinted(CodeBatchState state, CodeRange range) =>
        Unprinted(state, range).Count == 0 && state.Printed.Overlaps(range);

    private static Decision<CodeBatchEvent> Accept(CodeBatchEvent e) => new Decision<CodeBatchEvent>.Accepted([e]);

    private static Decision<CodeBatchEvent> Refuse(string rule) => new Decision<CodeBatchEvent>.Refused(rule);
}
