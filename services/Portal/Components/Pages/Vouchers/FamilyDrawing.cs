using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace Portal.Components.Pages.Vouchers;

/// <summary>
/// Draws a family as an icicle: width is amount, each row a step, the last row what lies there now, with a pattern for its
/// state. Everything in it stands in the list beside it too.
/// </summary>
/// <param name="words">The reader's language.</param>
/// <param name="name">Registered name of a party.</param>
/// <param name="zoom">Address of a narrower window.</param>
public sealed class FamilyDrawing(Language words, Func<string, string> name, Func<long, long, string> zoom)
{
    // The width of the column that it stands in on a desk, so that words are drawn at their size.
    private const int Wide = 720;
    private const int Row = 52;
    private const int High = 48;
    private const int NowGap = 28;
    private const int NarrowMost = 6;
    // A Chinese character at 14 px, and roughly two Latin letters.
    private const int Letter = 14;
    private const int Padding = 16;

    private readonly StringBuilder _svg = new();
    private Family _family = null!;

    /// <summary>The drawing, scaled to the column it stands in.</summary>
    /// <param name="family">What to draw.</param>
    /// <param name="title">What it is.</param>
    /// <param name="finding">What it shows, in a sentence.</param>
    public MarkupString Draw(Family family, string title, string finding)
    {
        _family = family;
        _svg.Clear();
        var rows = family.Parts.Count == 0 ? 0 : family.Parts.Max(p => p.Level) + 1;
        var (now, height) = ((rows * Row) + NowGap, (rows * Row) + NowGap + Row);
        foreach (var level in family.Parts.GroupBy(p => p.Level))
        {
            foreach (var part in Wider([.. level.OrderBy(p => p.Start)])) Part(part);
        }

        _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"now\" x=\"0\" y=\"{now - 9}\">{E(words["现在", "Now"])}</text>");
        foreach (var piece in family.Now) Piece(piece, now);
        return new MarkupString(string.Create(CultureInfo.InvariantCulture,
            $"<svg class=\"icicle\" viewBox=\"0 0 {Wide} {height}\" width=\"{Wide}\" height=\"{height}\" role=\"group\" aria-label=\"{E(title)}\"><title>{E(title)}</title><desc>{E(finding)}</desc>{Patterns}{_svg}</svg>"));
    }

    private const string Patterns =
        """
        <defs><pattern id="pending" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="ground" width="8" height="8"/><circle class="ink" cx="2" cy="2" r="1.2"/></pattern><pattern id="pledged" width="10" height="10" patternUnits="userSpaceOnUse"><rect class="ground" width="10" height="10"/><path class="stroke" d="M0 0L10 10M10 0L0 10"/></pattern><pattern id="due" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="ground" width="8" height="8"/><path class="stroke" d="M-1 9L9 -1"/></pattern></defs>
        """;

    /// <summary>Neighbours too narrow to see are drawn as one that leads closer.</summary>
    private IEnumerable<FamilyPart> Wider(IReadOnlyList<FamilyPart> row)
    {
        for (var i = 0; i < row.Count; i++)
        {
            var first = row[i];
            var last = i;
            while (X(first.End) - X(first.Start) < NarrowMost && last + 1 < row.Count
                && X(row[last + 1].End) - X(row[last + 1].Start) < NarrowMost
                && X(row[last].End) - X(first.Start) < 2 * NarrowMost)
            {
                last++;
            }

            yield return last == i ? first : new FamilyPart(
                first.Level, first.Start, row[last].End, row.Skip(i).Take(last - i + 1).Sum(p => p.Fen),
                row.Skip(i).Take(last - i + 1).Sum(p => p.Count), null);
            i = last;
        }
    }

    private void Part(FamilyPart part)
    {
        var (x, width) = Place(part.Start, part.End);
        var y = part.Level * Row;
        var label = part.Count > 1 ? words[$"{part.Count}份", $"{part.Count} parts"]
            : part.Holder is { } holder ? name(holder) : words["他人", "others"];
        var shape = string.Create(CultureInfo.InvariantCulture,
            $"<rect class=\"part{(part.Holder is null ? " others" : "")}\" x=\"{x:0.#}\" y=\"{y}\" width=\"{width:0.#}\" height=\"{High}\" rx=\"3\"><title>{E(label)} {Yuan.Write(part.Fen)}</title></rect>");
        if (part.Count > 1)
        {
            // The window of several parts; all of it again would lead nowhere.
            var link = part.End - part.Start < _family.End - _family.Start;
            if (link) _svg.Append(CultureInfo.InvariantCulture, $"<a href=\"{E(zoom(part.Start, part.End))}\" aria-label=\"{E($"{label} {Yuan.Write(part.Fen)}")}\">");
            _svg.Append(shape);
            Label(x, y, width, label, Yuan.Write(part.Fen));
            if (link) _svg.Append("</a>");
            return;
        }

        _svg.Append(shape);
        Label(x, y, width, label, Yuan.Write(part.Fen));
    }

    private void Piece(FamilyPiece piece, int y)
    {
        var (x, width) = Place(piece.Start, piece.End);
        var pattern = piece.Count > 1 && piece.Holder is null ? "others" : VoucherWords.Pattern(piece.State);
        var fill = pattern is "pending" or "pledged" or "due" ? $" fill=\"url(#{pattern})\"" : "";
        var state = VoucherWords.State(words, piece.State);
        var amount = Yuan.Write(piece.End - piece.Start);
        _svg.Append(CultureInfo.InvariantCulture,
            $"<rect class=\"piece {pattern}\"{fill} x=\"{x:0.#}\" y=\"{y}\" width=\"{width:0.#}\" height=\"{High}\" rx=\"3\"><title>{E(piece.Holder is { } holder ? name(holder) : "")} {E(state)} {amount}</title></rect>");
        Label(x, y, width, state, amount, pattern == "frozen" ? "on" : pattern is "pending" or "pledged" or "due" ? "plate" : "");
    }

    /// <summary>Words where they fit: name and amount, the name alone, or nothing.</summary>
    private void Label(double x, int y, double width, string top, string below, string look = "")
    {
        var room = width - Padding;
        if (Width(top) > room) top = Cut(top, room);
        if (top.Length == 0) return;
        var amount = Width(below) <= room;
        if (look == "plate")
        {
            var plate = Math.Min(room, Math.Max(Width(top), amount ? Width(below) : 0)) + 8;
            _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"plate\" x=\"{x + 4:0.#}\" y=\"{y + 3}\" width=\"{plate:0.#}\" height=\"{High - 6}\" rx=\"2\"/>");
        }

        var dark = look == "on" ? " on" : "";
        _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"top{dark}\" x=\"{x + 8:0.#}\" y=\"{y + (amount ? 20 : 29)}\">{E(top)}</text>");
        if (amount) _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"below{dark}\" x=\"{x + 8:0.#}\" y=\"{y + 38}\">{E(below)}</text>");
    }

    private static string Cut(string text, double room)
    {
        var length = text.Length;
        while (length > 0 && Width(text[..length]) + Letter > room) length--;
        return length < 2 ? "" : text[..length] + "…";
    }

    private static double Width(string text) => text.Sum(c => c < 0x2e80 ? Letter * 0.6 : Letter);

    private double X(long fen) => (double)(fen - _family.Start) * Wide / (_family.End - _family.Start);

    /// <summary>Two pixels between neighbours, and never nothing.</summary>
    private (double X, double Width) Place(long start, long end) => (X(start), Math.Max(X(end) - X(start) - 2, 1));

    private static string E(string text) => WebUtility.HtmlEncode(text);
}
