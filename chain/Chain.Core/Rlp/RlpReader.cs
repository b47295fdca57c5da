using System.Buffers.Binary;

namespace Chain.Core;

/// <summary>
/// Strict reader of recursive length prefix data (YP appendix B). Only the canonical form is read: shortest length
/// form, single bytes below 0x80 as themselves, scalars without leading zeros, nothing past the end. A method that
/// answers false leaves the position where it was.
/// </summary>
public ref struct RlpReader
{
    private readonly ReadOnlySpan<byte> _data;
    private int _position;

    /// <summary>Reads the items that lie one after the other in the bytes.</summary>
    public RlpReader(ReadOnlySpan<byte> data) => _data = data;

    /// <summary>True when every item is read.</summary>
    public readonly bool AtEnd => _position == _data.Length;

    /// <summary>True when the next item is a list.</summary>
    public readonly bool NextIsList => _position < _data.Length && _data[_position] >= 0xc0;

    /// <summary>Bytes not yet read.</summary>
    public readonly ReadOnlySpan<byte> Remaining => _data[_position..];

    /// <summary>Reads one whole item, prefix included, without looking inside a list.</summary>
    public bool TryReadItem(out ReadOnlySpan<byte> item)
    {
        item = default;
        if (!TryReadPrefix(out _, out int start, out int length)) return false;
        item = _data[_position..(start + length)];
        _position = start + length;
        return true;
    }

    /// <summary>Reads a byte string and answers its content.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!TryReadPrefix(out bool isList, out int start, out int length) || isList) return false;
        content = _data.Slice(start, length);
        _position = start + length;
        return true;
    }

    /// <summary>Reads a byte string of exactly the destination's length.</summary>
    public bool TryReadFixed(scoped Span<byte> destination)
    {
        int before = _position;
        if (TryReadBytes(out var content) && content.Length == destination.Length)
        {
            content.CopyTo(destination);
            return true;
        }
        _position = before;
        return false;
    }

    /// <summary>Reads a list and answers a reader of its items.</summary>
    public bool TryReadList(out RlpReader items)
    {
        items = default;
        if (!TryReadPrefix(out bool isList, out int start, out int length) || !isList) return false;
        items = new RlpReader(_data.Slice(start, length));
        _position = start + length;
        return true;
    }

    /// <summary>Reads an item that is the empty byte string, 0x80.</summary>
    public bool TryReadEmpty()
    {
        if (_position >= _data.Length || _data[_position] != 0x80) return false;
        _position++;
        return true;
    }

    /// <summary>Reads 32 bytes.</summary>
    public bool TryReadHash(out Hash32 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash32.Length];
        bool ok = TryReadFixed(bytes);
        hash = ok ? new Hash32(bytes) : default;
        return ok;
    }

    /// <summary>Reads 20 bytes.</summary>
    public bool TryReadAddress(out Address address)
    {
        Span<byte> bytes = stackalloc byte[Address.Length];
        bool ok = TryReadFixed(bytes);
        address = ok ? new Address(bytes) : default;
        return ok;
    }

    /// <summary>Reads a scalar of at most 64 bits.</summary>
    public bool TryReadUInt64(out ulong value)
    {
        value = 0;
        if (!TryReadScalar(sizeof(ulong), out var content)) return false;
        foreach (byte b in content) value = (value << 8) | b;
        return true;
    }

    /// <summary>Reads a scalar of at most 31 bits.</summary>
    public bool TryReadInt32(out int value)
    {
        int before = _position;
        bool ok = TryReadUInt64(out ulong wide) && wide <= int.MaxValue;
        value = ok ? (int)wide : 0;
        if (!ok) _position = before;
        return ok;
    }

    /// <summary>Reads a scalar of at most 256 bits.</summary>
    public bool TryReadUInt256(out UInt256 value)
    {
        value = default;
        if (!TryReadScalar(32, out var content)) return false;
        value = UInt256.FromBigEndian(content);
        return true;
    }

    private bool TryReadScalar(int maxBytes, out ReadOnlySpan<byte> content)
    {
        int before = _position;
        if (TryReadBytes(out content) && content.Length <= maxBytes && (content.Length == 0 || content[0] != 0))
            return true;
        _position = before;
        return false;
    }

    private readonly bool TryReadPrefix(out bool isList, out int start, out int length)
    {
        (isList, start, length) = (false, _position, 0);
        if (_position >= _data.Length) return false;
        byte prefix = _data[_position];
        if (prefix < 0x80)
        {
            length = 1;
            return true;
        }
        isList = prefix >= 0xc0;
        int form = prefix - (isList ? 0xc0 : 0x80);
        start = _position + 1;
        if (form > 55) return TryReadLongLength(form - 55, ref start, out length);
        length = form;
        if (length > _data.Length - start) return false;
        return isList || length != 1 || _data[start] >= 0x80;
    }

    private readonly bool TryReadLongLength(int size, ref int start, out int length)
    {
        length = 0;
        if (size > _data.Length - start || _data[start] == 0) return false;
        Span<byte> wide = stackalloc byte[sizeof(ulong)];
        wide.Clear();
        _data.Slice(start, size).CopyTo(wide[(sizeof(ulong) - size)..]);
        ulong value = BinaryPrimitives.ReadUInt64BigEndian(wide);
        start += size;
        if (value <= 55 || value > (ulong)(_data.Length - start)) return false;
        length = (int)value;
        return true;
    }
}
