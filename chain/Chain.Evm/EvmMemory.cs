namespace Chain.Evm;

/// <summary>Byte memory of a frame, growing by whole words and zero where never written (YP §9.1).</summary>
internal sealed class EvmMemory
{
    /// <summary>Larger memory cannot be paid for with any gas limit a block can have; asking is running out of
    /// gas.</summary>
    public const ulong MaxBytes = 0x4000_0000;

    private byte[] _bytes = new byte[1024];

    /// <summary>Active size in bytes, a multiple of 32.</summary>
    public int Length { get; private set; }

    public byte[] Buffer => _bytes;

    public Span<byte> Span(int offset, int length) => _bytes.AsSpan(offset, length);

    /// <summary>Gas for growing to <paramref name="end"/> bytes, the price of the present size taken off.</summary>
    public long ExpansionCost(ulong end) => Cost((end + 31) / 32) - Cost((ulong)Length / 32);

    public void Grow(ulong end)
    {
        var length = (int)((end + 31) / 32 * 32);
        if (length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(length, (int)Math.Min(MaxBytes, 2 * (ulong)_bytes.Length)));
        Length = length;
    }

    public void Clear()
    {
        const int Kept = 1 << 20;
        if (_bytes.Length > Kept)
            _bytes = new byte[1024];
        else
            Array.Clear(_bytes, 0, Length);
        Length = 0;
    }

    private static long Cost(ulong words) => (long)((words * 3) + (words * words / 512));
}
