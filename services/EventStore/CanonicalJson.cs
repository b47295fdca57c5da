using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace EventStore;

/// <summary>Which JSON numbers <see cref="CanonicalJson"/> accepts.</summary>
public enum JsonNumbers
{
    /// <summary>Integers within ±(2⁵³−1), written without fraction, exponent or minus zero: the rule for events.</summary>
    Integers,

    /// <summary>Any finite IEEE 754 double, written as RFC 8785 §3.2.2.3 says.</summary>
    Doubles
}

/// <summary>A text that is not the strict JSON which <see cref="CanonicalJson"/> accepts.</summary>
public sealed class JsonFormException(string message, Exception? inner = null) : FormatException(message, inner);

/// <summary>
/// The JSON Canonicalization Scheme (RFC 8785) behind a strict parser (RFC 8259, I-JSON RFC 7493): doubled names, lone
/// surrogates, invalid UTF-8, U+0000 and nesting deeper than <see cref="DepthMax"/> are refused. Strings are kept as
/// received, without Unicode normalisation.
/// </summary>
public static class CanonicalJson
{
    /// <summary>Deepest nesting of arrays and objects.</summary>
    public const int DepthMax = 64;

    /// <summary>2⁵³−1: beyond it a double no longer tells neighbouring integers apart.</summary>
    public const long IntegerMax = 9_007_199_254_740_991;

    /// <summary>Returns the canonical form of the JSON text <paramref name="utf8"/>.</summary>
    /// <exception cref="JsonFormException">The text is not strict JSON, or breaks <paramref name="numbers"/>.</exception>
    public static byte[] Canonicalize(ReadOnlySpan<byte> utf8, JsonNumbers numbers = JsonNumbers.Integers)
    {
        var output = new Utf8Buffer(utf8.Length + 16);
        Write(utf8, output, numbers);
        return output.Written.ToArray();
    }

    /// <summary>Appends the canonical form of the JSON text <paramref name="utf8"/> to <paramref name="output"/>.</summary>
    /// <exception cref="JsonFormException">The text is not strict JSON, or breaks <paramref name="numbers"/>.</exception>
    internal static void Write(
        ReadOnlySpan<byte> utf8, Utf8Buffer output, JsonNumbers numbers = JsonNumbers.Integers)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DepthMax });
            if (!reader.Read()) throw new JsonFormException("The text is empty.");
            WriteValue(ref reader, output, numbers);
            if (reader.Read()) throw new JsonFormException("The text goes on after its value.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new JsonFormException(e.Message, e);
        }
    }

    /// <summary>Appends <paramref name="value"/> as a canonical JSON string.</summary>
    /// <exception cref="JsonFormException">It holds U+0000 or a lone surrogate.</exception>
    internal static void WriteString(string value, Utf8Buffer output)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(value.Length * 3);
        try
        {
            if (Utf8.FromUtf16(value, bytes, out _, out var written, replaceInvalidSequences: false) !=
                OperationStatus.Done) throw new JsonFormException("A string holds a lone surrogate.");
            WriteString(bytes.AsSpan(0, written), output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static void WriteValue(ref Utf8JsonReader reader, Utf8Buffer output, JsonNumbers numbers)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject: WriteObject(ref reader, output, numbers); break;
            case JsonTokenType.StartArray: WriteArray(ref reader, output, numbers); break;
            case JsonTokenType.String: WriteText(ref reader, output); break;
            case JsonTokenType.Number: WriteNumber(reader.ValueSpan, output, numbers); break;
            default: output.Write(reader.ValueSpan); break;
        }
    }

    private static void WriteArray(ref Utf8JsonReader reader, Utf8Buffer output, JsonNumbers numbers)
    {
        output.Write("["u8);
        for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
        {
            if (!first) output.Write(","u8);
            WriteValue(ref reader, output, numbers);
        }
        output.Write("]"u8);
    }

    private static void WriteObject(ref Utf8JsonReader reader, Utf8Buffer output, JsonNumbers numbers)
    {
        output.Write("{"u8);
        var start = output.Length;
        List<Member> members = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (members.Count > 0) output.Write(","u8);
            var name = reader.GetString()!;
            var from = output.Length;
            WriteText(ref reader, output);
            output.Write(":"u8);
            reader.Read();
            WriteValue(ref reader, output, numbers);
            members.Add(new Member(name, from - start, output.Length - from));
        }
        Sort(members, output, start);
        output.Write("}"u8);
    }

    /// <summary>RFC 8785 §3.2.3: members are ordered by their names' UTF-16 code units.</summary>
    private static void Sort(List<Member> members, Utf8Buffer output, int start)
    {
        var inOrder = true;
        for (var i = 1; i < members.Count && inOrder; i++)
            inOrder = string.CompareOrdinal(members[i - 1].Name, members[i].Name) < 0;
        if (inOrder) return;

        members.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        var length = output.Length - start;
        var copy = ArrayPool<byte>.Shared.Rent(length);
        output.Written.Slice(start, length).CopyTo(copy);
        output.Truncate(start);
        for (var i = 0; i < members.Count; i++)
        {
            if (i > 0)
            {
                if (members[i].Name == members[i - 1].Name) throw new JsonFormException("A member name is doubled.");
                output.Write(","u8);
            }
            output.Write(copy.AsSpan(members[i].Start, members[i].Length));
        }
        ArrayPool<byte>.Shared.Return(copy);
    }

    private static void WriteText(ref Utf8JsonReader reader, Utf8Buffer output)
    {
        if (!reader.ValueIsEscaped)
        {
            if (!Utf8.IsValid(reader.ValueSpan)) throw new JsonFormException("A string is not valid UTF-8.");
            WriteString(reader.ValueSpan, output);
            return;
        }
        var text = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            var length = reader.CopyString(text.AsSpan());
            if (!Utf8.IsValid(text.AsSpan(0, length))) throw new JsonFormException("A string is not valid UTF-8.");
            WriteString(text.AsSpan(0, length), output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    private static readonly SearchValues<byte> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(code => (byte)code), (byte)'"', (byte)'\\']);

    private static void WriteString(ReadOnlySpan<byte> text, Utf8Buffer output)
    {
        output.Write("\""u8);
        while (text.IndexOfAny(Escaped) is >= 0 and var plain)
        {
            output.Write(text[..plain]);
            WriteEscape(text[plain], output);
            text = text[(plain + 1)..];
        }
        output.Write(text);
        output.Write("\""u8);
    }

    private static void WriteEscape(byte code, Utf8Buffer output)
    {
        switch (code)
        {
            case 0: throw new JsonFormException("A string holds U+0000.");
            case (byte)'"': output.Write("\\\""u8); break;
            case (byte)'\\': output.Write(@"\\"u8); break;
            case (byte)'\b': output.Write(@"\b"u8); break;
            case (byte)'\t': output.Write(@"\t"u8); break;
            case (byte)'\n': output.Write(@"\n"u8); break;
            case (byte)'\f': output.Write(@"\f"u8); break;
            case (byte)'\r': output.Write(@"\r"u8); break;
            default: output.Write(Encoding.ASCII.GetBytes($"\\u{(int)code:x4}")); break;
        }
    }

    private static void WriteNumber(ReadOnlySpan<byte> text, Utf8Buffer output, JsonNumbers numbers)
    {
        if (numbers == JsonNumbers.Doubles)
        {
            output.Write(Encoding.ASCII.GetBytes(EcmaScriptNumber.Format(double.Parse(text, CultureInfo.InvariantCulture))));
            return;
        }
        if (text is [(byte)'-', (byte)'0', ..] || text.ContainsAny("eE."u8) ||
            !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ||
            value is > IntegerMax or < -IntegerMax)
            throw new JsonFormException("A number is not an integer within ±(2^53-1); write it as a string.");
        output.Write(text);
    }

    private readonly record struct Member(string Name, int Start, int Length);
}
