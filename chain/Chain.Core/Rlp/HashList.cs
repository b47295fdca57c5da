namespace Chain.Core;

/// <summary>Lists of 32-byte items.</summary>
internal static class HashList
{
    internal static bool TryRead(ref RlpReader reader, out IReadOnlyList<Hash32> hashes)
    {
        hashes = [];
        if (!reader.TryReadList(out var items)) return false;
        if (items.AtEnd) return true;
        var read = new List<Hash32>(items.Remaining.Length / (1 + Hash32.Length));
        while (!items.AtEnd)
        {
            if (!items.TryReadHash(out var hash)) return false;
            read.Add(hash);
        }
        hashes = read;
        return true;
    }

    internal static void Write(RlpWriter writer, IReadOnlyList<Hash32> hashes)
    {
        int list = writer.StartList();
        foreach (var hash in hashes) writer.Write(hash);
        writer.EndList(list);
    }
}
