using System.Globalization;
using System.Text;
using Prepaid.Merchants;

namespace Prepaid.Complaints;

/// <summary>
/// Complaints as a file to hand to 12315. Who complains is not known here: the consumer's name and telephone stay empty and
/// are filled in by the consumer or the platform.
/// </summary>
internal static class ComplaintExport
{
    private const string Head =
        "投诉编号,被投诉人,所在地代码,行业,卡号,投诉类型,投诉内容,投诉时间,商户答复,答复时间,办理结果,办结时间,投诉人姓名,联系电话";

    /// <summary>The file: CSV in UTF-8 with a byte order mark, so that spreadsheet programs read it.</summary>
    public static byte[] Csv(IEnumerable<ComplaintLine> complaints, Filing filing)
    {
        StringBuilder text = new(Head);
        text.Append("\r\n");
        foreach (ComplaintLine c in complaints)
        {
            text.AppendJoin(',', ((string?[])
            [
                c.Id.ToString(), filing.Name, filing.Jurisdiction, filing.Industry, c.Card.ToString(), Kind(c.Kind), c.Words,
                Time(c.MadeAt), c.Answer, Time(c.AnsweredAt), Outcome(c.Outcome), Time(c.ClosedAt), "", "",
            ]).Select(Cell)).Append("\r\n");
        }
        return [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text.ToString())];
    }

    private static string Kind(string kind) => kind switch
    {
        "redemption-refused" => "拒绝核销",
        "refund" => "退费纠纷",
        "balance" => "余额不符",
        "shop-closed" => "停业",
        _ => "其他",
    };

    private static string? Outcome(string? outcome) => outcome switch
    {
        "settled" => "已和解",
        "upheld" => "支持投诉",
        "dismissed" => "不支持",
        "referred" => "转办",
        _ => outcome,
    };

    /// <summary>In China's time.</summary>
    private static string? Time(DateTimeOffset? at) =>
        at?.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A cell of RFC 4180; what a spreadsheet would calculate begins with an apostrophe.</summary>
    private static string Cell(string? text)
    {
        string safe = text is { Length: > 0 } && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal)
            ? "'" + text : text ?? "";
        return safe.AsSpan().IndexOfAny(",\"\n\r") < 0 ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
