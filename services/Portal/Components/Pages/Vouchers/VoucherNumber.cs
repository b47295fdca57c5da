namespace Portal.Components.Pages.Vouchers;

/// <summary>
/// A voucher's public number: <c>V-</c> and the 26 Crockford base32 characters of a UUID (the encoding of ULID), made from
/// the form's key, so that a form sent twice names one voucher.
/// </summary>
public static class VoucherNumber
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Characters = 26;

    /// <summary>The number that belongs to a form's key; of no UUID the number of zero.</summary>
    public static string Of(string key)
    {
        _ = Guid.TryParse(key, out var id);
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var value = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        Span<char> text = stackalloc char[Characters];
        for (var i = Characters - 1; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(value & 31)];
            value >>= 5;
        }

        return $"V-{text}";
    }
}
