using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Traceability.Epcis.Documents;

/// <summary>I-JSON (RFC 7493): UTF-8 without lone surrogates, no name twice, bounded size and depth.</summary>
internal static class StrictJson
{
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, EpcisLimits limits)
    {
        if (utf8.Length > limits.Bytes)
        {
            throw new EpcisFormatException(
                "document-too-large", "", $"The document has more than {limits.Bytes} bytes.");
        }

        // Some systems begin with a byte order mark, which RFC 8259 §8.1 lets a reader skip.
        if (utf8.Span.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        if (!Utf8.IsValid(utf8.Span)) throw new EpcisFormatException("json-not-utf8", "", "The text is not UTF-8.");
        JsonDocument document = ParseText(utf8, limits.Depth);
        try
        {
            CheckEscapes(utf8.Span);
            return document;
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    private static JsonDocument ParseText(ReadOnlyMemory<byte> utf8, int depth)
    {
        var options = new JsonDocumentOptions { MaxDepth = depth, AllowDuplicateProperties = false };
        try
        {
            return JsonDocument.Parse(utf8, options);
        }
        catch (JsonException e)
        {
            string where = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
            throw CodeOf(e) switch
            {
                "json-duplicate-name" => new EpcisFormatException(
                    "json-duplicate-name", e.Path ?? "", $"A member's name stands twice in one object{where}."),
                "json-too-deep" => new EpcisFormatException(
                    "json-too-deep", "", $"The text nests deeper than {depth} levels{where}."),
                _ => new EpcisFormatException("json-broken", "", $"The text is not JSON{where}.")
            };
        }
        // A name with a lone surrogate is compared, and so decoded, while names are told apart.
        catch (InvalidOperationException)
        {
            throw new EpcisFormatException("json-lone-surrogate", "", "A string holds half a surrogate pair.");
        }
    }

    private static string CodeOf(JsonException e) =>
        e.Message.Contains("Duplicate", StringComparison.OrdinalIgnoreCase) ? "json-duplicate-name"
        : e.Message.Contains("maximum configured depth", StringComparison.Ordinal) ? "json-too-deep"
        : "json-broken";

    /// <summary>Refuses escaped lone surrogates and U+0000, which no database text holds; the text is JSON already.
    /// </summary>
    private static void CheckEscapes(ReadOnlySpan<byte> utf8)
    {
        bool high = false;
        int at = 0;
        while (true)
        {
            int next = utf8[at..].IndexOf((byte)'\\');
            if (high && next != 0) throw Lone();
            if (next < 0) return;
            at += next;
            if (utf8[at + 1] != 'u')
            {
                if (high) throw Lone();
                at += 2;
                continue;
            }

            int unit = int.Parse(utf8.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            bool low = unit is >= 0xDC00 and <= 0xDFFF;
            if (high != low) throw Lone();
            if (unit == 0) throw new EpcisFormatException("json-nul", "", "A string holds the character U+0000.");
            high = unit is >= 0xD800 and <= 0xDBFF;
            at += 6;
        }
    }

    private static EpcisFormatException Lone() =>
        new("json-lone-surrogate", "", "A string holds half a surrogate pair.");
}
