using Chain.Core;

namespace Chain.Tests.State;

/// <summary>The definition of YP appendix D written down as it stands: c(J, i) and n(J, i) over the whole content.</summary>
public static class NaiveTrie
{
    public static Hash32 RootOf(IReadOnlyDictionary<byte[], byte[]> content)
    {
        if (content.Count == 0) return Keccak256.Hash([0x80]);
        var entries = content.Select(e => (Nibbles(e.Key), e.Value)).ToList();
        return Keccak256.Hash(Compose(entries, 0));
    }

    private static byte[] Compose(List<(string Path, byte[] Value)> entries, int depth)
    {
        if (entries.Count == 1) return List(Text(HexPrefixed(entries[0].Path[depth..], true)), Text(entries[0].Value));
        string first = entries[0].Path;
        int end = depth;
        while (entries.All(e => e.Path.Length > end && e.Path[end] == first[end])) end++;
        if (end > depth) return List(Text(HexPrefixed(first[depth..end], false)), Node(entries, end));
        var items = "0123456789abcdef"
            .Select(digit => Node(entries.Where(e => e.Path.Length > depth && e.Path[depth] == digit).ToList(), depth + 1))
            .ToList();
        var here = entries.Where(e => e.Path.Length == depth).Select(e => e.Value).SingleOrDefault();
        items.Add(Text(here ?? []));
        return List([.. items]);
    }

    private static byte[] Node(List<(string Path, byte[] Value)> entries, int depth)
    {
        if (entries.Count == 0) return [0x80];
        var composed = Compose(entries, depth);
        return composed.Length < 32 ? composed : Text(Keccak256.Hash(composed).ToArray());
    }

    private static string Nibbles(byte[] key) => Convert.ToHexStringLower(key);

    private static byte[] HexPrefixed(string path, bool leaf)
    {
        int flag = (leaf ? 2 : 0) + (path.Length % 2);
        return Convert.FromHexString(flag.ToString("x", null) + (path.Length % 2 == 0 ? "0" : "") + path);
    }

    private static byte[] Text(byte[] bytes) =>
        bytes.Length == 1 && bytes[0] < 0x80 ? bytes : [.. Prefix(0x80, bytes.Length), .. bytes];

    private static byte[] List(params byte[][] items)
    {
        var content = items.SelectMany(i => i).ToArray();
        return [.. Prefix(0xc0, content.Length), .. content];
    }

    private static byte[] Prefix(int offset, int length)
    {
        if (length < 56) return [(byte)(offset + length)];
        return length < 256
            ? [(byte)(offset + 56), (byte)length]
            : [(byte)(offset + 57), (byte)(length >> 8), (byte)length];
    }
}
