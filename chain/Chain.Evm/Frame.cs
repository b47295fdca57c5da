using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Chain.Core;

namespace Chain.Evm;

/// <summary>One running call: registers, stack, memory and what it was called with. Reused for later calls at the same
/// depth.</summary>
internal sealed class Frame(Machine machine)
{
    public const int StackLimit = 1024;

    private readonly UInt256[] _stack = new UInt256[StackLimit];

    public readonly Machine Machine = machine;
    public readonly EvmMemory Memory = new();
    public int Pc;
    public int StackSize;
    public long Gas;
    public long Refund;
    public Bytecode Code = Bytecode.Empty;
    public CallMessage Message;
    public int Snapshot;

    /// <summary>Output of the last call made (EIP-211).</summary>
    public ReadOnlyMemory<byte> ReturnData;

    /// <summary>Where in memory this frame's own output is.</summary>
    public int OutputOffset;
    public int OutputLength;

    /// <summary>The call this frame waits for, and where in memory its output goes.</summary>
    public CallMessage Pending;
    public UInt256 PendingSalt;
    public int ReturnOffset;
    public int ReturnLength;

    public Address Self => Message.Recipient;

    public void Start(in CallMessage message, Bytecode code, int snapshot)
    {
        Message = message;
        Code = code;
        Snapshot = snapshot;
        Gas = message.Gas;
        Pc = 0;
        StackSize = 0;
        Refund = 0;
        ReturnData = default;
        OutputOffset = 0;
        OutputLength = 0;
        Memory.Clear();
    }

    // The dispatcher has checked that every item an instruction takes is there and every item it adds has room, so
    // the accesses below stay within the 1024 slots.

    /// <summary>The item <paramref name="depth"/> below the top.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref UInt256 Peek(int depth) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_stack), StackSize - 1 - depth);

    /// <summary>Takes the top item off; it stays readable until the next push.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref UInt256 Pop() => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_stack), --StackSize);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Push(in UInt256 value) =>
        Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_stack), StackSize++) = value;

    public Address PopAddress() => ToAddress(Pop());

    public static Address ToAddress(in UInt256 word)
    {
        Span<byte> bytes = stackalloc byte[32];
        word.WriteBigEndian(bytes);
        return Address.FromWord(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryUseGas(long amount) => (Gas -= amount) >= 0;

    /// <summary>Pays for and grows memory so that the range is inside it; an empty range costs nothing wherever it
    /// is.</summary>
    /// <returns>False when the gas does not suffice.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryUseMemory(in UInt256 offset, in UInt256 length, out int start, out int count)
    {
        if (offset.IsUInt64 && length.IsUInt64)
            return TryUseMemory(offset.Limb0, length.Limb0, out start, out count);
        start = 0;
        count = 0;
        return length.IsZero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryUseMemory(ulong offset, ulong length, out int start, out int count)
    {
        start = (int)offset;
        count = (int)length;
        var end = offset + length;
        if (offset < EvmMemory.MaxBytes && length < EvmMemory.MaxBytes && end <= (ulong)Memory.Length)
            return true;
        return GrowMemory(offset, length, ref start);
    }

    private bool GrowMemory(ulong offset, ulong length, ref int start)
    {
        if (length == 0)
        {
            start = 0;
            return true;
        }

        if (offset > EvmMemory.MaxBytes || length > EvmMemory.MaxBytes)
            return false;
        if (!TryUseGas(Memory.ExpansionCost(offset + length)))
            return false;
        Memory.Grow(offset + length);
        return true;
    }
}
