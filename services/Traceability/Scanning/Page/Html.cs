using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Traceability.Scanning.Page;

/// <summary>Markup that is written as it is; whoever makes one vouches for it.</summary>
internal readonly record struct Markup(string Text);

/// <summary>A page being written. What is put into the holes of <see cref="Add"/> is escaped.</summary>
internal sealed class Html
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds markup with values in its holes.</summary>
    public Html Add([InterpolatedStringHandlerArgument("")] ref HtmlText text)
    {
        _ = text;
        return this;
    }

    /// <summary>The page in UTF-8.</summary>
    public byte[] ToUtf8()
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(_text.Length)];
        int length = 0;
        foreach (ReadOnlyMemory<char> chunk in _text.GetChunks())
            length += Encoding.UTF8.GetBytes(chunk.Span, bytes.AsSpan(length));
        return bytes[..length];
    }

    /// <summary>What was written.</summary>
    public override string ToString() => _text.ToString();

    internal void Raw(string text) => _text.Append(text);

    internal void Escaped(ReadOnlySpan<char> text)
    {
        int special;
        while ((special = text.IndexOfAny("&<>\"'")) >= 0)
        {
            _text.Append(text[..special]).Append(text[special] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                _ => "&#39;",
            });
            text = text[(special + 1)..];
        }
        _text.Append(text);
    }
}

/// <summary>Writes an interpolated string: its letters as they are, its holes escaped for text and quoted attributes.</summary>
[InterpolatedStringHandler]
internal readonly ref struct HtmlText
{
    private readonly Html _html;

    public HtmlText(int literalLength, int holes, Html html)
    {
        _ = literalLength + holes;
        _html = html;
    }

    public void AppendLiteral(string text) => _html.Raw(text);

    public void AppendFormatted(string? text) => _html.Escaped(text);

    public void AppendFormatted(Markup markup) => _html.Raw(markup.Text);

    public void AppendFormatted(int number) => _html.Raw(number.ToString(CultureInfo.InvariantCulture));

    public void AppendFormatted(long number) => _html.Raw(number.ToString(CultureInfo.InvariantCulture));

    public void AppendFormatted(double number) => _html.Raw(number.ToString("0.#", CultureInfo.InvariantCulture));

    public void AppendFormatted(Guid id) => _html.Raw(id.ToString());
}
