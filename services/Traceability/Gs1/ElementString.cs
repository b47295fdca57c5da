using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Traceability.Gs1;

/// <summary>
/// GS1 element strings, General Specifications section 7.8: several Application Identifiers with their values, either
/// in brackets as printed below a symbol, or run together with FNC1 between values of variable length.
/// </summary>
public static class ElementString
{
    /// <summary>What a reader transmits for FNC1 inside the data.</summary>
    public const char GroupSeparator = '\u001d';

    private const int LengthMax = 8192;

    /// <summary>Reads <c>(01)…(21)…</c>; a bracket inside a value is written <c>\(</c>.</summary>
    public static bool TryParseBracketed(
        string text, bool unknownToo, [NotNullWhen(true)] out IReadOnlyList<(string Ai, string Value)>? elements,
        out Gs1Error error)
    {
        ArgumentNullException.ThrowIfNull(text);
        elements = null;
        if (text.Length is 0 or > LengthMax)
            return Epc.Fail("element-string-length", "The text is empty or too long.", 0, out error);
        List<(string, string)> found = [];
        int at = 0;
        while (at < text.Length)
        {
            int close = text[at] == '(' ? text.IndexOf(')', at) : -1;
            if (close < 0 || close - at - 1 is < 2 or > 4
                || text.AsSpan(at + 1, close - at - 1).IndexOfAnyExceptInRange('0', '9') >= 0)
                return Epc.Fail("ai-brackets", "An AI of two to four digits must stand here.", at, out error);
            string code = text[(at + 1)..close];
            StringBuilder value = new();
            int end = close + 1;
            for (; end < text.Length && text[end] != '('; end++)
            {
                if (text[end] == '\\' && end + 1 < text.Length && text[end + 1] == '(')
                    end++;
                value.Append(text[end]);
            }
            if (!TryFind(code, unknownToo, out ApplicationIdentifier? ai))
                return Epc.Fail("unknown-ai", $"There is no AI ({code}).", at, out error);
            if (!IsWhole(ai, value.ToString(), close + 1, out error))
                return false;
            found.Add((code, value.ToString()));
            at = end;
        }
        elements = found;
        error = default;
        return true;
    }

    /// <summary>Reads elements that run together.</summary>
    /// <param name="text">The data without a leading separator.</param>
    /// <param name="separator">What stands for FNC1, usually <see cref="GroupSeparator"/>.</param>
    /// <param name="elements">The elements in their order.</param>
    /// <param name="error">Why they can't be read.</param>
    public static bool TryParse(
        ReadOnlySpan<char> text, char separator,
        [NotNullWhen(true)] out IReadOnlyList<(string Ai, string Value)>? elements, out Gs1Error error)
    {
        elements = null;
        if (text.Length is 0 or > LengthMax)
            return Epc.Fail("element-string-length", "The text is empty or too long.", 0, out error);
        List<(string, string)> found = [];
        int at = 0;
        while (at < text.Length)
        {
            int length = SyntaxDictionary.Gs1.LengthOf(text[at..]);
            if (length == 0 || text.Length - at < length
                || !SyntaxDictionary.Gs1.TryFind(text.Slice(at, length), out ApplicationIdentifier? ai))
                return Epc.Fail("unknown-ai", "No AI is known that begins here.", at, out error);
            at += length;
            int end = text[at..].IndexOf(separator);
            ReadOnlySpan<char> value = end < 0 ? text[at..] : text.Slice(at, end);
            int used = ai.Check(value, Linters.AnyPrefix, out error);
            if (!error.IsNone)
            {
                error = error with { Position = error.Position + at };
                return false;
            }
            if (used < value.Length && !ai.Predefined)
                return Epc.Fail("value-too-long", $"AI ({ai.Code}) is too long.", at + used, out error);
            found.Add((ai.Code, value[..used].ToString()));
            at += used;
            if (at < text.Length && text[at] == separator)
                at++;
        }
        elements = found;
        error = default;
        return true;
    }

    /// <summary>Whether a value has the form that an identifier asks for.</summary>
    public static bool IsValue(string ai, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return TryFind(ai, unknownToo: false, out ApplicationIdentifier? known) && IsWhole(known, value, 0, out _);
    }

    /// <summary>Elements run together with <c>^</c> for FNC1, also at the beginning: how GS1's engine writes
    /// them.</summary>
    public static string ToCaretForm(IReadOnlyList<(string Ai, string Value)> elements) => "^" + Join(elements, '^');

    /// <summary>Elements run together, with a separator only where one is needed.</summary>
    public static string Join(IReadOnlyList<(string Ai, string Value)> elements, char separator)
    {
        ArgumentNullException.ThrowIfNull(elements);
        StringBuilder text = new();
        for (int i = 0; i < elements.Count; i++)
        {
            text.Append(elements[i].Ai).Append(elements[i].Value);
            if (i < elements.Count - 1 && !SyntaxDictionary.Gs1.IsPredefined(elements[i].Ai))
                text.Append(separator);
        }
        return text.ToString();
    }

    /// <summary>Elements in brackets.</summary>
    public static string ToBracketed(IEnumerable<(string Ai, string Value)> elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        return string.Concat(elements.Select(e => $"({e.Ai}){e.Value.Replace("(", "\\(", StringComparison.Ordinal)}"));
    }

    private static bool TryFind(string code, bool unknownToo, [NotNullWhen(true)] out ApplicationIdentifier? ai)
    {
        if (SyntaxDictionary.Gs1.TryFind(code, out ai))
            return true;
        // An unknown AI must at least have the length that its first two digits demand.
        int length = SyntaxDictionary.Gs1.LengthOf(code);
        ai = unknownToo && (length == 0 || length == code.Length) ? ApplicationIdentifier.Unknown(code) : null;
        return ai is not null;
    }

    private static bool IsWhole(ApplicationIdentifier ai, string value, int offset, out Gs1Error error)
    {
        int used = ai.Check(value, Linters.AnyPrefix, out error);
        if (error.IsNone && used < value.Length)
            error = new Gs1Error("value-too-long", $"AI ({ai.Code}) is too long.", used, value.Length - used);
        if (error.IsNone)
            return true;
        error = error with { Position = error.Position + offset };
        return false;
    }
}
