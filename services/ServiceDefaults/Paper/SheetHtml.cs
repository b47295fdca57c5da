using System.Net;
using System.Text;

namespace ServiceDefaults.Paper;

/// <summary>Lays a document out for print: A4, one column, the QR symbol beside its title.</summary>
public static class SheetHtml
{
    private const string Style =
        """
        @page { size: A4; margin: 18mm 18mm 20mm;
          @bottom-left { content: string(doc); font: 8pt "WenQuanYi Micro Hei", sans-serif; color: #5A6774 }
          @bottom-right { content: counter(page) " / " counter(pages);
            font: 8pt "WenQuanYi Micro Hei", sans-serif; color: #5A6774 } }
        body { margin: 0; color: #16202B; font: 10pt/1.6 "WenQuanYi Micro Hei", "DejaVu Sans", sans-serif }
        header { display: flex; justify-content: space-between; border-bottom: .6mm solid #1B4F8F;
          padding-bottom: 4mm; margin-bottom: 5mm }
        header svg { width: 30mm; height: 30mm } header div:first-child { padding-right: 8mm }
        h1 { font-size: 20pt; font-weight: 400; line-height: 1.3; margin: 0 0 2mm; color: #1B4F8F }
        h2 { font-size: 12pt; font-weight: 400; margin: 6mm 0 2mm; color: #1B4F8F; break-after: avoid }
        .number { font: 9pt "DejaVu Sans Mono", monospace; string-set: doc content(); margin: 0 0 2mm }
        p { margin: 0 0 2mm } table { width: 100%; border-collapse: collapse; font-size: 9pt }
        th { text-align: left; font-weight: 400; color: #465462; padding: 1.2mm 2mm 1.2mm 0; vertical-align: top }
        td { padding: 1.2mm 2mm 1.2mm 0; vertical-align: top; overflow-wrap: anywhere }
        tr { border-bottom: .15mm solid #D3DAE1; break-inside: avoid } .facts th { width: 42mm }
        .n { text-align: right; white-space: nowrap } thead th { border-bottom: .3mm solid #74818E }
        code { font: 8pt/1.5 "DejaVu Sans Mono", monospace; overflow-wrap: anywhere }
        ol { margin: 0; padding-left: 6mm } li { margin-bottom: 1.5mm }
        .limits { font-size: 8.5pt; color: #465462 }
        """;

    /// <summary>The page as HTML; values are text, never markup.</summary>
    public static string Render(Sheet sheet)
    {
        StringBuilder html = new();
        html.Append("<!DOCTYPE html><html lang=\"").Append(sheet.Chinese ? "zh-CN" : "en")
            .Append("\"><head><meta charset=\"utf-8\"><title>").Append(Text($"{sheet.Title} {sheet.Number}"))
            .Append("</title><style>").Append(Style).Append("</style></head><body><header><div><h1>")
            .Append(Text(sheet.Title)).Append("</h1><p class=number>").Append(Text(sheet.Number)).Append("</p><p>")
            .Append(Text(sheet.Lead)).Append("</p></div><div>").Append(QrSymbol.Svg(sheet.VerifyAt))
            .Append("</div></header>");
        foreach (SheetPart part in sheet.Parts)
        {
            html.Append("<section><h2>").Append(Text(part.Heading)).Append("</h2>");
            Write(html, part);
            html.Append("</section>");
        }
        html.Append("<section class=limits><h2>").Append(sheet.Chinese ? "核验与限制" : "Verification and limits")
            .Append("</h2><p>")
            .Append(sheet.Chinese ? "扫描二维码，或打开：" : "Scan the symbol, or open: ")
            .Append("<code>").Append(Text(sheet.VerifyAt)).Append("</code></p><ol>");
        foreach (string limit in sheet.Limits)
            html.Append("<li>").Append(Text(limit)).Append("</li>");
        return html.Append("</ol></section></body></html>").ToString();
    }

    private static void Write(StringBuilder html, SheetPart part)
    {
        switch (part)
        {
            case SheetPart.Facts facts:
                html.Append("<table class=facts><tbody>");
                foreach (SheetFact line in facts.Lines)
                {
                    html.Append("<tr><th scope=row>").Append(Text(line.Name)).Append("</th><td>")
                        .Append(line.Code ? $"<code>{Text(line.Value)}</code>" : Text(line.Value))
                        .Append("</td></tr>");
                }
                html.Append("</tbody></table>");
                break;
            case SheetPart.Table table:
                html.Append("<table><thead><tr>");
                Cells(html, "th scope=col", "th", table.Heads, table.NumbersFrom);
                html.Append("</tr></thead><tbody>");
                foreach (IReadOnlyList<string> row in table.Rows)
                {
                    html.Append("<tr>");
                    Cells(html, "td", "td", row, table.NumbersFrom);
                    html.Append("</tr>");
                }
                html.Append("</tbody></table>");
                break;
            case SheetPart.Clauses clauses:
                html.Append("<ol>");
                foreach (string clause in clauses.Lines)
                    html.Append("<li>").Append(Text(clause)).Append("</li>");
                html.Append("</ol>");
                break;
            default:
                throw new InvalidOperationException($"{part.GetType().Name} has no layout.");
        }
    }

    private static void Cells(
        StringBuilder html, string open, string close, IReadOnlyList<string> cells, int numbersFrom)
    {
        for (int i = 0; i < cells.Count; i++)
        {
            html.Append('<').Append(open).Append(i >= numbersFrom ? " class=n>" : ">").Append(Text(cells[i]))
                .Append("</").Append(close).Append('>');
        }
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
