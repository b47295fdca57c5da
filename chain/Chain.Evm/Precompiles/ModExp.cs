using System.Numerics;
using Chain.Core;

namespace Chain.Evm.Precompiles;

/// <summary>0x05: modular exponentiation of big-endian numbers of any length (EIP-198, priced by EIP-2565).</summary>
internal sealed class ModExp : PrecompiledContract
{
    private const int HeaderSize = 96;
    private const long MinimumGas = 200;

    public override long Gas(ReadOnlySpan<byte> input)
    {
        var (baseLength, exponentLength, modulusLength) = ReadLengths(input);
        var longest = BigInteger.Max((BigInteger)baseLength, (BigInteger)modulusLength);
        var words = (longest + 7) / 8;
        var gas = words * words * Iterations(input, baseLength, exponentLength) / 3;
        return gas > long.MaxValue ? long.MaxValue : Math.Max(MinimumGas, (long)gas);
    }

    public override byte[] Run(ReadOnlySpan<byte> input)
    {
        var (baseLength, exponentLength, modulusLength) = ReadLengths(input);
        // With no base and no modulus the exponent may be of any length and is free.
        if (modulusLength.IsZero)
            return [];
        var (b, e, m) = ((int)baseLength, (int)exponentLength, (int)modulusLength);
        var modulus = ReadNumber(input, HeaderSize + b + e, m);
        var output = new byte[m];
        if (modulus.IsZero)
            return output;
        var power = BigInteger.ModPow(
            ReadNumber(input, HeaderSize, b), ReadNumber(input, HeaderSize + b, e), modulus);
        var start = m - power.GetByteCount(isUnsigned: true);
        power.TryWriteBytes(output.AsSpan(start), out _, isUnsigned: true, isBigEndian: true);
        return output;
    }

    private static (UInt256 Base, UInt256 Exponent, UInt256 Modulus) ReadLengths(ReadOnlySpan<byte> input)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        Read(input, 0, header);
        return (
            UInt256.FromBigEndian(header[..32]),
            UInt256.FromBigEndian(header[32..64]),
            UInt256.FromBigEndian(header[64..]));
    }

    /// <summary>Squarings of the square-and-multiply method, from the exponent's length and its first 32
    /// bytes.</summary>
    private static BigInteger Iterations(ReadOnlySpan<byte> input, in UInt256 baseLength, in UInt256 exponentLength)
    {
        Span<byte> head = stackalloc byte[32];
        head.Clear();
        var headLength = exponentLength < 32 ? (int)exponentLength : 32;
        if (baseLength.IsUInt64 && baseLength.Limb0 < (ulong)input.Length)
            Read(input, HeaderSize + (int)baseLength, head[..headLength]);
        var bits = UInt256.FromBigEndian(head[..headLength]).BitLength;
        var beyond = exponentLength > 32 ? 8 * ((BigInteger)exponentLength - 32) : 0;
        return BigInteger.Max(1, beyond + Math.Max(0, bits - 1));
    }

    private static BigInteger ReadNumber(ReadOnlySpan<byte> input, int offset, int length)
    {
        var bytes = new byte[length];
        Read(input, offset, bytes);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }
}
