namespace Chain.Core;

/// <summary>A recoverable ECDSA signature: two scalars and the parity of the nonce point's y coordinate.</summary>
/// <param name="R">Big-endian scalar r.</param>
/// <param name="S">Big-endian scalar s.</param>
/// <param name="YParity">0 or 1.</param>
public readonly record struct Signature(Hash32 R, Hash32 S, byte YParity)
{
    /// <summary>Length of r‖s‖v in bytes.</summary>
    public const int Length = 65;

    /// <summary>True when r and s lie in [1, n−1] and the parity is 0 or 1.</summary>
    public bool IsWellFormed => YParity <= 1 && IsScalar(R) && IsScalar(S);

    /// <summary>True when s ≤ n/2 (EIP-2): of the two forms of a signature the one that counts.</summary>
    public bool IsLowS => S <= Secp256k1.HalfOrder;

    /// <summary>Reads r‖s‖v with v ∈ {0, 1}; the range of r and s is not checked.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Signature signature)
    {
        bool ok = bytes.Length == Length && bytes[64] <= 1;
        signature = ok ? new Signature(new Hash32(bytes[..32]), new Hash32(bytes[32..64]), bytes[64]) : default;
        return ok;
    }

    /// <summary>Writes r‖s‖v, 65 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        R.CopyTo(destination);
        S.CopyTo(destination[32..]);
        destination[64] = YParity;
    }

    /// <summary>The 65 bytes r‖s‖v.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    private static bool IsScalar(in Hash32 value) => !value.IsZero && value < Secp256k1.Order;
}
