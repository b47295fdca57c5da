using System.Globalization;
using EventStore;
using Proofs;
using Traceability.MasterData;
using Traceability.Scanning.Page;

namespace Traceability.Alarms;

/// <summary>The readable part of an evidence pack: Chinese and English side by side, made for paper.</summary>
internal static class PackReport
{
    private const string Style =
        """
        body{font:16px/1.7 -apple-system,"Segoe UI",Roboto,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;
        color:#16202B;background:#fff;max-width:60rem;margin:0 auto;padding:1.5rem}
        h1{font-size:1.5rem;line-height:1.35}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #D3DAE1}
        table{border-collapse:collapse;width:100%;margin:.5rem 0}caption{text-align:start;color:#465462}
        th,td{border:1px solid #D3DAE1;padding:.3rem .5rem;text-align:start;vertical-align:top;font-size:.9rem}
        code{overflow-wrap:anywhere}dt{font-weight:600}dd{margin:0 0 .5rem}.en{color:#465462}
        .note{border-inline-start:4px solid #7A4A00;padding:.25rem 1rem;background:#FFF3D6}
        @media print{body{padding:0}h2{break-after:avoid}tr{break-inside:avoid}.note{background:none}}
        """;

    /// <summary>Writes the report.</summary>
    public static byte[] Write(
        Guid id, AlarmFinding f, AlarmEvidence evidence, IReadOnlyList<StoredEvent> events, AlarmState state,
        byte[]? trust, int missing)
    {
        Html html = new();
        html.Add($"<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{Kind(f.Kind).Zh} {id}</title><style>{new Markup(Style)}</style></head><body>");
        html.Add($"<h1>{Kind(f.Kind).Zh}<br><span class=\"en\" lang=\"en\">{Kind(f.Kind).En}</span></h1>");
        html.Add($"<p class=\"note\">这是一项嫌疑及其依据，不是结论。依据由公式算出，被提请说明的一方可以答复。<br><span lang=\"en\">This is a suspicion and what it rests on, not a verdict. A formula found it; the side it was put to may answer.</span></p>");
        if (missing > 0)
            html.Add($"<p class=\"note\">有{missing}项证明尚缺，见manifest.json。<br><span lang=\"en\">{missing} proofs are missing; see manifest.json.</span></p>");
        Subject(html, id, f, state);
        Figures(html, f);
        Places(html, evidence);
        Chain(html, evidence);
        Sales(html, evidence);
        History(html, events, state);
        html.Add($"<h2>怎样核验 <span class=\"en\" lang=\"en\">How to verify</span></h2><p>见README.txt。<span class=\"en\" lang=\"en\">See README.txt.</span>");
        if (trust is not null)
            html.Add($" 信任文件指纹 <span class=\"en\" lang=\"en\">Fingerprint of the trust file</span>: <code>{TrustFile.Fingerprint(trust)}</code>");
        html.Add($"</p></body></html>");
        return html.ToUtf8();
    }

    private static void Subject(Html html, Guid id, AlarmFinding f, AlarmState state)
    {
        html.Add($"<h2>对象与理由 <span class=\"en\" lang=\"en\">Subject and reason</span></h2><p><strong>{f.Reason.Zh}</strong><br><span class=\"en\" lang=\"en\">{f.Reason.En}</span></p><dl>");
        Line(html, "编号", "Number", id.ToString());
        Line(html, "货主", "Owner of the goods", state.Owner);
        Line(html, "对象", "Subject", f.Subject.Uri);
        if (f.Subject.Lot is { } lot)
            Line(html, "批次", "Lot", lot);
        if (f.Subject.Dealer is { } dealer)
        {
            Line(html, "经销商", "Dealer", $"{dealer.Name.In(chinese: true)} ({dealer.Code}{(dealer.Organisation is { } o ? ", " + o : "")})");
            Line(html, "约定区域", "Agreed area", string.Join(", ", dealer.Regions));
        }
        if (state.PutTo is { } put)
            Line(html, "已提请说明", "Put to", $"{put}, {(state.AnswerBy is { } by ? Time(by) : "")}");
        html.Add($"</dl>");
    }

    private static void Figures(Html html, AlarmFinding f)
    {
        html.Add($"<h2>数值 <span class=\"en\" lang=\"en\">Figures</span></h2><dl>");
        Line(html, "公式", "Formula", f.Formula);
        Line(html, "期间", "Period", $"{Time(f.From)} – {Time(f.To)}");
        Line(html, "查询次数 / 件数 / 设备数 / 城市数", "Checks / items / devices / cities",
            $"{f.Facts.Checks} / {f.Facts.Items} / {f.Facts.Devices} / {f.Facts.Regions}");
        Line(html, "其中货主自报", "Of these reported by the owner itself", Text(f.Facts.Reported));
        Line(html, "其中位置由查询人提供", "Of these with a position shared by the holder", Text(f.Facts.Shared));
        if (f.Facts.Counted is { } counted)
        {
            Line(html, "计入次数 / 区域外", "Counted / outside", $"{counted} / {f.Facts.Outside}");
            Line(html, "区域外比例下限（95%）", "Lower bound of the share outside (95 %)",
                $"{Text(f.Facts.LowerBound)} > {Text(f.Limits.OutOfAreaShare)}");
            Line(html, "集中于一省的比例", "Share in one province", $"{Text(f.Facts.Concentration)} ({f.Facts.Province})");
        }
        if (f.Facts.Suspected is { } suspected)
            Line(html, "有嫌疑 / 平常 / 偶然概率", "Suspected / usual / chance", $"{suspected} / {Text(f.Facts.Expected)} / {Text(f.Facts.Chance)}");
        if (f.Facts.Score is { } score)
            Line(html, "权重之和 / 界限", "Sum of weights / limit", $"{score} / {f.Limits.AlarmWeight}");
        html.Add($"</dl><ul>");
        foreach (AlarmSign sign in f.Signs)
            html.Add($"<li>{sign.Reason.Zh} <span class=\"en\" lang=\"en\">{sign.Reason.En}</span> ({sign.Code}, {sign.Weight})</li>");
        html.Add($"</ul>");
    }

    private static void Places(Html html, AlarmEvidence evidence)
    {
        html.Add($"<h2>查询 <span class=\"en\" lang=\"en\">Checks</span></h2><table><caption>按城市 <span lang=\"en\">By city</span></caption><tr><th scope=\"col\">地区 Region</th><th scope=\"col\">次数 Checks</th><th scope=\"col\">件数 Items</th><th scope=\"col\">区域外 Outside</th><th scope=\"col\">首次 First</th><th scope=\"col\">末次 Last</th></tr>");
        foreach (AlarmPlace place in GetAlarms.Places(evidence))
            html.Add($"<tr><td>{place.Region ?? "—"}</td><td>{place.Checks}</td><td>{place.Items}</td><td>{YesNo(place.Outside)}</td><td>{Time(place.First)}</td><td>{Time(place.Last)}</td></tr>");
        html.Add($"</table><table><caption>逐条（设备号只在本告警内有意义） <span lang=\"en\">One by one (a device's number means nothing outside of this alarm)</span></caption><tr><th scope=\"col\">时间 Time</th><th scope=\"col\">商品 Item</th><th scope=\"col\">地区 Region</th><th scope=\"col\">设备 Device</th><th scope=\"col\">来源 Source</th></tr>");
        foreach (AlarmCheck check in evidence.Checks)
            html.Add($"<tr><td>{Time(check.At)}</td><td><code>{check.Item}</code></td><td>{check.Region ?? "—"}</td><td>{(check.Device is { } d ? Text(d) : "—")}</td><td>{(check.Reported ? "货主自报 owner" : "本系统页面 page")}{(check.Shared ? " · 位置由查询人提供 shared" : "")}</td></tr>");
        html.Add($"</table>");
        if (evidence.Omitted > 0)
            html.Add($"<p>另有{evidence.Omitted}条。<span class=\"en\" lang=\"en\">{evidence.Omitted} more.</span></p>");
    }

    private static void Chain(Html html, AlarmEvidence evidence)
    {
        if (evidence.Chain.Count == 0)
            return;
        html.Add($"<h2>到经销商的去向 <span class=\"en\" lang=\"en\">How the goods came to the dealer</span></h2><table><tr><th scope=\"col\">时间 Time</th><th scope=\"col\">物品 What</th><th scope=\"col\"></th><th scope=\"col\">去向 Where</th><th scope=\"col\">事件 Event</th></tr>");
        foreach (AlarmLink link in evidence.Chain.OrderBy(l => l.At))
            html.Add($"<tr><td>{Time(link.At)}</td><td><code>{link.Item}</code></td><td>{(link.What switch { "in" => "装入 in", "received" => "收货方 received by", _ => "发往 sent to" })}</td><td><code>{link.To}</code></td><td><code>{link.EventId}</code></td></tr>");
        html.Add($"</table>");
    }

    private static void Sales(Html html, AlarmEvidence evidence)
    {
        if (evidence.Sales.Count == 0)
            return;
        html.Add($"<h2>登记的销售 <span class=\"en\" lang=\"en\">Recorded sales</span></h2><table><tr><th scope=\"col\">时间 Time</th><th scope=\"col\">商品 Item</th><th scope=\"col\">销售方 Seller</th><th scope=\"col\">来源 Feed</th></tr>");
        foreach (AlarmSale sale in evidence.Sales)
            html.Add($"<tr><td>{Time(sale.At)}</td><td><code>{sale.Item}</code></td><td>{sale.Seller}</td><td>{sale.Feed}</td></tr>");
        html.Add($"</table>");
    }

    private static void History(Html html, IReadOnlyList<StoredEvent> events, AlarmState state)
    {
        html.Add($"<h2>经过 <span class=\"en\" lang=\"en\">History</span></h2><table><tr><th scope=\"col\">时间 Time</th><th scope=\"col\">事项 Entry</th><th scope=\"col\">机构 Organisation</th><th scope=\"col\">内容 Text</th><th scope=\"col\">SHA-256</th></tr>");
        foreach (AlarmEntry entry in events.Select(e => GetAlarms.Entry(e, state)))
        {
            html.Add($"<tr><td>{Time(entry.At)}</td><td>{Entry(entry.Kind)}</td><td>{entry.Organisation} ({entry.By})</td><td>{entry.Text ?? ""}");
            foreach (AlarmAttachment file in entry.Attachments ?? [])
                html.Add($"<br>{file.Name}: <code>{file.Sha256}</code>");
            html.Add($"</td><td><code>{entry.Sha256}</code></td></tr>");
        }
        html.Add($"</table>");
    }

    /// <summary>How to verify the pack without this service.</summary>
    public static string Readme(byte[]? trust)
    {
        string fingerprint = trust is null ? "-" : TrustFile.Fingerprint(trust);
        return $"""
            证据包 alarm-pack/1

            1. 核对信任文件指纹（trust.json）：{fingerprint}
               与联盟成员公布的指纹比对；指纹不同就不要采信本包。
            2. 核验每个 *.proof.json：
                 apps verify events/01-raised.proof.json --trust trust.json
               或在浏览器中打开“离线核验页”（/verify/offline，可存盘离线使用），选择证明文件和 trust.json。
            3. events/*.json 是事件的原始字节；其SHA-256（sha256sum）就是证明所说的摘要。
               facts.json 与事件01、02中的data相同，只为便于阅读。
            4. sources/ 是所依据的其他事件；有 .statements.json 的，连同同名证明一起核验：
                 apps verify sources/….proof.json --trust trust.json --statements sources/….statements.json
            5. manifest.json 列出全部文件的SHA-256和尚缺的证明。

            证明能说明：这些记录在所示时间之前已经存在，之后没有改动。
            证明不能说明：记录写入之前所述是否属实；嫌疑是否成立。

            ----------------------------------------------------------------------

            Evidence pack alarm-pack/1

            1. Compare the fingerprint of the trust file (trust.json): {fingerprint}
               with the one that the members of the network publish. If they differ, trust nothing in here.
            2. Verify every *.proof.json:
                 apps verify events/01-raised.proof.json --trust trust.json
               or open the offline verifier (/verify/offline, which can be kept as a file) in a browser and choose the
               proof and trust.json.
            3. events/*.json are the exact bytes of the events; their SHA-256 (sha256sum) is the digest that is proven.
               facts.json is the data of events 01 and 02 again, for reading.
            4. sources/ has the other events that the alarm rests on; one with .statements.json is verified with it:
                 apps verify sources/….proof.json --trust trust.json --statements sources/….statements.json
            5. manifest.json lists the SHA-256 of all files, and proofs that are missing yet.

            What is proven: that these records existed by the time shown and were not changed since.
            What is not: that what they say was true before, or that the suspicion holds.

            """;
    }

    private static void Line(Html html, string zh, string en, string value) =>
        html.Add($"<dt>{zh} <span class=\"en\" lang=\"en\">{en}</span></dt><dd><code>{value}</code></dd>");

    private static Wording Kind(AlarmKind kind) => kind switch
    {
        AlarmKind.Clone => new Wording("仿冒嫌疑", "Suspected clone"),
        AlarmKind.CloneLot => new Wording("批次仿冒嫌疑", "Suspected clones in a lot"),
        _ => new Wording("窜货嫌疑", "Suspected diversion (out-of-area sale)"),
    };

    private static string Entry(string kind) => kind switch
    {
        "raised" => "发出告警 raised",
        "evidence" => "固定依据 evidence fixed",
        "put" => "提请说明 put",
        "answer" => "答复 answered",
        "comment" => "补充 comment",
        _ => "结案 closed",
    };

    private static string YesNo(bool? outside) => outside switch
    {
        true => "是 yes",
        false => "否 no",
        _ => "—",
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double? figure) => figure?.ToString("0.####", CultureInfo.InvariantCulture) ?? "—";

    private static string Time(DateTimeOffset at) =>
        at.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd HH:mm '(UTC+8)'", CultureInfo.InvariantCulture);
}
