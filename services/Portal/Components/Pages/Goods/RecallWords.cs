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
}
