using Traceability.MasterData;

namespace Traceability.Scanning.Page;

/// <summary>Marks what the browser can compare with anchored records.</summary>
internal static class PageFact
{
    /// <summary>Words that stand in a record under a pointer, in the language shown.</summary>
    public static Markup Of(string pointer, Wording words, bool chinese)
    {
        // Where the words are missing in a language the other one's are shown.
        string language = (chinese ? words.Zh is not null : words.En is null) ? "zh" : "en";
        Markup other = new(words.Lacks(chinese) ? $" lang=\"{(chinese ? "en" : "zh-CN")}\"" : "");
        return new Markup(new Html().Add(
            $"<span data-fact=\"{pointer}/{language}\"{other}>{words.In(chinese)}</span>").ToString());
    }

    /// <summary>Words that no record has, marked with their language where it is not the reader's.</summary>
    public static Markup Plain(Wording words, bool chinese) => new((words.Lacks(chinese)
        ? new Html().Add($"<span lang=\"{(chinese ? "en" : "zh-CN")}\">{words.In(chinese)}</span>")
        : new Html().Add($"{words.In(chinese)}")).ToString());

    /// <summary>Attributes of the element that shows a record; none where its event is not known.</summary>
    public static Markup Record(Guid? id, string kind) =>
        new(id is { } e ? $" data-event=\"{e}\" data-kind=\"{kind}\"" : "");
}
