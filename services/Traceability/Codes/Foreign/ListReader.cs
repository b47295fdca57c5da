using System.Buffers;
using System.Text;
using ServiceDefaults.Problems;
using Traceability.Codes.Validation;
using Traceability.Gs1;

namespace Traceability.Codes.Foreign;

/// <summary>Reads the lines of a list of codes strictly; the first bad line refuses the whole list.</summary>
internal sealed class ListReader(string kind, string tenant, CodeValidator validator)
{
    /// <summary>Items (GTIN and serial), 20-digit drug codes, or any visible ASCII text.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["items", "drug", "plain"];

    public const int LineBytesMax = 256;
    private const int CodesMax = 5_000_000;
    private const int DrugDigits = 20;
    private const int PlainMax = 90;

    private readonly List<UInt128> _digests = [];
    private readonly HashSet<string> _gtins = new(StringComparer.Ordinal);
    private int _line;

    /// <summary>Takes a line without its line feed.</summary>
    /// <exception cref="ProblemException">It is no code.</exception>
    public void Line(ReadOnlySequence<byte> bytes)
    {
        _line++;
        if (bytes.Length > LineBytesMax)
            throw Bad("line-too-long");
        Span<byte> copy = stackalloc byte[LineBytesMax];
        bytes.CopyTo(copy);
        ReadOnlySpan<byte> line = copy[..(int)bytes.Length];
        if (_line == 1 && line.StartsWith("\ufeff"u8))
            line = line[3..];
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        if (line.IsEmpty)
            return;
        if (line.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            throw Bad("character");
        string text = Encoding.ASCII.GetString(line);
        if (_line == 1 && text is "gtin,serial" or "code")
            return;
        ItemCode code = kind switch
        {
            "items" => Item(text),
            "drug" when text.Length != DrugDigits || text.AsSpan().ContainsAnyExceptInRange('0', '9') =>
                throw Bad("drug-code"),
            "plain" when text.Length > PlainMax || text.AsSpan().IndexOfAny('"', ',') >= 0 =>
                throw Bad("plain-code"),
            _ => new ItemCode(null, text),
        };
        if (_digests.Count == CodesMax)
            throw new ProblemException(Problem.Of("code-list-too-long", ("max", CodesMax)));
        _digests.Add(ForeignCodes.DigestOf(code));
    }

    /// <summary>All codes by their digests.</summary>
    /// <exception cref="ProblemException">There is none, or one stands twice.</exception>
    public UInt128[] Sorted()
    {
        UInt128[] sorted = [.. _digests];
        Array.Sort(sorted);
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] == sorted[i - 1])
                throw new ProblemException(Problem.Of("code-list-repeats"));
        }
        return sorted.Length > 0 ? sorted : throw new ProblemException(Problem.Of("code-list-empty"));
    }

    private ItemCode Item(string text)
    {
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !CheckDigit.TryGtin14(text.AsSpan(0, comma), out string gtin))
            throw Bad("gtin");
        string serial = text[(comma + 1)..];
        if (!ElementString.IsValue("21", serial) || serial.StartsWith('"'))
            throw Bad("serial");
        if (_gtins.Add(gtin) && validator.OwnerOf(gtin) is { } owner && owner != tenant)
            throw new ProblemException(Problem.Of(Quotas.GtinCodes.NotOwner, ("gtin", gtin)));
        ItemCode code = new(gtin, serial);
        return validator.Find(code).Standing == CodeStanding.NotOurs ? code : throw Bad("known-code");
    }

    private ProblemException Bad(string what) =>
        new(Problem.Of("code-list-line", ("line", _line), ("what", what)));
}
