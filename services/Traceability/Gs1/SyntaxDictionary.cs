using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Traceability.Gs1;

/// <summary>
/// The GS1 Barcode Syntax Dictionary: every Application Identifier with the form of its value and its rules. Read once
/// from the embedded file of GS1; the file's head explains its syntax.
/// </summary>
public sealed class SyntaxDictionary
{
    private readonly FrozenDictionary<string, ApplicationIdentifier> _all;
    private readonly FrozenDictionary<string, ApplicationIdentifier>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly byte[] _lengthByPrefix = new byte[100];
    private readonly bool[] _fixedByPrefix = new bool[100];

    private SyntaxDictionary(Dictionary<string, ApplicationIdentifier> all)
    {
        _all = all.ToFrozenDictionary(StringComparer.Ordinal);
        _lookup = _all.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (ApplicationIdentifier ai in _all.Values)
        {
            int prefix = int.Parse(ai.Code.AsSpan(0, 2), CultureInfo.InvariantCulture);
            _lengthByPrefix[prefix] = (byte)ai.Code.Length;
            _fixedByPrefix[prefix] = ai.Predefined;
        }
    }

    /// <summary>GS1's dictionary.</summary>
    public static SyntaxDictionary Gs1 { get; } = Parse(Embedded("gs1-syntax-dictionary.txt"));

    /// <summary>All identifiers.</summary>
    public IReadOnlyCollection<ApplicationIdentifier> All => _all.Values;

    /// <summary>Finds an identifier by its digits.</summary>
    public bool TryFind(ReadOnlySpan<char> code, [NotNullWhen(true)] out ApplicationIdentifier? ai) =>
        _lookup.TryGetValue(code, out ai);

    /// <summary>How many digits an identifier that begins with these two has; zero when none does.</summary>
    internal int LengthOf(ReadOnlySpan<char> text) =>
        text.Length >= 2 && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[1])
            ? _lengthByPrefix[((text[0] - '0') * 10) + text[1] - '0']
            : 0;

    /// <summary>Whether values of identifiers that begin with these two digits need no separator after them.</summary>
    internal bool IsPredefined(ReadOnlySpan<char> text) =>
        LengthOf(text) > 0 && _fixedByPrefix[((text[0] - '0') * 10) + text[1] - '0'];

    /// <summary>Reads the dictionary's text.</summary>
    /// <exception cref="FormatException">A line has another form.</exception>
    internal static SyntaxDictionary Parse(string text)
    {
        Dictionary<string, ApplicationIdentifier> all = new(StringComparer.Ordinal);
        foreach (string line in text.Split('\n'))
        {
            int hash = line.IndexOf('#', StringComparison.Ordinal);
            string title = hash < 0 ? "" : line[(hash + 1)..].Trim();
            string[] words = (hash < 0 ? line : line[..hash]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            string[] range = words[0].Split('-');
            int first = int.Parse(range[0], CultureInfo.InvariantCulture);
            int last = int.Parse(range[^1], CultureInfo.InvariantCulture);
            for (int code = first; code <= last; code++)
            {
                ApplicationIdentifier ai = ApplicationIdentifier.Parse(
                    code.ToString(CultureInfo.InvariantCulture).PadLeft(range[0].Length, '0'), words.AsSpan(1), title);
                all.Add(ai.Code, ai);
            }
        }
        return new SyntaxDictionary(all);
    }

    internal static string Embedded(string name)
    {
        using Stream stream =
            typeof(SyntaxDictionary).Assembly.GetManifestResourceStream($"Traceability.Gs1.Data.{name}")
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
