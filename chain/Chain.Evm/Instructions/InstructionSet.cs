namespace Chain.Evm.Instructions;

/// <summary>The instructions of Cancun, one partial file a family. An instruction finds its stack items present and its
/// static gas paid; it pays what depends on its operands.</summary>
internal static unsafe partial class InstructionSet
{
    // Pinned, so that the dispatcher may keep a pointer to it.
    private static readonly Operation[] Table = Build();

    public static Operation* Operations => (Operation*)System.Runtime.CompilerServices.Unsafe.AsPointer(
        ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(Table));

    private static Operation[] Build()
    {
        var table = GC.AllocateArray<Operation>(256, pinned: true);
        Array.Fill(table, new Operation(&Invalid, 0, 0, 0));
        AddArithmetic(table);
        AddBitwise(table);
        AddCrypto(table);
        AddEnvironment(table);
        AddBlock(table);
        AddStack(table);
        AddMemory(table);
        AddStorage(table);
        AddControlFlow(table);
        AddLogs(table);
        AddCalls(table);
        AddCreation(table);
        return table;
    }
}
