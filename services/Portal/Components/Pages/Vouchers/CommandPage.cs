namespace Portal.Components.Pages.Vouchers;

/// <summary>The text of a signed page in its parts, for reading; what is signed is its bytes (signed-page/1).</summary>
/// <param name="Title">What is done.</param>
/// <param name="Lines">Labels and values, without those that belong to one signature.</param>
public sealed record CommandPage(string Title, IReadOnlyList<(string Label, string Value)> Lines)
{
    // Capacity, key, previous page and time.
    private const int SigningLines = 4;

    /// <summary>Takes a page apart.</summary>
    public static CommandPage Read(string text)
    {
        var lines = text.TrimEnd('\n').Split('\n');
        return new CommandPage(lines[1], [.. lines[2..^SigningLines].Select(Pair)]);
    }

    private static (string Label, string Value) Pair(string line)
    {
        var chinese = line.IndexOf('：', StringComparison.Ordinal);
        var english = line.IndexOf(": ", StringComparison.Ordinal);
        var (at, length) = english >= 0 && (chinese < 0 || english < chinese) ? (english, 2) : (chinese, 1);
        return at < 0 ? ("", line) : (line[..at], line[(at + length)..]);
    }
}
