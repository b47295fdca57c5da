using System.Text.Json.Nodes;

namespace Portal.Components.Pages.Goods;

/// <summary>Words about recalls.</summary>
public static class RecallWords
{
    /// <summary>Domain and class.</summary>
    public static string Class(Language words, string? domain, int level)
    {
        var number = level switch { 1 => "一", 2 => "二", 3 => "三", _ => "?" };
        return domain == "drug" ? words[$"药品{number}级", $"drug, class {level}"] : words[$"食品{number}级", $"food, class {level}"];
    }

    /// <summary>How long a rule leaves.</summary>
    public static string Time(Language words, JsonNode rule)
    {
        var time = rule["hours"]?.GetValue<int>() is { } hours ? words[$"{hours}小时内", $"within {hours} hours"]
            : words[$"{rule["workdays"]}个工作日内", $"within {rule["workdays"]} working days"];
        var from = rule["after"]?.ToString() is { } after ? words[$"{GoodsWords.RecallStep(words, after)}之后", $"after the {GoodsWords.RecallStep(words, after).ToLowerInvariant()}"] : words["得知风险之后", "of learning of the risk"];
        return rule["repeats"]?.GetValue<bool>() == true ? words[$"{from}每{time}", $"{from}, each time {time}"] : words[$"{from}{time}", $"{time} {from}"];
    }

    /// <summary>How far a rule can be relied on.</summary>
    /// <param name="words">The reader's language.</param>
    /// <param name="rule">A rule with its <c>status</c>, and the <c>note</c> that stands where its text was not read.</param>
    public static string Status(Language words, JsonNode rule) =>
        rule["status"]?.ToString() == "unknown" ? words["已有修订，现行文本未核对：只作提醒，请咨询律师", "revised since, not held against the text in force: a reminder only, ask counsel"]
        : IsRead(rule) ? words["现行，已与原文核对", "in force, read against the text"]
        : words["未与原文核对：请先核对", "not read against the text: check it first"];

    /// <summary>What stands over a table of rules: those in force are called so only where all of them were read.</summary>
    public static string Caption(Language words, IEnumerable<JsonNode> rules) =>
        (rules.All(IsRead) ? words["现行规定", "Rules in force"] : words["系统录入的规定，不一定是现行条文，以原文为准", "Rules as loaded, not all of them those in force: the published text decides"])
        + words["；工作日不扣除法定假日", "; working days leave out weekends only"];

    private static bool IsRead(JsonNode rule) => rule["status"] is null && rule["note"] is null;
}
