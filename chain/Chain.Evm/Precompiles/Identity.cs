namespace Chain.Evm.Precompiles;

/// <summary>0x04: the input.</summary>
internal sealed class Identity : PrecompiledContract
{
    public override long Gas(ReadOnlySpan<byte> input) => 15 + (3 * GasSchedule.Words(input.Length));

    public override byte[] Run(ReadOnlySpan<byte> input) => input.ToArray();
}
