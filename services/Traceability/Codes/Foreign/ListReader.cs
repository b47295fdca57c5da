using System.Buffers;
using System.Text;
using ServiceDefaults.Problems;
using Traceability.Codes.Validation;
using Traceability.Gs1;

namespace Traceability.Codes.Foreign;

/// <summary>Reads the lines of a list of codes strictly; one bad line refuses the whole list.</summary>
internal sealed class ListReader(string kind, CodeValidator validator)
{
    /// <summary>Items (GTIN and serial), 20-digit drug codes, or any visible ASCII text.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["items", "drug", "plain"];

    public const int LineBytesMax = 256;
    private const int CodesMax = 5_000_000;
    private const int DrugDigits = 20;
    private const int PlainMax = 90;
    private const int BadMax = 100;

    private readonly List<UInt128> _digests = [];
    private readonly Dictionary<string, int> _gtins = new(StringComparer.Ordinal);
    private readonly List<(int Line, string What)> _bad = [];
    private int _line;

    /// <summary>Takes a line without its line feed. Bad ones are gathered, so that all can be corrected at once.</summary>
    /// <exception cref="ProblemException">It has no end, or too many are bad.</exception>
    public void Line(ReadOnlySequence<byte> bytes)
    {
        _line++;
        if (bytes.Length > LineBytesMax)
        {
            _bad.Add((_line, "line-too-long"));
            throw Refused();
        }
        Span<byte> copy = stackalloc byte[LineBytesMax];
        bytes.CopyTo(copy);
        ReadOnlySpan<byte> line = copy[..(int)bytes.Length];
        if (_line == 1 && line.StartsWith("\ufeff"u8))
            line = line[3..];
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        if (line.IsEmpty || (_line == 1 && (line.SequenceEqual("gtin,serial"u8) || line.SequenceEqual("code"u8))))
            return;
        if (Fault(line, out ItemCode code) is { } what)
        {
            _bad.Add((_line, what));
            if (_bad.Count == BadMax)
                throw Refused();
            return;
        }
        if (_digests.Count == CodesMax)
            throw new ProblemException(Problem.Of("code-list-too-long", ("max", CodesMax)));
        _digests.Add(ForeignCodes.DigestOf(code));
    }

    /// <summary>GTINs of the items, which must be nobody else's, and how many items each has.</summary>
    public IReadOnlyDictionary<string, int> Gtins => _gtins;

    /// <summary>All codes by their digests.</summary>
    /// <exception cref="ProblemException">A line is bad, there is none, or one stands twice.</exception>
    public UInt128[] Sorted()
    {
        if (_bad.Count > 0)
            throw Refused();
        UInt128[] sorted = [.. _digests];
        Array.Sort(sorted);
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] == sorted[i - 1])
                throw new ProblemException(Problem.Of("code-list-repeats"));
        }
        return sorted.Length > 0 ? sorted : throw new ProblemException(Problem.Of("code-list-empty"));
    }

    /// <summary>What is wrong with a line; null where it is a code.</summary>
    private string? Fault(ReadOnlySpan<byte> line, out ItemCode code)
    {
        code = default;
        if (line.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            return "character";
        string text = Encoding.ASCII.GetString(line);
        if (kind == "items")
            return ItemFault(text, out code);
        code = new ItemCode(null, text);
        return kind switch
        {
            "drug" when text.Length != DrugDigits || text.AsSpan().ContainsAnyExceptInRange('0', '9') => "drug-code",
            "plain" when text.Length > PlainMax || text.AsSpan().IndexOfAny('"', ',') >= 0 => "plain-code",
            _ => null,
        };
    }

    private string? ItemFault(string text, out ItemCode code)
    {
        code = default;
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !CheckDigit.TryGtin14(text.AsSpan(0, comma), out string gtin))
            return "gtin";
        string serial = text[(comma + 1)..];
        if (!ElementString.IsValue("21", serial) || serial.StartsWith('"'))
            return "serial";
        _gtins[gtin] = _gtins.GetValueOrDefault(gtin) + 1;
        code = new ItemCode(gtin, serial);
        return validator.Find(code).Standing == CodeStanding.NotOurs ? null : "known-code";
    }

    /// <summary>Names the first bad line in its words, and each of them as an item with its number.</summary>
    private ProblemException Refused() => new(Problem.Of(
        "code-list-line",
        [.. _bad.Select(b => new ProblemItem(
            b.What, "code-list-line", new Dictionary<string, object?> { ["line"] = b.Line, ["what"] = b.What }, b.Line))],
        ("line", _bad[0].Line), ("what", _bad[0].What)));
}
