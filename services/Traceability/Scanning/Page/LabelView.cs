using System.Globalization;

namespace Traceability.Scanning.Page;

/// <summary>Writes what a label belongs to: certified output, and the labels it is set with.</summary>
internal sealed class LabelView(Html html, bool chinese)
{
    private string Words(string zh, string en) => chinese ? zh : en;

    /// <summary>Writes both, as far as they are there.</summary>
    public void Write(PageQuota? quota, PageSet? set)
    {
        if (quota is not null)
            Quota(quota);
        if (set is not null)
            Set(set);
    }

    private void Quota(PageQuota q)
    {
        string valid = Words($"{Day(q.ValidFrom)}至{Day(q.ValidTo)}", $"{Day(q.ValidFrom)} to {Day(q.ValidTo)}");
        (string zh, string en) = q.Declared
            ? ("企业自己申报的产量", "output that the producer declared itself") : ("核定产量", "certified output");
        html.Add($"<p>{(q is { Label: { } label, Amount: { } amount }
            ? Words($"按{zh}发的第{label:N0}枚标签，共{amount:N0}枚", $"Label {label:N0} of {amount:N0} allowed by {en}")
            : Words($"这枚标签在{zh}之内发出；数量没有公开", $"This label was issued within {en}, whose amount is not published"))}{Words("（证书", " (certificate ")}{q.Certificate}{Words("，", ", ")}{valid}{Words("）。", ").")}{(q.Rule is { } rule ? Words("依据：", " Basis: ") + rule.In(chinese) + Words("。", ".") : "")}</p>");
    }

    private void Set(PageSet set)
    {
        if (set.Above is { } above)
            html.Add($"<p>{Words("套标：它属于", "Label set: it belongs to ")}{Named(above)}{Words("。实物上的码应当相同。", ". The code on the goods should be the same.")}</p>");
        if (set.BelowCount == 0)
            return;
        html.Add($"<p>{(set.BelowCount == 1 ? Words("套标：同一件商品上还有一枚标签", "Label set: the same item carries another label") : Words($"套标：里面有{set.BelowCount:N0}枚标签", $"Label set: {set.BelowCount:N0} labels are inside"))}{Words("：", ": ")}");
        for (int i = 0; i < set.Below.Count; i++)
            html.Add($"{(i > 0 ? Words("、", ", ") : "")}{Named(set.Below[i])}");
        html.Add($"{(set.Below.Count < set.BelowCount ? Words(" 等", " and more") : "")}{Words("。对不上就是换过标签。", ". If they differ, a label was exchanged.")}</p>");
    }

    private string Named(SetLabel label) => Words(
        $"{label.Name?.In(true) ?? label.Gtin}（序列号末{label.End.Length}位{label.End}）",
        $"{label.Name?.In(false) ?? label.Gtin} (serial ending {label.End})");

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
