using System.Buffers.Binary;
using System.Numerics;

namespace Chain.Core;

/// <summary>
/// Writer of recursive length prefix data (YP appendix B) into a growing buffer. A list is opened, its items are
/// written, and closing it puts the prefix before them. Not safe for several threads.
/// </summary>
public sealed class RlpWriter
{
    private byte[] _buffer;
    private int _length;

    /// <summary>An empty writer.</summary>
    /// <param name="capacity">Bytes to reserve at first.</param>
    public RlpWriter(int capacity = 256) => _buffer = new byte[capacity];

    /// <summary>What is written so far, valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Forgets what is written and keeps the buffer.</summary>
    public void Clear() => _length = 0;

    /// <summary>A copy of what is written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Opens a list.</summary>
    /// <returns>The mark to close it with.</returns>
    public int StartList() => _length;

    /// <summary>Closes the list opened with this mark; inner lists are closed before.</summary>
    public void EndList(int mark)
    {
        int content = _length - mark;
        int prefix = PrefixSize(content);
        Reserve(prefix);
        _buffer.AsSpan(mark, content).CopyTo(_buffer.AsSpan(mark + prefix));
        WritePrefix(0xc0, content, _buffer.AsSpan(mark));
        _length += prefix;
    }

    /// <summary>Writes a byte string.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        if (content.Length != 1 || content[0] >= 0x80)
            _length += WritePrefix(0x80, content.Length, Reserve(PrefixSize(content.Length)));
        WriteRaw(content);
    }

    /// <summary>Writes 32 bytes.</summary>
    public void Write(in Hash32 hash) => Write(hash.Bytes);

    /// <summary>Writes 20 bytes.</summary>
    public void Write(in Address address) => Write(address.Bytes);

    /// <summary>Writes a scalar in its shortest form; zero is 0x80.</summary>
    public void Write(ulong scalar) => _length += WriteScalar(scalar, Reserve(9));

    /// <summary>Writes a scalar in its shortest form; zero is 0x80.</summary>
    public void Write(in UInt256 scalar)
    {
        Span<byte> bytes = stackalloc byte[32];
        scalar.WriteBigEndian(bytes);
        int zeros = bytes.IndexOfAnyExcept((byte)0);
        Write(zeros < 0 ? default : bytes[zeros..]);
    }

    /// <summary>Writes bytes that are already encoded.</summary>
    public void WriteRaw(ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(Reserve(encoded.Length));
        _length += encoded.Length;
    }

    /// <summary>Writes the empty list, 0xc0.</summary>
    public void WriteEmptyList() => WriteRaw([0xc0]);

    /// <summary>Encodes one byte string.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> content)
    {
        var writer = new RlpWriter(content.Length + 9);
        writer.Write(content);
        return writer.ToArray();
    }

    /// <summary>Writes a scalar in its shortest form and answers the number of bytes, at most nine.</summary>
    public static int WriteScalar(ulong scalar, Span<byte> destination)
    {
        if (scalar is > 0 and < 0x80)
        {
            destination[0] = (byte)scalar;
            return 1;
        }
        int size = ByteSize(scalar);
        destination[0] = (byte)(0x80 + size);
        WriteTail(scalar, size, destination[1..]);
        return 1 + size;
    }

    /// <summary>Bytes that the prefix of a string (of other than one byte) or list of this length takes.</summary>
    public static int PrefixSize(int contentLength) => contentLength <= 55 ? 1 : 1 + ByteSize((ulong)contentLength);

    private static int WritePrefix(byte offset, int contentLength, Span<byte> destination)
    {
        if (contentLength <= 55)
        {
            destination[0] = (byte)(offset + contentLength);
            return 1;
        }
        int size = ByteSize((ulong)contentLength);
        destination[0] = (byte)(offset + 55 + size);
        WriteTail((ulong)contentLength, size, destination[1..]);
        return 1 + size;
    }

    private static int ByteSize(ulong value) => (71 - BitOperations.LeadingZeroCount(value)) / 8;

    private static void WriteTail(ulong value, int size, Span<byte> destination)
    {
        Span<byte> wide = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(wide, value);
        wide[(sizeof(ulong) - size)..].CopyTo(destination);
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + count));
        return _buffer.AsSpan(_length);
    }
}
