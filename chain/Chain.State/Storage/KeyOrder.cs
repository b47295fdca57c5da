namespace Chain.State;

/// <summary>Keys as unsigned bytes, a prefix before what it begins.</summary>
internal sealed class KeyOrder : IComparer<byte[]>
{
    internal const int MaxKeyBytes = 500;

    internal static readonly KeyOrder Instance = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
