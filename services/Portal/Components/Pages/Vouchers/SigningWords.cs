using System.Text.Json.Nodes;
using Contracts.SignedPages;

namespace Portal.Components.Pages.Vouchers;

/// <summary>Words about commands and who signs them.</summary>
public static class SigningWords
{
    // Ids begin with the time, and end with what tells people apart.
    private const int PersonShown = 6;

    /// <summary>What a command does: the title of its page.</summary>
    public static string Title(Language words, string? kind) =>
        PageForms.All.FirstOrDefault(f => f.Kind == kind) is { } form ? words[form.Zh.Title, form.En.Title] : kind ?? "";

    /// <summary>A capacity in which somebody signs.</summary>
    public static string Role(Language words, string? role) =>
        role is not null && PageForms.Words.TryGetValue(role, out var names) ? words[names.Zh, names.En] : role ?? "";

    /// <summary>Capacities in a row.</summary>
    public static string Roles(Language words, JsonNode? roles) =>
        string.Join(words["、", ", "], (roles as JsonArray ?? []).Select(r => Role(words, r!.ToString())));

    /// <summary>A person of the organisation: the reader, or the end of a pseudonymous id.</summary>
    public static string Person(Language words, string? person, string reader) =>
        person == reader ? words["您本人", "you"]
        : person is { Length: > PersonShown } ? words[$"人员…{person[^PersonShown..]}", $"person …{person[^PersonShown..]}"] : person ?? "—";

    /// <summary>The beginning of a key's or person's id, for lists.</summary>
    public static string Short(string? id) => id is { Length: > 12 } ? $"{id[..8]}…" : id ?? "";

    /// <summary>What a command moves, in fen; null where it names no amount.</summary>
    public static long? Amount(JsonNode command) => command["kind"]?.ToString() switch
    {
        "issue" or "take-over" or "hand-over" or "consent-to-term" => command["faceFen"]!.GetValue<long>(),
        "transfer" => Sum(command["parts"]),
        "pay-from-many" => command["fen"]!.GetValue<long>(),
        "sell" or "offer-pledge" => Sum(command["from"]),
        "freeze" => command["fen"]!.GetValue<long>(),
        _ => command["shown"]?["fen"]?.GetValue<long>(),
    };

    /// <summary>Vouchers that a command names.</summary>
    public static IEnumerable<string> Vouchers(JsonNode command) => new[] { command["root"]?.ToString() }
        .Concat((command["in"] as JsonArray ?? []).Select(r => r?.ToString()))
        .Concat((command["parts"] as JsonArray ?? command["from"] as JsonArray ?? []).Select(p => p?["root"]?.ToString()))
        .OfType<string>().Distinct();

    private static long Sum(JsonNode? parts) => (parts as JsonArray ?? []).Sum(p => p!["fen"]!.GetValue<long>());
}
