using System.Globalization;

namespace Traceability.Scanning.Page;

/// <summary>Writes what the item went through: in words, as a curve, as a table, and the signed blocks it stands on.</summary>
internal sealed class CurveView(Html html, bool chinese)
{
    private const int RowsMax = 12;
    private const int BlocksShown = 12;
    private const int KeyShown = 12;

    private string Words(string zh, string en) => chinese ? zh : en;

    /// <summary>Writes the section; nothing where no temperature is public.</summary>
    public void Write(CurveFacts facts)
    {
        if (facts.Draw() is not { } curve)
            return;
        html.Add($"<section class=\"card\" aria-labelledby=\"cold\"><h2 id=\"cold\">{Words("温度曲线", "Temperature")}</h2><p>{curve.Finding.In(chinese)}</p>");
        if (CurveSketch.Draw(curve, chinese) is { } sketch)
            html.Add($"{sketch}");
        Table(curve);
        string word = Words(
            "结论、曲线和表格由本网站说明；能自己核验的是下面列出的设备记录。",
            "The finding, curve and table are this site's word; what you can check yourself are the records of devices listed below.");
        if (facts.Blocks.Count > 0)
            html.Add($"<p class=\"small quiet\">{word}</p>");
        Blocks(facts.Blocks);
        html.Add($"</section>");
    }

    /// <summary>The curve as text, for who does not see it.</summary>
    private void Table(PageCurve curve)
    {
        html.Add($"<details><summary>{Words("用表格看", "As a table")}</summary><table><caption>{Words("各时段的最低和最高温度，北京时间", "Lowest and highest in each span, Beijing time")}</caption><thead><tr><th scope=\"col\">{Words("自", "From")}</th><th scope=\"col\">{Words("最低", "Lowest")}</th><th scope=\"col\">{Words("最高", "Highest")}</th></tr></thead><tbody>");
        int size = (curve.Readings.Count + RowsMax - 1) / RowsMax;
        foreach ((DateTimeOffset At, double Celsius)[] span in curve.Readings.Chunk(size))
            html.Add($"<tr><th scope=\"row\">{PageTime.Minute(span[0].At)}</th><td>{span.Min(r => r.Celsius)} °C</td><td>{span.Max(r => r.Celsius)} °C</td></tr>");
        html.Add($"</tbody></table></details>");
    }

    private void Blocks(IReadOnlyList<PageBlock> blocks)
    {
        if (blocks.Count == 0)
            return;
        // Where not all fit, those that decide: the ones with alarms, then the warmest.
        PageBlock[] shown =
        [
            .. blocks.OrderByDescending(b => b.Excursions.Count(x => x.Alarm)).ThenByDescending(b => b.Most).Take(BlocksShown).OrderBy(b => b.From),
        ];
        html.Add($"<details><summary>{Words($"设备签名的记录（{blocks.Count}段）", $"Records signed by devices ({blocks.Count})")}</summary><ul class=\"words\">");
        foreach (PageBlock b in shown)
        {
            (string from, string to) = (PageTime.Iso(b.From), PageTime.Iso(b.To));
            html.Add($"<li data-event=\"{b.EventId}\" data-kind=\"block\" data-of=\"{b.Subject}\" data-held><span data-fact=\"/data/device\">{b.Device}</span> · <time datetime=\"{from}\" data-fact=\"/data/from\" data-value=\"{from}\">{PageTime.Minute(b.From)}</time>{Words("至", " to ")}<time datetime=\"{to}\" data-fact=\"/data/to\" data-value=\"{to}\">{PageTime.Minute(b.To)}</time> · <span data-fact=\"/data/min\" data-value=\"{Text(b.Least)}\">{Text(b.Least)}</span>～<span data-fact=\"/data/max\" data-value=\"{Text(b.Most)}\">{Text(b.Most)}</span> °C · {Key(b)}<a href=\"/api/trace/open/events/{b.EventId}/proof\" download=\"readings.proof.json\">{Words("证明文件", "Proof file")}</a></li>");
        }
        html.Add($"</ul>{new Markup(shown.Length < blocks.Count ? $"<p class=\"small quiet\">{Words($"只列{BlocksShown}段。", $"Only {BlocksShown} are listed.")}</p>" : "")}</details>");
    }

    /// <summary>Which key signed a block: what was signed with one that was replaced can so be told.</summary>
    private Markup Key(PageBlock block)
    {
        if (block.KeySha256 is not { } key)
            return new Markup("");
        Html words = new();
        words.Add($"{Words("密钥", "key ")}<code data-fact=\"/data/keySha256\" data-value=\"{key}\">{key[..KeyShown]}</code>{(block.KeyReplaced ? Words("（设备后来换了密钥）", " (the device has another key since)") : "")} · ");
        return new Markup(words.ToString());
    }

    private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}
