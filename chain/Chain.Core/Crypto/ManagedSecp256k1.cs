namespace Chain.Core;

/// <summary>
/// Recovery and verification (SEC 1 §4.1.4, §4.1.6) without a native library, for verifiers that run anywhere. It
/// handles public data only and takes no care of timing.
/// </summary>
public static class ManagedSecp256k1
{
    private static readonly UInt256 Order = UInt256.FromBigEndian(Secp256k1.Order.Bytes);

    /// <summary>Recovers the public key x‖y into 64 bytes; false when no key can have made the signature.</summary>
    public static bool TryRecover(in Hash32 digest, in Signature signature, Span<byte> publicKey)
    {
        if (!signature.IsWellFormed) return false;
        var r = UInt256.FromBigEndian(signature.R.Bytes);
        if (!CurvePoint.TryDecompress(r, signature.YParity == 1, out var point)) return false;

        // Q = r⁻¹ (s·R − e·G)
        var inverse = Inverse(r);
        var e = UInt256.FromBigEndian(digest.Bytes) % Order;
        var s = UInt256.FromBigEndian(signature.S.Bytes);
        var minusE = e.IsZero ? e : Order - e;
        var key = CurvePoint.Combine(
            UInt256.MulMod(minusE, inverse, Order), UInt256.MulMod(s, inverse, Order), point);
        if (key.IsInfinity) return false;
        var (x, y) = key.ToAffine();
        x.WriteBigEndian(publicKey);
        y.WriteBigEndian(publicKey[32..]);
        return true;
    }

    /// <summary>Checks r and s against a public key of 33 or 65 bytes; high s is accepted.</summary>
    public static bool Verify(in Hash32 digest, in Signature signature, ReadOnlySpan<byte> publicKey)
    {
        if (!signature.IsWellFormed || !TryDecode(publicKey, out var point)) return false;
        var r = UInt256.FromBigEndian(signature.R.Bytes);
        var w = Inverse(UInt256.FromBigEndian(signature.S.Bytes));
        var e = UInt256.FromBigEndian(digest.Bytes) % Order;
        var sum = CurvePoint.Combine(UInt256.MulMod(e, w, Order), UInt256.MulMod(r, w, Order), point);
        return !sum.IsInfinity && sum.ToAffine().X % Order == r;
    }

    /// <summary>True for the encoding of a point, 33 or 65 bytes (SEC 1 §2.3.3; neither hybrid nor infinity).</summary>
    public static bool IsPoint(ReadOnlySpan<byte> encoded) => TryDecode(encoded, out _);

    private static bool TryDecode(ReadOnlySpan<byte> key, out CurvePoint point)
    {
        point = default;
        if (key.Length == 33 && key[0] is 2 or 3)
            return CurvePoint.TryDecompress(UInt256.FromBigEndian(key[1..]), key[0] == 3, out point);
        return key.Length == 65 && key[0] == 4
            && CurvePoint.TryFrom(UInt256.FromBigEndian(key[1..33]), UInt256.FromBigEndian(key[33..]), out point);
    }

    /// <summary>The inverse modulo n by Fermat.</summary>
    private static UInt256 Inverse(UInt256 value)
    {
        var exponent = Order - 2;
        var result = UInt256.One;
        for (int bit = 255; bit >= 0; bit--)
        {
            result = UInt256.MulMod(result, result, Order);
            if (exponent.IsBitSet(bit)) result = UInt256.MulMod(result, value, Order);
        }
        return result;
    }
}
