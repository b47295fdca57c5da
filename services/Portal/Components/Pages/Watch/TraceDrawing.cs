using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;

namespace Portal.Components.Pages.Watch;

/// <summary>An item of a trace, or several alike, as one box of the drawing.</summary>
/// <param name="Id">Canonical identifier of the first.</param>
/// <param name="From">Canonical identifier of what led to it.</param>
/// <param name="Depth">Links from the start.</param>
/// <param name="Relation">How it came about.</param>
/// <param name="Count">How many are drawn as this box.</param>
public sealed record TraceBox(string Id, string? From, int Depth, string Relation, int Count);

/// <summary>
/// Draws a trace as columns of boxes joined by lines, the start on the left. Everything it shows stands in the list below
/// it too.
/// </summary>
public static class TraceDrawing
{
    private const int AlikeFrom = 6;
    private const int BoxesMax = 80;
    private const int Wide = 168;
    private const int High = 44;
    private const int Column = 216;
    private const int Row = 56;

    /// <summary>The boxes of an answer's items: more than six alike pieces of one origin are one box.</summary>
    public static IReadOnlyList<TraceBox> Boxes(JsonArray items)
    {
        var all = items.Select(i => new TraceBox(
            i!["id"]!.ToString(), i["from"]?.ToString(), i["depth"]!.GetValue<int>(), i["relation"]!.ToString(), 1)).ToList();
        var parents = all.Select(b => b.From).OfType<string>().ToHashSet();
        return
        [
            .. all.GroupBy(b => (b.Depth, b.From, b.Relation, Alike: parents.Contains(b.Id) ? b.Id : Kind(b.Id)))
                .SelectMany(g => g.Count() > AlikeFrom ? [g.First() with { Count = g.Count() }] : g.AsEnumerable())
                .Take(BoxesMax),
        ];
    }

    /// <summary>The drawing; it scrolls sideways in its own frame.</summary>
    /// <param name="boxes">What to draw.</param>
    /// <param name="title">What it is.</param>
    /// <param name="label">Words for a box, in at most two lines.</param>
    public static MarkupString Draw(IReadOnlyList<TraceBox> boxes, string title, Func<TraceBox, (string Top, string Below)> label)
    {
        Dictionary<string, (int X, int Y)> places = [];
        var rows = 0;
        var svg = new StringBuilder();
        foreach (var column in boxes.GroupBy(b => b.Depth).OrderBy(g => g.Key))
        {
            var y = 0;
            foreach (var box in column.OrderBy(b => b.From is { } f && places.TryGetValue(f, out var at) ? at.Y : 0))
                places.TryAdd(box.Id, (column.Key * Column, y++ * Row));
            rows = Math.Max(rows, y);
        }

        foreach (var box in boxes)
        {
            if (box.From is not { } from || !places.TryGetValue(from, out var a) || !places.TryGetValue(box.Id, out var b)) continue;
            var (x1, y1, x2, y2) = (a.X + Wide, a.Y + (High / 2), b.X, b.Y + (High / 2));
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"join {WebUtility.HtmlEncode(box.Relation)}\" d=\"M{x1} {y1}C{x1 + 24} {y1} {x2 - 24} {y2} {x2} {y2}\"/>");
        }

        foreach (var box in boxes)
        {
            var (x, y) = places[box.Id];
            var (top, below) = label(box);
            svg.Append(CultureInfo.InvariantCulture, $"<g><rect class=\"box{(box.Depth == 0 ? " start" : "")}\" x=\"{x + 1}\" y=\"{y + 1}\" width=\"{Wide - 2}\" height=\"{High - 2}\" rx=\"6\"/><text x=\"{x + 8}\" y=\"{y + 18}\">{WebUtility.HtmlEncode(top)}</text><text class=\"below\" x=\"{x + 8}\" y=\"{y + 36}\">{WebUtility.HtmlEncode(below)}</text></g>");
        }

        var (width, height) = ((boxes.Max(b => b.Depth) * Column) + Wide, (rows * Row) - (Row - High));
        return new MarkupString(string.Create(CultureInfo.InvariantCulture,
            $"<svg class=\"trace\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(title)}\">{svg}</svg>"));
    }

    /// <summary>What kind of thing an identifier names: <c>lot</c>, <c>item</c>, <c>case</c> or <c>other</c>.</summary>
    public static string Kind(string id) =>
        id.Contains("/21/", StringComparison.Ordinal) ? "item"
        : id.Contains("/10/", StringComparison.Ordinal) ? "lot"
        : id.Contains("/00/", StringComparison.Ordinal) ? "case" : "other";

    /// <summary>The end of an identifier, short enough for a box.</summary>
    public static string Short(string id)
    {
        var last = Uri.UnescapeDataString(id[(id.LastIndexOfAny(['/', ':']) + 1)..]);
        return last.Length <= 16 ? last : $"…{last[^14..]}";
    }
}
