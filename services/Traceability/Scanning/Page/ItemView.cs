using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Traceability.MasterData;

namespace Traceability.Scanning.Page;

/// <summary>
/// Writes the consumer page: readable without scripts, one style sheet inside, nothing from elsewhere. What the browser
/// can check carries the pointer of the fact in its event (<c>data-fact</c>).
/// </summary>
internal sealed class ItemView
{
    private static readonly string Style = Resource("page.css");
    private static readonly string Script = Resource("binding.mjs") + "\n" + Resource("scan.js");

    private readonly ItemFacts _facts;
    private readonly bool _zh;
    private readonly DateTimeOffset _now;
    private readonly CloneAssessment _found;
    private readonly Html _html = new();
    private bool _recorded;

    private ItemView(ItemFacts facts, bool chinese, DateTimeOffset now)
    {
        (_facts, _zh, _now) = (facts, chinese, now);
        _found = CloneSuspicion.Assess(facts.Checks, [.. facts.Sales.Select(s => new SaleMark(s))],
            unsold: Sale.State(now) == SaleState.NotSold, SuspicionLimits.Default);
    }

    /// <summary>The page's policy: nothing from elsewhere, nothing inline but this one style sheet.</summary>
    public static string Policy { get; } =
        $"default-src 'none'; script-src 'self'; style-src '{Hash(Style)}'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>The page's module.</summary>
    public static byte[] Module { get; } = Encoding.UTF8.GetBytes(Script);

    /// <summary>Changes with the module, so that it can be kept for ever.</summary>
    public static string ModuleMark { get; } = Convert.ToHexStringLower(SHA256.HashData(Module).AsSpan(0, 6));

    /// <summary>The page about what a link names.</summary>
    public static byte[] Render(ItemFacts facts, bool chinese, DateTimeOffset now)
    {
        ItemView view = new(facts, chinese, now) { _recorded = facts.Key.Serial is not null };
        view.Begin(facts.Product!.Name.In(chinese));
        view.Recall();
        new HeadView(view._html, chinese, view.Today).Write(facts);
        view.OtherLot();
        view.Product();
        view.Label();
        view.Code();
        view.CheckYourself();
        if (!HeadView.IsForeign(facts))
            new JourneyView(view._html, chinese).Write(facts.Journey, facts.IsJourneyCut);
        view.Certificates();
        new CurveView(view._html, chinese).Write(facts.Curve);
        view.Report();
        view.End();
        return view._html.ToUtf8();
    }

    /// <summary>A page with one message, for links that lead nowhere.</summary>
    public static byte[] RenderMessage(
        ItemKey key, bool chinese, string title, string message, (string Href, string Text)? link = null) =>
        RenderMessage(key, key.Path, chinese, title, message, link);

    /// <summary>The same for a link that names no item; the path is where the page is read in the other language.</summary>
    public static byte[] RenderMessage(string path, bool chinese, string title, string message) =>
        RenderMessage(new ItemKey(""), path, chinese, title, message, null);

    private static byte[] RenderMessage(
        ItemKey key, string path, bool chinese, string title, string message, (string Href, string Text)? link)
    {
        return RenderPage(key, path, chinese, title, html =>
        {
            html.Add($"<p>{message}</p>");
            if (link is var (href, text))
                html.Add($"<a class=\"button\" href=\"{href}\">{text}</a>");
        });
    }

    /// <summary>A page of one card under its title.</summary>
    public static byte[] RenderPage(ItemKey key, string path, bool chinese, string title, Action<Html> body)
    {
        ItemView view = new(new ItemFacts(key), chinese, DateTimeOffset.UnixEpoch);
        view.Begin(title, path);
        view._html.Add($"<section class=\"card\"><h1>{title}</h1>");
        body(view._html);
        view._html.Add($"</section>");
        view.End();
        return view._html.ToUtf8();
    }

    /// <summary>The form for a complaint.</summary>
    /// <param name="facts">What it is about.</param>
    /// <param name="chinese">Its language.</param>
    /// <param name="now">The time.</param>
    /// <param name="once">Of this form alone, so that sending it again is no second complaint.</param>
    /// <param name="fault">What was wrong with what was sent.</param>
    /// <param name="text">What was written.</param>
    /// <param name="contact">The contact that was given.</param>
    public static byte[] RenderReport(
        ItemFacts facts, bool chinese, DateTimeOffset now, string once, string? fault = null, string? text = null,
        string? contact = null)
    {
        ItemView view = new(facts, chinese, now);
        view.Begin(view.Words("投诉或举报", "Complain or report"));
        view.ReportForm(once, fault, text, contact);
        view.End();
        return view._html.ToUtf8();
    }

    private string Words(string chinese, string english) => _zh ? chinese : english;

    private DateOnly Today => DateOnly.FromDateTime(_now.ToOffset(TimeSpan.FromHours(8)).Date);

    private void Begin(string title, string? path = null)
    {
        string other = _zh ? "en" : "zh";
        _html.Add($"<!doctype html><html lang=\"{(_zh ? "zh-CN" : "en")}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} – {Words("溯源", "Traceability")} – {Words("可核验存证", "Provable facts")}</title><style>{new Markup(Style)}</style></head><body>");
        _html.Add($"<a class=\"skip\" href=\"#main\">{Words("跳到正文", "Skip to content")}</a><header><div><span>{Words("溯源", "Traceability")}</span><a href=\"{path ?? _facts.Key.ScannedPath}?lang={other}\" lang=\"{(_zh ? "en" : "zh-CN")}\" hreflang=\"{(_zh ? "en" : "zh-CN")}\">{(_zh ? "English" : "中文")}</a></div></header><main id=\"main\" tabindex=\"-1\">");
    }

    private void End()
    {
        string recorded = !_recorded ? "" : Words(
            "打开本页会记录一次查询：城市级地区、到分钟的时间和每日更换的设备标记（30天后删除）；IP地址不保存。",
            "Opening this page records a check: the region of a city, the time to the minute and a device mark that changes daily and is deleted after 30 days. The IP address is not kept.");
        _html.Add($"</main><footer><div><ul><li><a href=\"/proves\">{Words("证明能说明什么", "What a proof shows")}</a></li><li><a href=\"/verify/offline\">{Words("离线核验页", "Offline verifier")}</a></li></ul><p>{recorded}</p></div></footer><script type=\"module\" src=\"/api/trace/scan.js?{ModuleMark}\"></script></body></html>");
    }

    private void Recall()
    {
        if (_facts.Recall is not { } recall)
            return;
        string grade = "一二三"[Math.Clamp(recall.Class, 1, 3) - 1].ToString();
        _html.Add($"<section class=\"notice bad\" id=\"recalled\" aria-labelledby=\"recall\"><h2 id=\"recall\"><span aria-hidden=\"true\">! </span>{Words("召回：", "Recall: ")}{PageFact.Plain(recall.Title, _zh)}{Words($"（{grade}级）。{(recall.OfLot ? "本批次" : "这一件")}请停止{(recall.IsFood ? "食用或饮用" : "使用")}。", $" (class {recall.Class}). Stop {(recall.IsFood ? "eating or drinking" : "using")} {(recall.OfLot ? "this lot" : "this item")}.")}</h2><p>");
        _html.Add($"{Words("召回方通知：", "Notice: ")}{PageFact.Plain(recall.Notice, _zh)}{Words(" 如果您是消费者：请不要再用，保留商品，联系购买处退货。", " If you bought it: do not use it, keep it, and return it where you bought it.")}</p>");
        if (recall.Title.Lacks(_zh) || recall.Notice.Lacks(_zh))
            _html.Add($"<p class=\"small\">{Words("召回方没有提供全部中文，这里照原文显示英文。", "Not all of this was given in English; the Chinese original is shown.")}</p>");
        _html.Add($"</section>");
    }

    private void OtherLot()
    {
        if (_facts.Key is not { OtherLot: not null, Lot: { } bound })
            return;
        _html.Add($"<section class=\"notice warn\" id=\"other-lot\" aria-labelledby=\"other-lot-title\"><h2 id=\"other-lot-title\"><span aria-hidden=\"true\">! </span>{Words("标签上的批次对不上，存疑", "The lot on the label does not match, which is doubtful")}</h2><p>{Words($"您扫的标签写着别的批次，而这个码绑定的是批次{bound}：可能是把别的商品的码复制了过来。下面显示的是批次{bound}的记录，不一定是您手里的商品。请核对包装上印的批号；不一致，请保留商品并投诉。", $"The label you scanned says another lot, but this code is bound to lot {bound}: it may have been copied from other goods. What follows is the record of lot {bound}, which may not be what you hold. Compare the lot printed on the package; if it differs, keep the goods and complain.")}</p></section>");
    }

    private void Product()
    {
        ShownProduct product = _facts.Product!;
        _html.Add($"<section class=\"card product\">");
        if (product.Picture is { } picture)
            _html.Add($"<img src=\"/api/trace/pictures/{picture}\" width=\"144\" height=\"144\" alt=\"{Words("商品图：", "Picture of ")}{product.Name.In(_zh)}\">");
        _html.Add($"<div{Record(product.EventId, "product")}><h1>{Fact("/data/product/name", product.Name)}");
        if (product.Net is { } net)
            _html.Add($" {Fact("/data/product/net", net)}");
        _html.Add($"</h1><p class=\"quiet\">");
        if (product.Owner is { } owner)
            _html.Add($"{PageFact.Plain(owner, _zh)}");
        string between = product.Owner is null ? "" : " · ";
        if (_facts.KnownLot is { } lot)
        {
            _html.Add($"{between}{Words("批次", "lot")} {lot}");
            between = " · ";
        }
        if (_facts.Lot is { Origin: { } origin } described)
            _html.Add($"{between}{Words("产地", "from")} <span{Record(described.EventId, "lot")}>{Fact("/data/lot/origin", origin)}</span>");
        _html.Add($"</p><ul class=\"tags\">");
        if (IsDoubtful)
            _html.Add($"<li class=\"tag warn\"><a href=\"#doubt\">{Words("! 存疑，见下", "! Doubtful, see below")}</a></li>");
        if (_facts.Key.Serial is not null && _facts.Code is not (CodeState.NotOurs or CodeState.NotInUse or CodeState.Destroyed or CodeState.Retired))
            Tags();
        for (int i = 0; i < product.Claims.Count; i++)
            _html.Add($"<li class=\"tag\">{Fact($"/data/product/claims/{i}", product.Claims[i])}</li>");
        _html.Add($"</ul>");
        if (IsPartlyOther)
            _html.Add($"<p class=\"small quiet\" id=\"other-language\">{Words("生产者没有提供全部中文；没有的，照原文显示英文。", "The producer did not give all of this in English; the rest is shown in Chinese.")}</p>");
        _html.Add($"</div></section>");
    }

    /// <summary>Whether the page shows words in the other language, since nobody gave them in the reader's.</summary>
    private bool IsPartlyOther => new[] { _facts.Product!.Name, _facts.Product.Net, _facts.Lot?.Origin }
        .Concat(_facts.Product.Claims).Concat(_facts.Label?.Fields.SelectMany(f => new[] { f.Name, f.Value }) ?? [])
        .Concat(_facts.Certificates.SelectMany(c => new[] { c.Title, c.Issuer }))
        .Any(words => words?.Lacks(_zh) == true);

    // What happens to honest people too, a proxy or a parcel, is no sign to show to one of them.
    private bool IsDoubtful => _facts.Key.Serial is not null && _found.Grade == SuspicionGrade.Alarm;

    private void Tags()
    {
        _html.Add($"<li class=\"tag\">{(_facts.EarlierChecks == 0 ? Words("首次查询", "First check") : Words($"第{_facts.EarlierChecks + 1}次查询", $"Check number {_facts.EarlierChecks + 1}"))}</li>");
        string? sale = Sale.State(_now) switch
        {
            SaleState.NotSold => Words("○ 尚未售出", "○ Not sold yet"),
            // A mark of what is proven does not stand beside doubt: a copy shares the sale of the genuine item.
            SaleState.SoldOnce when IsDoubtful => Words("登记售出一次", "Sold once on record"),
            SaleState.SoldOnce => Words("✓ 售出一次", "✓ Sold once"),
            SaleState.SaleRecorded => Words("已登记售出", "Sale recorded"),
            SaleState.SoldTwice => Words("! 多次售出", "! Sold more than once"),
            _ => null,
        };
        if (sale is not null)
            _html.Add($"<li class=\"tag {(Sale.State(_now) is SaleState.SoldTwice ? "warn" : "")}\">{sale}</li>");
    }

    private SaleRecord Sale => new(_facts.Sales, _facts.Feed is { } feed ? [feed] : []);

    private void Label()
    {
        if (_facts.Label is not { } label)
            return;
        _html.Add($"<section class=\"card\" aria-labelledby=\"label\" data-event=\"{label.EventId}\" data-kind=\"label\"><h2 id=\"label\">{Words("标签", "Label")}</h2><dl>");
        for (int i = 0; i < label.Fields.Count; i++)
        {
            LabelField field = label.Fields[i];
            string of = $"/data/fields/{i}";
            _html.Add($"<div><dt>{Fact($"{of}/name", field.Name)}</dt><dd>{Fact($"{of}/value", field.Value)}</dd></div>");
        }
        _html.Add($"</dl><p class=\"small quiet\">{Words($"第{label.Version}版，自{PageTime.Minute(label.ShownFrom)}（北京时间）起展示", $"Version {label.Version}, shown since {PageTime.Minute(label.ShownFrom)} (Beijing time)")} · <a href=\"/api/trace/products/{_facts.Key.Gtin}/labels/{label.Version}/proof\" download=\"label.proof.json\">{Words("证明文件", "Proof file")}</a></p></section>");
    }

    private Markup Fact(string pointer, Wording words) => PageFact.Of(pointer, words, _zh);

    private static Markup Record(Guid? id, string kind) => PageFact.Record(id, kind);

    private void Code()
    {
        if (_facts.Key.Serial is not { } serial)
            return;
        CodeFacts code = new(_facts.Code, _facts.IssuedBy, (int)Math.Min(_facts.EarlierChecks, int.MaxValue),
            _facts.FirstCheck, Sale);
        _html.Add($"<section class=\"card\" aria-labelledby=\"code\"><h2 id=\"code\">{Words("这个码", "This code")}</h2><p><code translate=\"no\">{serial}</code></p><ul class=\"words\">");
        foreach (Wording words in CodeWords.Of(code, _now))
            _html.Add($"<li>{words.In(_zh)}</li>");
        _html.Add($"</ul>");
        new LabelView(_html, _zh).Write(_facts.Quota, _facts.Set);
        Signs();
        _html.Add($"</section>");
    }

    private void Signs()
    {
        if (!IsDoubtful)
            return;
        _html.Add($"<div class=\"notice warn\" id=\"doubt\"><h3>{Words("存疑", "Doubtful")}</h3><ul>");
        foreach (Sign sign in _found.Signs)
            _html.Add($"<li data-sign=\"{sign.Code}\">{sign.Reason.In(_zh)}</li>");
        _html.Add($"</ul><p class=\"small\">{Words("这不说明商品有假：多人查看、网络代理或邮寄也会这样。请核对商品与包装。", "This does not mean that the goods are forged: several people looking, a network proxy or a parcel give the same. Compare goods and packaging.")}</p></div>");
    }

    private void CheckYourself()
    {
        // Proven records of the product, or of whoever named the number, would look like a word for the item itself.
        if (HeadView.IsForeign(_facts) || _facts.Journey.Count == 0 && _facts.Label is null && _facts.Certificates.Count == 0)
            return;
        _html.Add($"<section class=\"card\" aria-labelledby=\"check\" data-check data-key=\"{_facts.Key.Path}\"{new Markup(_facts.IsJourneyCut ? " data-cut" : "")}><h2 id=\"check\">{Words("自己核验", "Check it yourself")}</h2><p>{Words("由您的手机计算：每条记录是否在日志中、日志根是否在链上、页面所示与记录是否一致。不用相信本站。", "Computed by your phone: whether each record is in the log, the log's root is on the chain, and this page shows what the records say. You need not believe this site.")}</p><button class=\"filled\" type=\"button\" hidden>{Words("在本机核验", "Check on this device")}</button><p class=\"small quiet\" role=\"status\"></p><div data-result tabindex=\"-1\"></div><noscript><p class=\"small\">{Words("没有脚本时：下载下面各条的证明文件，在离线核验页核验。", "Without scripts: download the proof files below and check them with the offline verifier.")}</p></noscript></section>");
    }

    private void Certificates()
    {
        if (_facts.Certificates.Count == 0)
            return;
        _html.Add($"<section class=\"card\" aria-labelledby=\"certificates\"><h2 id=\"certificates\">{Words("证书", "Certificates")}</h2>");
        if (HeadView.IsForeign(_facts))
            _html.Add($"<p id=\"certificates-of\">{Words("这些是生产者和它商品的证书，不能说明您手里的这一件。", "These are certificates of the producer and its products; they say nothing of the item in your hands.")}</p>");
        foreach (PageCertificate c in _facts.Certificates)
        {
            (string kind, string state) = c switch
            {
                { WithdrawnOn: { } on } when on <= Today => ("bad", ""),
                _ when c.ValidTo < Today => ("warn", Words("! 已过期", "! expired")),
                _ when c.ValidFrom > Today => ("", Words("○ 尚未生效", "○ not valid yet")),
                _ when HeadView.IsForeign(_facts) => ("", Words("商品的证书", "of the product")),
                _ => ("", Words("有效期内", "in its term")),
            };
            _html.Add($"<div data-event=\"{c.EventId}\" data-kind=\"certificate\"><h3>{Fact("/data/certificate/title", c.Title)} ");
            if (kind == "bad")
                Withdrawn(c);
            else
                _html.Add($"<span class=\"tag {kind}\">{state}</span>");
            _html.Add($"</h3><dl><div><dt>{Words("编号", "Number")}</dt><dd data-fact=\"/data/certificate/number\">{c.Number}</dd></div><div><dt>{Words("颁发", "Issuer")}</dt><dd>{Fact("/data/certificate/issuer", c.Issuer)}</dd></div><div><dt>{Words("有效期", "Valid")}</dt><dd><span data-fact=\"/data/certificate/validFrom\">{c.ValidFrom.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}</span>{Words("至", " to ")}<span data-fact=\"/data/certificate/validTo\">{c.ValidTo.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}</span></dd></div></dl><p class=\"small\"><a href=\"/api/trace/open/events/{c.EventId}/proof\" download=\"certificate.proof.json\">{Words("证明文件", "Proof file")}</a></p></div>");
        }
        _html.Add($"</section>");
    }

    private void Withdrawn(PageCertificate c)
    {
        string on = c.WithdrawnOn!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        _html.Add($"<span class=\"tag bad\"{Record(c.Withdrawal, "withdrawal")}>✗ {Words("", "withdrawn on ")}<span data-fact=\"/data/on\">{on}</span>{Words("撤回", "")}</span>");
    }

    private void Report()
    {
        _html.Add($"<p><a class=\"button\" href=\"{_facts.Key.ScannedPath}?view=report\">{Words("投诉或举报假货", "Complain or report a forgery")}</a></p>");
        if (_facts.Key.Serial is not null)
        {
            _html.Add($"<details class=\"card\" data-locate data-key=\"{_facts.Key.Path}\" hidden><summary>{Words("提供位置，帮助发现窜货（选填）", "Share your position to help find diverted goods (optional)")}</summary><p class=\"small\">{Words("点按钮后浏览器会再问您一次。只保存约1公里精度的位置，与您本人无关，不显示给任何消费者。", "The browser asks again after you tap. The position is kept to about 1 km, without anything about you, and shown to no consumer.")}</p><button type=\"button\">{Words("提供位置", "Share position")}</button><p class=\"small\" role=\"status\"></p></details>");
        }
    }

    // A complaint names what the label says, also where its code is bound to another lot.
    private void ReportForm(string once, string? fault, string? text, string? contact)
    {
        _html.Add($"<section class=\"card\"><h1>{Words("投诉或举报", "Complain or report")}</h1><p class=\"quiet\">{_facts.Product?.Name.In(_zh)} · <code>{(_facts.Key with { Lot = _facts.KnownLot }).Path}</code></p>");
        if (fault is not null)
            _html.Add($"<div class=\"notice bad\" role=\"alert\" tabindex=\"-1\"><h2>{Words("有1个问题需要改正", "1 problem to correct")}</h2><p>{fault}</p></div>");
        _html.Add($"<form method=\"post\" action=\"/api/trace/complaints\" enctype=\"multipart/form-data\" novalidate><input type=\"hidden\" name=\"key\" value=\"{_facts.Key.ScannedPath}\"><input type=\"hidden\" name=\"once\" value=\"{once}\"><input type=\"hidden\" name=\"lang\" value=\"{(_zh ? "zh" : "en")}\"><p class=\"field\"><label for=\"text\">{Words("发生了什么", "What happened")}</label><textarea id=\"text\" name=\"text\" rows=\"5\" maxlength=\"2000\" aria-describedby=\"text-hint\">{text}</textarea><span class=\"small quiet\" id=\"text-hint\">{Words("最多2000个字。请不要写身份证号、银行卡号。", "At most 2,000 characters. Leave out identity and card numbers.")}</span></p><p class=\"field\"><label for=\"photo\">{Words("照片（选填）", "Photo (optional)")}</label><input id=\"photo\" name=\"photo\" type=\"file\" accept=\"image/jpeg,image/png,image/webp\" data-most=\"{Complaints.PhotoBytesMax}\" aria-describedby=\"photo-hint photo-state\"><span class=\"small quiet\" id=\"photo-hint\">{Words("会上传，最大3 MB；它的摘要会存证并锚定。", "Is uploaded, at most 3 MB; its digest is recorded and anchored.")}</span><span class=\"small\" id=\"photo-state\" role=\"status\"></span></p><p class=\"field\"><label for=\"contact\">{Words("联系方式（选填）", "Contact (optional)")}</label><input id=\"contact\" name=\"contact\" type=\"text\" maxlength=\"100\" autocomplete=\"email\" value=\"{contact}\"><span class=\"small quiet\">{Words("只给商品的生产者看。", "Shown to the producer only.")}</span></p><button class=\"filled\" type=\"submit\">{Words("提交投诉", "Send complaint")}</button></form><p><a href=\"{_facts.Key.ScannedPath}\">{Words("返回，不提交", "Back without sending")}</a></p></section>");
        _html.Add($"<details class=\"card\"><summary>{Words("投诉过？查看答复", "Complained before? Read the answer")}</summary><form method=\"get\" action=\"/api/trace/complaints/find\"><input type=\"hidden\" name=\"lang\" value=\"{(_zh ? "zh" : "en")}\"><p class=\"field\"><label for=\"number\">{Words("投诉编号", "Number of the complaint")}</label><input id=\"number\" name=\"number\" type=\"text\" maxlength=\"12\" autocomplete=\"off\" placeholder=\"C-\"></p><button type=\"submit\">{Words("查看", "Read")}</button></form></details>");
    }

    private static string Hash(string text) =>
        $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Resource(string name)
    {
        using Stream stream = typeof(ItemView).Assembly.GetManifestResourceStream($"Page.{name}")
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().TrimEnd();
    }
}
