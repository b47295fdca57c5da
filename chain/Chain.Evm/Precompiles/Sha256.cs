using System.Security.Cryptography;

namespace Chain.Evm.Precompiles;

/// <summary>0x02: SHA-256.</summary>
internal sealed class Sha256 : PrecompiledContract
{
    public override long Gas(ReadOnlySpan<byte> input) => 60 + (12 * GasSchedule.Words(input.Length));

    public override byte[] Run(ReadOnlySpan<byte> input) => SHA256.HashData(input);
}
