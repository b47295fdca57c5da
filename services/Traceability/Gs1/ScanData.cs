namespace Traceability.Gs1;

/// <summary>Symbologies that carry GS1 data.</summary>
public enum Symbology
{
    /// <summary>None is known.</summary>
    None,

    /// <summary>GS1 QR Code or QR Code.</summary>
    QrCode,

    /// <summary>GS1 DataMatrix or Data Matrix.</summary>
    DataMatrix,

    /// <summary>GS1 DotCode or DotCode.</summary>
    DotCode,

    /// <summary>GS1 DataBar Expanded.</summary>
    DataBarExpanded,

    /// <summary>GS1 DataBar Limited.</summary>
    DataBarLimited,

    /// <summary>GS1 DataBar Omnidirectional, Truncated and Stacked.</summary>
    DataBar,

    /// <summary>GS1-128.</summary>
    Gs1128,

    /// <summary>EAN-13.</summary>
    Ean13,

    /// <summary>EAN-8.</summary>
    Ean8,

    /// <summary>UPC-A.</summary>
    UpcA,

    /// <summary>UPC-E.</summary>
    UpcE,
}

/// <summary>
/// What a scanner transmits: an AIM symbology identifier (ISO/IEC 15424) and the data, here read into and written from
/// the message form of GS1's engine: <c>^</c> for FNC1, <c>|</c> before a composite component, plain text otherwise.
/// </summary>
public static class ScanData
{
    private const string Composite = "|]e0";

    /// <summary>Reads what a scanner transmits.</summary>
    public static bool TryRead(string scan, out Symbology symbology, out string message, out Gs1Error error)
    {
        ArgumentNullException.ThrowIfNull(scan);
        message = "";
        symbology = Symbology.None;
        if (scan.Length < 3 || scan[0] != ']')
            return Epc.Fail("symbology-identifier", "A symbology identifier must begin.", 0, out error);
        (Symbology found, bool elements) = scan.AsSpan(1, 2) switch
        {
            "Q1" => (Symbology.QrCode, false),
            "Q3" => (Symbology.QrCode, true),
            "d1" => (Symbology.DataMatrix, false),
            "d2" => (Symbology.DataMatrix, true),
            "J0" => (Symbology.DotCode, false),
            "J1" => (Symbology.DotCode, true),
            "e0" => (Symbology.DataBarExpanded, true),
            "C1" => (Symbology.Gs1128, true),
            "E0" => (Symbology.Ean13, false),
            "E4" => (Symbology.Ean8, false),
            _ => (Symbology.None, false),
        };
        string data = scan[3..];
        bool read = found switch
        {
            Symbology.None => Epc.Fail("symbology-identifier", "The symbology is unknown.", 1, out error),
            Symbology.Ean13 => TryReadRetail(data, 13, out message, out error),
            Symbology.Ean8 => TryReadRetail(data, 8, out message, out error),
            _ when elements => TryReadElements(data, out message, out error),
            _ => TryReadText(data, out message, out error),
        };
        symbology = read ? found : Symbology.None;
        if (!read)
            message = "";
        return read;
    }

    /// <summary>Writes what a scanner would transmit for a message.</summary>
    /// <param name="symbology">The symbol's kind.</param>
    /// <param name="message">The message.</param>
    /// <param name="addCheckDigit">Whether the check digit of a retail symbol is missing in the message.</param>
    /// <returns>Null when such a symbol can't carry the message.</returns>
    public static string? Write(Symbology symbology, string message, bool addCheckDigit = false)
    {
        ArgumentNullException.ThrowIfNull(message);
        switch (symbology)
        {
            case Symbology.QrCode:
                return Matrix(message, "]Q3", "]Q1");
            case Symbology.DataMatrix:
                return Matrix(message, "]d2", "]d1");
            case Symbology.DotCode:
                return Matrix(message, "]J1", "]J0");
            case Symbology.None:
                return null;
        }
        int bar = message.IndexOf("|^", StringComparison.Ordinal);
        string? composite = bar < 0 ? null : message[(bar + 2)..];
        string linear = bar < 0 ? message : message[..bar];
        return symbology switch
        {
            Symbology.DataBarExpanded or Symbology.Gs1128 => Elements(symbology, linear, composite),
            Symbology.DataBar or Symbology.DataBarLimited => DataBar(symbology, linear, composite, addCheckDigit),
            _ => Retail(symbology, linear, composite, addCheckDigit),
        };
    }

    private static bool TryReadElements(string data, out string message, out Gs1Error error)
    {
        message = "^" + data.Replace(ElementString.GroupSeparator, '^');
        int caret = data.IndexOf('^', StringComparison.Ordinal);
        return caret >= 0
            ? Epc.Fail("invalid-cset82-character", "A caret must not stand in element strings.", caret + 3, out error)
            : ElementString.TryParse(data, ElementString.GroupSeparator, out _, out error);
    }

    private static bool TryReadText(string data, out string message, out Gs1Error error)
    {
        error = default;
        // Backslashes before a leading caret keep it from being read as FNC1.
        message = data.TrimStart('\\').StartsWith('^') ? "\\" + data : data;
        bool link = data.StartsWith("http://", StringComparison.Ordinal)
            || data.StartsWith("https://", StringComparison.Ordinal)
            || data.StartsWith("HTTP://", StringComparison.Ordinal)
            || data.StartsWith("HTTPS://", StringComparison.Ordinal);
        return !link || DigitalLink.TryParse(data, out _, out error);
    }

    private static bool TryReadRetail(string data, int length, out string message, out Gs1Error error)
    {
        message = "";
        int bar = data.IndexOf(Composite, StringComparison.Ordinal);
        string digits = bar < 0 ? data : data[..bar];
        if (digits.Length != length || !CheckDigit.IsValid(digits))
            return Epc.Fail("incorrect-check-digit", $"{length} digits with a check digit are needed.", 3, out error);
        string composite = "";
        if (bar >= 0 && !TryReadElements(data[(bar + Composite.Length)..], out composite, out error))
            return false;
        message = bar < 0 ? digits : $"{digits}|{composite}";
        error = default;
        return true;
    }

    private static string? Matrix(string message, string elements, string text)
    {
        if (message.StartsWith('^'))
            return ElementsOf(message[1..]) is { } data ? elements + data : null;
        return text + (message.StartsWith('\\') && message.TrimStart('\\').StartsWith('^') ? message[1..] : message);
    }

    private static string? Elements(Symbology symbology, string linear, string? composite)
    {
        if (!linear.StartsWith('^') || ElementsOf(linear[1..]) is not { } data)
            return null;
        if (composite is null)
            return (symbology == Symbology.Gs1128 ? "]C1" : "]e0") + data;
        _ = ElementString.TryParse(linear.AsSpan(1), '^', out var elements, out _);
        bool separator = !SyntaxDictionary.Gs1.IsPredefined(elements![^1].Ai);
        return ElementsOf(composite) is { } more
            ? $"]e0{data}{(separator ? ElementString.GroupSeparator : "")}{more}"
            : null;
    }

    private static string? DataBar(Symbology symbology, string linear, string? composite, bool addCheckDigit)
    {
        if (Gtin(linear, addCheckDigit) is not { } gtin || (symbology == Symbology.DataBarLimited && gtin[0] > '1'))
            return null;
        if (composite is null)
            return "]e001" + gtin;
        return ElementsOf(composite) is { } more ? $"]e001{gtin}{more}" : null;
    }

    private static string? Retail(Symbology symbology, string linear, string? composite, bool addCheckDigit)
    {
        if (Gtin(linear, addCheckDigit) is not { } gtin)
            return null;
        (string identifier, int length) = symbology switch
        {
            Symbology.Ean8 => ("]E4", 8),
            Symbology.Ean13 => ("]E0", 13),
            _ => ("]E0", 12),
        };
        if (!linear.StartsWith('^') && linear.Length != length - (addCheckDigit ? 1 : 0))
            return null;
        if (gtin.AsSpan(0, 14 - length).IndexOfAnyExcept('0') >= 0)
            return null;
        // UPC symbols are transmitted as EAN-13 with a leading zero.
        string digits = gtin[^(length == 12 ? 13 : length)..];
        if (composite is null)
            return identifier + digits;
        return ElementsOf(composite) is { } more ? $"{identifier}{digits}{Composite}{more}" : null;
    }

    private static string? Gtin(string linear, bool addCheckDigit)
    {
        if (linear.StartsWith("^01", StringComparison.Ordinal))
            return linear.Length == 17 && CheckDigit.IsValid(linear.AsSpan(3)) ? linear[3..] : null;
        if (linear.Length is 0 or > 14 || linear.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0)
            return null;
        string digits = addCheckDigit ? linear + CheckDigit.Of(linear) : linear;
        return digits.Length <= 14 && CheckDigit.IsValid(digits) ? digits.PadLeft(14, '0') : null;
    }

    private static string? ElementsOf(string text) => ElementString.TryParse(text, '^', out _, out _)
        ? text.Replace('^', ElementString.GroupSeparator)
        : null;
}
