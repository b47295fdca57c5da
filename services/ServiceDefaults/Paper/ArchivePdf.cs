using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ServiceDefaults.Paper;

/// <summary>A file carried inside a document.</summary>
/// <param name="Name">Its name: ASCII letters, digits, dots and hyphens.</param>
/// <param name="MediaType">What it is: <c>application/json</c>.</param>
/// <param name="Content">Its bytes.</param>
public sealed record PdfAttachment(string Name, string MediaType, byte[] Content);

/// <summary>
/// Puts files and a signature into a PDF as one incremental update (ISO 32000-1 §7.5.6), so that what was printed stays
/// byte for byte: the associated files of PDF/A-3 (ISO 19005-3 §6.8) and a signature over all of it (§12.8.1).
/// </summary>
public static partial class ArchivePdf
{
    // A CMS with one P-256 certificate has under 1 KB; twice as many hexadecimal digits stand in the file.
    private const int SignatureMax = 4096;

    /// <summary>The document with its attachments, signed.</summary>
    /// <param name="pdf">As <see cref="PdfPrinter"/> made it: a classic cross-reference table, no links.</param>
    /// <param name="attachments">What it carries.</param>
    /// <param name="seal">Whose signature.</param>
    /// <param name="at">The time that the signature states.</param>
    /// <exception cref="InvalidDataException">The file is of another form.</exception>
    public static byte[] Seal(
        byte[] pdf, IReadOnlyList<PdfAttachment> attachments, DocumentSeal seal, DateTimeOffset at)
    {
        Original original = Original.Read(pdf);
        Update update = new(pdf, original.Size);
        PdfAttachment[] sorted = [.. attachments.OrderBy(a => a.Name, StringComparer.Ordinal)];
        List<string> files = [.. sorted.Select(a => Attach(update, a, at))];
        int page = original.FirstPage;
        int signature = update.Add(SignatureOf(at));
        int field = update.Add($"<< /Type /Annot /Subtype /Widget /FT /Sig /T (seal) /V {signature} 0 R "
            + $"/F 132 /Rect [ 0 0 0 0 ] /P {page} 0 R >>");
        string names = string.Join(' ', sorted.Zip(files, (a, file) => $"({a.Name}) {file}"));
        update.Replace(original.Root, original.With(original.Root,
            $"/Names << /EmbeddedFiles << /Names [ {names} ] >> >> /AF [ {string.Join(' ', files)} ] "
            + $"/AcroForm << /Fields [ {field} 0 R ] /SigFlags 3 >>", "/Names", "/AcroForm"));
        update.Replace(page, original.With(page, $"/Annots [ {field} 0 R ]", "/Annots"));
        return Sign(update.Finish(original), seal, at);
    }

    private static string Attach(Update update, PdfAttachment file, DateTimeOffset at)
    {
        string type = file.MediaType.Replace("/", "#2F", StringComparison.Ordinal);
        int stream = update.Add($"<< /Type /EmbeddedFile /Subtype /{type} /Length {file.Content.Length} "
            + $"/Params << /Size {file.Content.Length} /ModDate ({Time(at)}) >> >>", file.Content);
        int named = update.Add($"<< /Type /Filespec /F ({file.Name}) /UF ({file.Name}) "
            + $"/AFRelationship /Data /EF << /F {stream} 0 R /UF {stream} 0 R >> >>");
        return $"{named} 0 R";
    }

    private static string SignatureOf(DateTimeOffset at) =>
        "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached "
        + $"/M ({Time(at)}) /ByteRange [ 0 {new string('*', 10)} {new string('*', 10)} {new string('*', 10)} ] "
        + $"/Contents <{new string('0', 2 * SignatureMax)}> >>";

    /// <summary>Fills in the byte range, then the signature over it.</summary>
    private static byte[] Sign(byte[] whole, DocumentSeal seal, DateTimeOffset at)
    {
        string text = Encoding.Latin1.GetString(whole);
        int open = text.LastIndexOf($"<{new string('0', 2 * SignatureMax)}>", StringComparison.Ordinal);
        int close = open + 2 + (2 * SignatureMax);
        int range = text.LastIndexOf("/ByteRange [ 0 **", StringComparison.Ordinal) + "/ByteRange [ 0 ".Length;
        Write(whole, range, string.Create(
            CultureInfo.InvariantCulture, $"{open,-10} {close,-10} {whole.Length - close,-10}"));
        byte[] covered = [.. whole.AsSpan(0, open), .. whole.AsSpan(close)];
        byte[] signature = seal.Sign(covered, at);
        if (signature.Length > SignatureMax)
            throw new InvalidDataException("The signature is longer than its place.");
        Write(whole, open + 1, Convert.ToHexStringLower(signature));
        return whole;
    }

    private static void Write(byte[] bytes, int at, string text) =>
        Encoding.ASCII.GetBytes(text, bytes.AsSpan(at));

    private static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("'D:'yyyyMMddHHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>What an update needs to know of the file that it follows.</summary>
    private sealed record Original(string Text, int Table, int Size, int Root, string Trailer)
    {
        private Dictionary<int, int> Offsets { get; init; } = [];

        public int FirstPage => int.Parse(
            Kids().Match(Object(int.Parse(Pages().Match(Object(Root)).Groups[1].ValueSpan, null))).Groups[1].ValueSpan,
            null);

        public static Original Read(byte[] pdf)
        {
            string text = Encoding.Latin1.GetString(pdf);
            Match end = End().Match(text);
            if (!end.Success)
                throw new InvalidDataException("The file has no classic cross-reference table.");
            int table = int.Parse(end.Groups["at"].ValueSpan, null);
            string[] lines = text[table..end.Index].Split('\n');
            // One section, as it was printed: "xref", "0 n", then a line for each object.
            Dictionary<int, int> offsets = [];
            for (int i = 2; i < lines.Length; i++)
            {
                if (lines[i].Contains(" n", StringComparison.Ordinal))
                    offsets[i - 2] = int.Parse(lines[i].AsSpan(0, 10), null);
            }
            string trailer = end.Groups["trailer"].Value;
            return new Original(
                text, table, int.Parse(SizeOf().Match(trailer).Groups[1].ValueSpan, null),
                int.Parse(RootOf().Match(trailer).Groups[1].ValueSpan, null), trailer)
            { Offsets = offsets };
        }

        /// <summary>An object's dictionary with more members; it must not have them yet.</summary>
        public string With(int number, string members, params string[] absent)
        {
            string dictionary = Object(number);
            if (absent.Any(a => dictionary.Contains(a, StringComparison.Ordinal)))
                throw new InvalidDataException($"Object {number} has {string.Join(" or ", absent)} already.");
            return $"{dictionary[..dictionary.LastIndexOf(">>", StringComparison.Ordinal)]} {members} >>";
        }

        private string Object(int number)
        {
            int start = Text.IndexOf(" obj", Offsets[number], StringComparison.Ordinal) + " obj".Length;
            return Text[start..Text.IndexOf("endobj", start, StringComparison.Ordinal)].Trim();
        }
    }

    /// <summary>Objects appended to a file.</summary>
    private sealed class Update
    {
        private readonly ArrayBufferWriter<byte> _file = new();
        private readonly SortedDictionary<int, int> _offsets = [];
        private int _next;

        public Update(byte[] pdf, int size)
        {
            _next = size;
            _file.Write(pdf);
        }

        public int Add(string dictionary, byte[]? stream = null)
        {
            Put(_next, dictionary, stream);
            return _next++;
        }

        public void Replace(int number, string dictionary) => Put(number, dictionary, null);

        public byte[] Finish(Original original)
        {
            int table = _file.WrittenCount;
            StringBuilder text = new("xref\n");
            foreach ((int number, int offset) in _offsets)
                text.Append(CultureInfo.InvariantCulture, $"{number} 1\n{offset:D10} 00000 n \n");
            string trailer = SizeOf().Replace(original.Trailer, $"/Size {_next}");
            text.Append("trailer\n<< ").Append(trailer.Trim()).Append(
                CultureInfo.InvariantCulture, $"\n/Prev {original.Table} >>\nstartxref\n{table}\n%%EOF\n");
            Text(text.ToString());
            return _file.WrittenSpan.ToArray();
        }

        private void Put(int number, string dictionary, byte[]? stream)
        {
            _offsets[number] = _file.WrittenCount;
            Text($"{number} 0 obj\n{dictionary}\n");
            if (stream is not null)
            {
                Text("stream\n");
                _file.Write(stream);
                Text("\nendstream\n");
            }
            Text("endobj\n");
        }

        private void Text(string text) => _file.Write(Encoding.Latin1.GetBytes(text));
    }

    [GeneratedRegex(
        @"trailer\s*<<(?<trailer>.*?)>>\s*startxref\s+(?<at>\d+)\s+%%EOF\s*\z",
        RegexOptions.Singleline | RegexOptions.RightToLeft)]
    private static partial Regex End();

    [GeneratedRegex(@"/Size\s+(\d+)")]
    private static partial Regex SizeOf();

    [GeneratedRegex(@"/Root\s+(\d+) 0 R")]
    private static partial Regex RootOf();

    [GeneratedRegex(@"/Pages\s+(\d+) 0 R")]
    private static partial Regex Pages();

    [GeneratedRegex(@"/Kids\s*\[\s*(\d+) 0 R")]
    private static partial Regex Kids();
}
