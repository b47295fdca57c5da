using System.Globalization;

namespace Proofs.Merkle;

/// <summary>
/// One resource of the C2SP tlog-tiles layout: a tile of hashes or, at <see cref="EntriesLevel"/>, a bundle of entries.
/// </summary>
/// <param name="Level">Level of the tile, 0 for leaf hashes; <see cref="EntriesLevel"/> for entries.</param>
/// <param name="Index">Place of the tile within its level.</param>
/// <param name="Width">Number of hashes or entries, 1 to 256; below 256 the tile is partial.</param>
public readonly record struct TileId(int Level, ulong Index, int Width)
{
    /// <summary>Number of hashes in a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>Stands for <c>entries</c> in place of a level.</summary>
    public const int EntriesLevel = -1;

    /// <summary>True if the tile has fewer than 256 items.</summary>
    public bool IsPartial => Width < FullWidth;

    /// <summary>The path below the log's prefix, for example <c>tile/0/x001/x234/067.p/8</c>.</summary>
    public string Path
    {
        get
        {
            var path = (Index % 1000).ToString("000", CultureInfo.InvariantCulture);
            for (var rest = Index / 1000; rest > 0; rest /= 1000)
                path = "x" + (rest % 1000).ToString("000", CultureInfo.InvariantCulture) + "/" + path;
            var level = Level == EntriesLevel ? "entries" : Level.ToString(CultureInfo.InvariantCulture);
            return $"tile/{level}/{path}" + (IsPartial ? $".p/{Width.ToString(CultureInfo.InvariantCulture)}" : "");
        }
    }

    /// <summary>Reads a path as <see cref="Path"/> writes it; every other spelling is refused.</summary>
    public static bool TryParse(string path, out TileId id)
    {
        id = default;
        var parts = path.Split('/');
        if (parts.Length is < 3 or > 12 || parts[0] != "tile")
            return false;
        var level = EntriesLevel;
        if (parts[1] != "entries" && !Number(parts[1], out level))
            return false;
        var (last, width) = (parts.Length - 1, FullWidth);
        if (parts.Length > 3 && parts[^2].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!Number(parts[^1], out width))
                return false;
            last--;
        }
        UInt128 index = 0;
        for (var i = 2; i <= last; i++)
        {
            var digits = parts[i].AsSpan();
            if (i == last && last < parts.Length - 1)
                digits = digits[..^2];
            if (i < last)
                digits = digits.Length > 0 && digits[0] == 'x' ? digits[1..] : [];
            if (digits.Length != 3 || digits.ContainsAnyExceptInRange('0', '9'))
                return false;
            index = (index * 1000) + uint.Parse(digits, CultureInfo.InvariantCulture);
        }
        if (index > ulong.MaxValue || level > 63 || width is < 1 or > FullWidth)
            return false;
        id = new TileId(level, (ulong)index, width);
        return id.Path == path;
    }

    private static bool Number(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
