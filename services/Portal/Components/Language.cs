using System.Globalization;

namespace Portal.Components;

/// <summary>
/// The reader's language. Words stand beside each other where they are used, Chinese first, so that neither language can
/// be forgotten and a page reads in one place.
/// </summary>
public sealed class Language(IHttpContextAccessor http)
{
    /// <summary>Cookie and query parameter: <c>zh</c> or <c>en</c>.</summary>
    public const string Cookie = "lang";

    /// <summary>Cookie and query parameter of the large mode (长辈版): <c>large</c> or <c>normal</c>.</summary>
    public const string SizeCookie = "size";

    public bool IsChinese { get; } = Choose(http.HttpContext!.Request);

    public bool IsLarge { get; } = Chosen(http.HttpContext!.Request, SizeCookie) == "large";

    public string Tag => IsChinese ? "zh-CN" : "en";

    /// <summary>The words in the reader's language.</summary>
    public string this[string chinese, string english] => IsChinese ? chinese : english;

    /// <summary>A time of the wire in Beijing time with its zone, in the form of tables.</summary>
    public string Time(DateTimeOffset time, bool milliseconds = false) =>
        ShortTime(time, milliseconds) + this["（北京时间）", " (Beijing time)"];

    /// <summary>The same without the zone, for columns whose head names it.</summary>
    public string ShortTime(DateTimeOffset time, bool milliseconds = false) => time.ToOffset(TimeSpan.FromHours(8))
        .ToString(milliseconds ? "yyyy-MM-dd HH:mm:ss.fff" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A time as services write it, or null when there is none.</summary>
    public static DateTimeOffset? Read(System.Text.Json.Nodes.JsonNode? at) => at switch
    {
        System.Text.Json.Nodes.JsonValue v when v.TryGetValue(out long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds),
        System.Text.Json.Nodes.JsonValue v when DateTimeOffset.TryParse(
            v.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
        _ => null,
    };

    /// <summary>The words of one thing as services hold them, in the reader's language or else in the other.</summary>
    public string Words(System.Text.Json.Nodes.JsonNode? wording) =>
        (IsChinese ? wording?["zh"] ?? wording?["en"] : wording?["en"] ?? wording?["zh"])?.ToString() ?? "";

    /// <summary>Says that words are shown in the other language, because nobody gave them in the reader's; else null.</summary>
    public string? OtherOnly(System.Text.Json.Nodes.JsonNode? wording) => wording?[IsChinese ? "zh" : "en"] is null && Words(wording).Length > 0
        ? this["没有提供中文，照原文显示英文。", "Not given in English; the Chinese original is shown."] : null;

    public string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The query wins over the cookie, which wins over what the browser asks for.</summary>
    private static bool Choose(HttpRequest request)
    {
        var chosen = Chosen(request, Cookie);
        return chosen is "en" or "zh" ? chosen == "zh" : ServiceDefaults.Problems.Language.Of(request) != ServiceDefaults.Problems.Language.English;
    }

    private static string? Chosen(HttpRequest request, string name) =>
        request.Query[name].FirstOrDefault() ?? request.Cookies[name];
}
