using System.Collections.Frozen;

namespace Traceability.Gs1;

/// <summary>Checks against lists of codes.</summary>
internal static class ListLinters
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> Lists = Read();

    public static Lint Contains(string list, ReadOnlySpan<char> data, string code) =>
        Lists[list].GetAlternateLookup<ReadOnlySpan<char>>().Contains(data) ? Lint.None : Linters.Whole(code, data);

    private static FrozenDictionary<string, FrozenSet<string>> Read()
    {
        Dictionary<string, HashSet<string>> lists = [];
        HashSet<string> current = [];
        foreach (string line in SyntaxDictionary.Embedded("code-lists.txt").Split('\n'))
        {
            if (line.StartsWith('['))
                lists[line[1..^1]] = current = [];
            else
                current.UnionWith(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        return lists.ToFrozenDictionary(l => l.Key, l => l.Value.ToFrozenSet(StringComparer.Ordinal));
    }
}
