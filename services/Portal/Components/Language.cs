using System.Globalization;

namespace Portal.Components;

/// <summary>
/// The reader's language. Words stand beside each other where they are used, Chinese first, so that neither language can
/// be forgotten and a page reads in one place.
/// </summary>
public sealed class Language(IHttpContextAccessor http)
{
    public const string Cookie = "lang";

    public bool IsChinese { get; } = Choose(http.HttpContext!.Request);

    public string Tag => IsChinese ? "zh-CN" : "en";

    /// <summary>The words in the reader's language.</summary>
    public string this[string chinese, string english] => IsChinese ? chinese : english;

    /// <summary>A time of the wire in Beijing time with its zone, in the form of tables.</summary>
    public string Time(DateTimeOffset time, bool milliseconds = false) =>
        time.ToOffset(TimeSpan.FromHours(8)).ToString(milliseconds ? "yyyy-MM-dd HH:mm:ss.fff" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
        + this["（北京时间）", " (Beijing time)"];

    public string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The query wins over the cookie, which wins over what the browser asks for.</summary>
    private static bool Choose(HttpRequest request)
    {
        var chosen = request.Query["lang"].FirstOrDefault() ?? request.Cookies[Cookie];
        if (chosen is "en" or "zh") return chosen == "zh";
        var asked = request.Headers.AcceptLanguage.ToString();
        var english = asked.IndexOf("en", StringComparison.OrdinalIgnoreCase);
        var chinese = asked.IndexOf("zh", StringComparison.OrdinalIgnoreCase);
        return english < 0 || (chinese >= 0 && chinese < english);
    }
}
