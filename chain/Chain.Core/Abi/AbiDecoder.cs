using System.Numerics;
using System.Text;

namespace Chain.Core;

/// <summary>Reads the canonical encoding of the ABI.</summary>
internal static class AbiDecoder
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    internal static bool TryReadSequence(
        IReadOnlyList<AbiType> types, ReadOnlySpan<byte> data, out object[] values, out int consumed)
    {
        values = new object[types.Count];
        consumed = types.Sum(t => t.HeadBytes);
        if (consumed > data.Length) return false;
        int head = 0;
        for (int i = 0; i < types.Count; i++)
        {
            if (types[i].IsDynamic)
            {
                if (!TryReadLength(data[head..], out int offset) || offset != consumed) return false;
                if (!TryReadTail(types[i], data[offset..], out values[i], out int used)) return false;
                consumed += used;
            }
            else if (!TryReadStatic(types[i], data.Slice(head, types[i].HeadBytes), out values[i]))
            {
                return false;
            }
            head += types[i].HeadBytes;
        }
        return true;
    }

    private static bool TryReadTail(AbiType type, ReadOnlySpan<byte> data, out object value, out int consumed)
    {
        (value, consumed) = (null!, 0);
        switch (type.Kind)
        {
            case AbiKind.Bytes:
            case AbiKind.String:
                if (!TryReadBytes(data, out var content, out consumed)) return false;
                return type.Kind == AbiKind.String ? TryReadText(content, out value) : Keep(content.ToArray(), out value);
            case AbiKind.Array:
                return TryReadArray(type, data, out value, out consumed);
            default:
                bool ok = TryReadSequence(type.Components, data, out var components, out consumed);
                value = components;
                return ok;
        }
    }

    private static bool TryReadArray(AbiType type, ReadOnlySpan<byte> data, out object value, out int consumed)
    {
        (value, consumed) = (null!, 0);
        int count = type.Size, lengthBytes = 0;
        if (count < 0)
        {
            if (!TryReadLength(data, out count)) return false;
            lengthBytes = Abi.WordBytes;
        }
        data = data[lengthBytes..];
        // No more elements than their heads fit: the count can't make us reserve memory.
        if (count > data.Length / type.Element!.HeadBytes) return false;
        var types = new AbiType[count];
        Array.Fill(types, type.Element);
        if (!TryReadSequence(types, data, out var items, out consumed)) return false;
        consumed += lengthBytes;
        return Keep(items, out value);
    }

    private static bool TryReadStatic(AbiType type, ReadOnlySpan<byte> data, out object value)
    {
        value = null!;
        switch (type.Kind)
        {
            case AbiKind.Array:
                return TryReadArray(type, data, out value, out _);
            case AbiKind.Tuple:
                bool ok = TryReadSequence(type.Components, data, out var components, out _);
                value = components;
                return ok;
            case AbiKind.Unsigned:
                var number = UInt256.FromBigEndian(data);
                return number.BitLength <= type.Size && Keep(number, out value);
            case AbiKind.Signed:
                var signed = new BigInteger(data, isBigEndian: true);
                var limit = BigInteger.One << (type.Size - 1);
                return signed < limit && signed >= -limit && Keep(signed, out value);
            case AbiKind.Address:
                return !data[..12].ContainsAnyExcept((byte)0) && Keep(Address.FromWord(data), out value);
            case AbiKind.Bool:
                return !data[..31].ContainsAnyExcept((byte)0) && data[31] <= 1 && Keep(data[31] == 1, out value);
            default:
                if (data[type.Size..].ContainsAnyExcept((byte)0)) return false;
                return type.Size == Hash32.Length
                    ? Keep(new Hash32(data), out value)
                    : Keep(data[..type.Size].ToArray(), out value);
        }
    }

    private static bool TryReadBytes(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> content, out int consumed)
    {
        content = default;
        consumed = 0;
        if (!TryReadLength(data, out int length) || length > data.Length - Abi.WordBytes) return false;
        consumed = Abi.WordBytes + Abi.RoundUp(length);
        if (consumed > data.Length) return false;
        content = data.Slice(Abi.WordBytes, length);
        return !data[(Abi.WordBytes + length)..consumed].ContainsAnyExcept((byte)0);
    }

    private static bool TryReadText(ReadOnlySpan<byte> utf8, out object value)
    {
        value = null!;
        try
        {
            value = StrictUtf8.GetString(utf8);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static bool TryReadLength(ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        if (data.Length < Abi.WordBytes) return false;
        var word = UInt256.FromBigEndian(data[..Abi.WordBytes]);
        if (word > (ulong)int.MaxValue - 2 * Abi.WordBytes) return false;
        length = (int)word.Limb0;
        return true;
    }

    private static bool Keep(object read, out object value)
    {
        value = read;
        return true;
    }
}
