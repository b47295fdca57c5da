using Chain.Core;

namespace Chain.Evm.Precompiles;

/// <summary>0x01: the signer of a digest, 32-byte padded; empty for a signature nobody can have made.</summary>
internal sealed class EcRecover : PrecompiledContract
{
    public override long Gas(ReadOnlySpan<byte> input) => 3_000;

    public override byte[] Run(ReadOnlySpan<byte> input)
    {
        Span<byte> data = stackalloc byte[128];
        Read(input, 0, data);
        var v = UInt256.FromBigEndian(data[32..64]);
        if (v != 27 && v != 28)
            return [];
        var signature = new Signature(new Hash32(data[64..96]), new Hash32(data[96..128]), (byte)(v.Limb0 - 27));
        return Secp256k1.TryRecover(new Hash32(data[..32]), signature, out var signer) ? signer.ToWord().ToArray() : [];
    }
}
