using System.Buffers.Binary;

namespace Prepaid.Liabilities;

/// <summary>Draws from random bytes without bias; pure, so that the same bytes draw the same.</summary>
/// <param name="fill">Gives the bytes.</param>
internal sealed class Drawing(Action<Span<byte>> fill)
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _used = 1 << 16;

    /// <summary>Fills a leaf's nonce.</summary>
    public void Fill(Span<byte> nonce) => Take(nonce.Length).CopyTo(nonce);

    /// <summary>A number from 0 to <paramref name="most"/>, each as likely.</summary>
    public long UpTo(long most)
    {
        // Numbers beyond the largest multiple of the range are drawn again.
        ulong range = (ulong)most + 1;
        ulong limit = ulong.MaxValue - (ulong.MaxValue % range + 1) % range;
        ulong drawn;
        do
        {
            drawn = BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong)));
        }
        while (drawn > limit);
        return (long)(drawn % range);
    }

    /// <summary>The numbers from 0 on in a random order (Fisher and Yates).</summary>
    public int[] Shuffled(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = (int)UpTo(i);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    private ReadOnlySpan<byte> Take(int size)
    {
        if (_used + size > _buffer.Length)
        {
            fill(_buffer);
            _used = 0;
        }
        _used += size;
        return _buffer.AsSpan(_used - size, size);
    }
}
