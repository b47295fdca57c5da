namespace Chain.Evm.Instructions;

/// <summary>An entry of the dispatch table: what to run, and what the dispatcher checks and charges
/// before it.</summary>
internal readonly unsafe struct Operation(delegate*<Frame, Halt> execute, int gas, int pops, int pushes)
{
    public readonly delegate*<Frame, Halt> Execute = execute;
    public readonly int Gas = gas;
    public readonly short MinStack = (short)pops;

    /// <summary>How far above <see cref="MinStack"/> the stack may be without overflowing.</summary>
    public readonly short StackRange = (short)(Frame.StackLimit - Math.Max(pops, pushes));
}
