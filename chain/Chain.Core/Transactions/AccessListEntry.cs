namespace Chain.Core;

/// <summary>An address and storage keys that a transaction announces to touch (EIP-2930).</summary>
/// <param name="Address">The account.</param>
/// <param name="StorageKeys">Its storage keys.</param>
public sealed record AccessListEntry(Address Address, IReadOnlyList<Hash32> StorageKeys)
{
    internal static void WriteAll(RlpWriter writer, IReadOnlyList<AccessListEntry> entries)
    {
        int list = writer.StartList();
        foreach (var entry in entries)
        {
            int item = writer.StartList();
            writer.Write(entry.Address);
            HashList.Write(writer, entry.StorageKeys);
            writer.EndList(item);
        }
        writer.EndList(list);
    }

    internal static bool TryReadAll(ref RlpReader reader, out IReadOnlyList<AccessListEntry> entries)
    {
        entries = [];
        if (!reader.TryReadList(out var items)) return false;
        if (items.AtEnd) return true;
        var read = new List<AccessListEntry>();
        while (!items.AtEnd)
        {
            if (!items.TryReadList(out var item) || !item.TryReadAddress(out var address)
                || !HashList.TryRead(ref item, out var keys) || !item.AtEnd) return false;
            read.Add(new AccessListEntry(address, keys));
        }
        entries = read;
        return true;
    }
}
