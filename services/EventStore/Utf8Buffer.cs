using System.Text;

namespace EventStore;

/// <summary>A growing array of bytes that can be shortened again, which <c>ArrayBufferWriter</c> can't.</summary>
internal sealed class Utf8Buffer(int capacity)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - Length < bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + bytes.Length));
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public void WriteAscii(string text)
    {
        Span<byte> bytes = stackalloc byte[64];
        Write(bytes[..Encoding.ASCII.GetBytes(text, bytes)]);
    }

    public void Truncate(int length) => Length = length;
}
