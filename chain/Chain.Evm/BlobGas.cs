using System.Numerics;
using Chain.Core;

namespace Chain.Evm;

/// <summary>Blob gas of EIP-4844 at the Cancun parameters.</summary>
public static class BlobGas
{
    /// <summary>Gas of one blob.</summary>
    public const ulong PerBlob = 131_072;

    /// <summary>Most blob gas in a block.</summary>
    public const ulong MaxPerBlock = 786_432;

    /// <summary>First byte of a versioned hash.</summary>
    public const byte VersionedHashVersion = 0x01;

    private const ulong UpdateFraction = 3_338_477;

    /// <summary>fake_exponential(1, excess, 3338477) of EIP-4844, in wei per blob gas.</summary>
    public static UInt256 BaseFee(ulong excessBlobGas)
    {
        BigInteger sum = 0, term = UpdateFraction;
        for (var i = 1; !term.IsZero; i++)
        {
            sum += term;
            term = term * excessBlobGas / ((BigInteger)UpdateFraction * i);
            // Beyond a word no fee can be paid; the series of a hostile header would be long.
            if (sum.GetBitLength() > 300)
                return UInt256.MaxValue;
        }

        return (UInt256)(sum / UpdateFraction);
    }
}
