using System.Text.Json.Nodes;

namespace Portal.Components;

/// <summary>The words of a verification's result, which the browser's modules use as well.</summary>
public sealed class ResultWords(bool chinese)
{
    private static readonly JsonNode All = Load();

    /// <summary>A sentence by its path; empty when there is none.</summary>
    public string Of(params ReadOnlySpan<string> path)
    {
        var node = All[chinese ? "zh" : "en"];
        foreach (var name in path) node = node?[name];
        return node?.ToString() ?? "";
    }

    private static JsonNode Load()
    {
        using var stream = typeof(ResultWords).Assembly.GetManifestResourceStream("words.json")!;
        return JsonNode.Parse(stream)!;
    }
}
