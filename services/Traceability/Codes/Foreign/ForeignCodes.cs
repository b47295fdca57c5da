using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Traceability.Codes.Foreign;

/// <summary>Codes that another system made were taken over.</summary>
/// <param name="Name">The list's name.</param>
/// <param name="Kind"><c>items</c> (GTIN and serial) or <c>plain</c>, such as 20-digit drug codes.</param>
/// <param name="Count">How many codes.</param>
/// <param name="Sha256">Digest of the file.</param>
public sealed record ForeignCodesImported(string Name, string Kind, int Count, string Sha256);

/// <summary>An imported list.</summary>
public sealed record KnownList(Guid Id, string Tenant, string Name, string Kind, int Count);

/// <summary>
/// Imported codes as sorted 128-bit digests, which is what a database of strangers' codes needs: 16 bytes a code, no
/// code readable from it, a look-up in memory.
/// </summary>
internal sealed class ForeignCodes
{
    private ImmutableArray<(KnownList List, UInt128[] Digests)> _lists = [];

    /// <summary>The digest of a code, the same however it was written.</summary>
    public static UInt128 DigestOf(ItemCode code)
    {
        Span<byte> text = stackalloc byte[512];
        int length = Encoding.UTF8.TryGetBytes(code.Gtin ?? "", text, out int a)
            && Encoding.UTF8.TryGetBytes(code.Serial, text[(a + 1)..], out int b)
                ? a + 1 + b
                : throw new ArgumentException("The code is too long.", nameof(code));
        text[a] = (byte)'\n';
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(text[..length], hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>An organisation's lists, newest first: their ids are by time.</summary>
    public IEnumerable<KnownList> Of(string tenant) =>
        _lists.Select(l => l.List).Where(l => l.Tenant == tenant).OrderByDescending(l => l.Id.ToString(), StringComparer.Ordinal);

    public KnownList? Find(ItemCode code)
    {
        if (_lists.IsEmpty || code.Serial.Length > 90)
            return null;
        UInt128 digest = DigestOf(code);
        foreach ((KnownList list, UInt128[] digests) in _lists)
        {
            if (Array.BinarySearch(digests, digest) >= 0)
                return list;
        }
        return null;
    }

    public void Learn(KnownList list, UInt128[] sorted) =>
        ImmutableInterlocked.Update(ref _lists, static (lists, added) =>
            lists.Any(l => l.List.Id == added.List.Id) ? lists : lists.Add(added), (List: list, Digests: sorted));

    public static byte[] Write(ReadOnlySpan<UInt128> digests)
    {
        byte[] bytes = new byte[digests.Length * 16];
        for (int i = 0; i < digests.Length; i++)
            BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(i * 16), digests[i]);
        return bytes;
    }

    public static void Read(ReadOnlySpan<byte> bytes, List<UInt128> digests)
    {
        for (int i = 0; i < bytes.Length; i += 16)
            digests.Add(BinaryPrimitives.ReadUInt128BigEndian(bytes[i..]));
    }
}
