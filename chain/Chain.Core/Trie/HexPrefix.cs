namespace Chain.Core;

/// <summary>
/// The hex-prefix encoding of nibble paths (YP appendix C). A path in memory is one nibble a byte.
/// </summary>
public static class HexPrefix
{
    private const int LeafFlag = 2;
    private const int OddFlag = 1;

    /// <summary>Bytes of the encoding of so many nibbles.</summary>
    public static int EncodedLength(int nibbles) => (nibbles / 2) + 1;

    /// <summary>Writes two nibbles for each byte of a key.</summary>
    public static void Unpack(ReadOnlySpan<byte> key, Span<byte> nibbles)
    {
        for (int i = 0; i < key.Length; i++)
        {
            nibbles[2 * i] = (byte)(key[i] >> 4);
            nibbles[(2 * i) + 1] = (byte)(key[i] & 0xf);
        }
    }

    /// <summary>Encodes a path and answers the number of bytes.</summary>
    public static int Encode(ReadOnlySpan<byte> nibbles, bool isLeaf, Span<byte> destination)
    {
        int odd = nibbles.Length & 1;
        int flags = (isLeaf ? LeafFlag : 0) | odd;
        destination[0] = (byte)((flags << 4) | (odd == 1 ? nibbles[0] : 0));
        for (int i = odd, at = 1; i < nibbles.Length; i += 2, at++)
            destination[at] = (byte)((nibbles[i] << 4) | nibbles[i + 1]);
        return EncodedLength(nibbles.Length);
    }

    /// <summary>Decodes a path; false unless the flags are known and the padding is zero.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out byte[] nibbles, out bool isLeaf)
    {
        (nibbles, isLeaf) = ([], false);
        if (encoded.IsEmpty || encoded[0] >> 4 > (LeafFlag | OddFlag)) return false;
        int flags = encoded[0] >> 4, odd = flags & OddFlag;
        if (odd == 0 && (encoded[0] & 0xf) != 0) return false;
        isLeaf = (flags & LeafFlag) != 0;
        nibbles = new byte[(2 * (encoded.Length - 1)) + odd];
        if (odd == 1) nibbles[0] = (byte)(encoded[0] & 0xf);
        Unpack(encoded[1..], nibbles.AsSpan(odd));
        return true;
    }
}
