namespace Traceability.Scanning.Page;

/// <summary>Writes what whoever scans must see before anything else, with a link to where the page tells it in full.</summary>
internal sealed class HeadView(Html html, bool chinese, DateOnly today)
{
    /// <summary>Whether the producer who issues the product's codes here never issued this one.</summary>
    public static bool IsForeign(ItemFacts facts) => facts.Key.Serial is not null && facts.Code == CodeState.NotOurs;

    private string Words(string zh, string en) => chinese ? zh : en;

    /// <summary>Writes a code that was never issued, temperatures outside of the range, and certificates that ended.</summary>
    public void Write(ItemFacts facts)
    {
        if (IsForeign(facts))
            Foreign(facts);
        else if (facts.Key.Serial is not null && facts.Code == CodeState.NotInUse)
            NotInUse(facts);
        if (facts.Key.Lot is not null && facts.Lot is null)
            Undescribed(facts);
        PageCertificate[] withdrawn = [.. facts.Certificates.Where(c => c.WithdrawnOn <= today)];
        PageCertificate[] ended = [.. facts.Certificates.Where(c => !(c.WithdrawnOn <= today) && c.ValidTo < today)];
        string[] lines =
        [
            .. facts.Curve.IsOutside ? [Line("cold", Words("! 运输或储存中超过温度范围，见温度记录", "! Outside of its temperature range on the way, see the readings"))] : Array.Empty<string>(),
            .. withdrawn.Length > 0 ? [Line("certificates", Words("! 有证书已被撤回，见证书", "! A certificate was withdrawn, see certificates"))] : Array.Empty<string>(),
            .. ended.Length > 0 ? [Line("certificates", Words("! 有证书已过期，见证书", "! A certificate has expired, see certificates"))] : Array.Empty<string>(),
        ];
        if (lines.Length > 0)
            html.Add($"<p class=\"notice warn\" id=\"attention\">{new Markup(string.Join("<br>", lines))}</p>");
    }

    private static string Line(string section, string words) => $"<a href=\"#{section}\">{words}</a>";

    private void NotInUse(ItemFacts facts)
    {
        (string zh, string en) = (facts.Product?.Owner?.In(true) ?? "生产者", facts.Product?.Owner?.In(false) ?? "the producer");
        string checks = facts.EarlierChecks == 0 ? "" : Words(
            $"此前被查询过{facts.EarlierChecks}次。", $" It was checked {facts.EarlierChecks} {(facts.EarlierChecks == 1 ? "time" : "times")} before.");
        html.Add($"<section class=\"notice bad\" id=\"not-in-use\" aria-labelledby=\"not-in-use-title\"><h2 id=\"not-in-use-title\"><span aria-hidden=\"true\">! </span>{Words("这个码还没有启用，不应在出售的商品上", "This code is not in use yet and should not be on goods for sale")}</h2><p>{Words($"{zh}发出过这个码，但没有登记把它用在任何商品上：可能是流出的标签贴到了别的商品上，也可能是还没有登记。请不要食用或使用，保留商品和凭证，并在本页投诉，或向{zh}核实。", $"It is a code of {en}, but no item was recorded as having it: a leaked label may have been put on other goods, or the record may be late. Do not eat or use it, keep it with the receipt, and complain on this page or ask {en}.")}{checks}</p></section>");
    }

    // Anybody can write a lot into a link: it is not repeated here.
    private void Undescribed(ItemFacts facts)
    {
        string who = facts.Product?.Owner?.In(chinese) ?? Words("生产者", "the producer");
        html.Add($"<p class=\"notice warn\" id=\"undescribed\">{Words($"! {who}没有描述过这个批次：这里没有这个批次的产地和日期。如果批号是手工输入的，请对照包装核对。", $"! This lot was not described by {who}: its origin and dates are not known here. If the number was typed, compare it with the package.")}</p>");
    }

    private void Foreign(ItemFacts facts)
    {
        (string zh, string en) = (facts.Product?.Owner?.In(true) ?? "生产者", facts.Product?.Owner?.In(false) ?? "The producer");
        html.Add($"<section class=\"notice bad\" id=\"foreign\" aria-labelledby=\"foreign-title\"><h2 id=\"foreign-title\"><span aria-hidden=\"true\">! </span>{Words("这个码不是生产者发出的，可能是假货", "The producer never issued this code: possibly forged")}</h2><p>{Words($"{zh}没有发出过这个序列号。下面的商品资料和证书是同名商品的，不能说明您手里的这一件。不要食用或使用，保留商品和凭证，并在本页投诉；也可能是扫错，请再扫一次。", $"{en} never issued this serial number. What follows is about the product of that name and says nothing of the item in your hands. Do not eat or use it, keep it with the receipt, and complain on this page. It may have been misread too: scan once more.")}</p></section>");
    }
}
