namespace Chain.Evm.Precompiles;

/// <summary>A contract in native code (YP appendix E).</summary>
internal abstract class PrecompiledContract
{
    /// <summary>Gas for this input.</summary>
    public abstract long Gas(ReadOnlySpan<byte> input);

    /// <summary>The output, or null when the input is refused and all gas is lost.</summary>
    public abstract byte[]? Run(ReadOnlySpan<byte> input);

    /// <summary>Copies so much of the input as there is from <paramref name="offset"/>; the rest is zero.</summary>
    protected static void Read(ReadOnlySpan<byte> input, int offset, Span<byte> destination)
    {
        destination.Clear();
        if (offset >= input.Length)
            return;
        var available = input[offset..];
        available[..Math.Min(available.Length, destination.Length)].CopyTo(destination);
    }
}
