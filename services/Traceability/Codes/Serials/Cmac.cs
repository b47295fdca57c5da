using System.Runtime.Intrinsics;

namespace Traceability.Codes.Serials;

/// <summary>AES-CMAC, RFC 4493.</summary>
internal sealed class Cmac
{
    private readonly AesBlock _aes;
    private readonly Vector128<byte> _whole;
    private readonly Vector128<byte> _padded;

    public Cmac(AesBlock aes)
    {
        _aes = aes;
        Span<byte> subkey = stackalloc byte[AesBlock.Length];
        aes.Encrypt(Vector128<byte>.Zero).CopyTo(subkey);
        Double(subkey);
        _whole = Vector128.Create((ReadOnlySpan<byte>)subkey);
        Double(subkey);
        _padded = Vector128.Create((ReadOnlySpan<byte>)subkey);
    }

    /// <summary>The code of a message of any length.</summary>
    public Vector128<byte> Of(ReadOnlySpan<byte> message)
    {
        Vector128<byte> state = Vector128<byte>.Zero;
        while (message.Length > AesBlock.Length)
        {
            state = _aes.Encrypt(state ^ Vector128.Create(message[..AesBlock.Length]));
            message = message[AesBlock.Length..];
        }
        if (message.Length == AesBlock.Length)
            return _aes.Encrypt(state ^ Vector128.Create(message) ^ _whole);
        Span<byte> last = stackalloc byte[AesBlock.Length];
        last.Clear();
        message.CopyTo(last);
        last[message.Length] = 0x80;
        return _aes.Encrypt(state ^ Vector128.Create((ReadOnlySpan<byte>)last) ^ _padded);
    }

    /// <summary>The code of a message of one padded block, with its 0x80 in place.</summary>
    public Vector128<byte> OfPadded(Vector128<byte> block) => _aes.Encrypt(block ^ _padded);

    // Multiplication by x in GF(2^128), section 2.3.
    private static void Double(Span<byte> value)
    {
        int carry = 0;
        for (int i = value.Length - 1; i >= 0; i--)
        {
            int shifted = (value[i] << 1) | carry;
            carry = shifted >> 8;
            value[i] = (byte)shifted;
        }
        value[^1] ^= (byte)(0x87 & -carry);
    }
}
