using System.Security.Claims;
using System.Text.Json.Nodes;
using ServiceDefaults.Auth;

namespace Portal.Components.Pages.Goods;

/// <summary>Complaints of consumers that wait for the organisation's answer.</summary>
public static class ComplaintDuties
{
    /// <summary>The service lists no more.</summary>
    private const int ListMax = 200;

    /// <summary>Asks the service; empty where it does not answer, and for a regulator, to whom no complaint goes.</summary>
    public static async Task<IReadOnlyList<Duty>> ReadAsync(
        SuiteApi api, ClaimsPrincipal reader, Language words, DateTimeOffset now, CancellationToken cancel)
    {
        if (reader.IsInRole(Role.Regulator)) return [];
        var open = await api.GetAsync("trace", $"complaints?state=open&limit={ListMax}", cancel);
        return open.Ok ? Of([.. (open.Document as JsonArray ?? []).OfType<JsonNode>()], words, now) : [];
    }

    /// <summary>One duty for all of them, which says how long the first has waited.</summary>
    public static IReadOnlyList<Duty> Of(IReadOnlyList<JsonNode> open, Language words, DateTimeOffset now)
    {
        if (open.Count == 0) return [];
        var count = open.Count < ListMax ? words.Number(open.Count) : words[$"{ListMax}件以上，", $"{ListMax} or more"];
        var days = (int)((now - (Language.Read(open[0]["filedAt"]) ?? now)).TotalDays);
        return
        [
            new(
                words[$"有{count.TrimEnd('，')}{(open.Count < ListMax ? "件" : "")}投诉等您答复", open.Count == 1 ? "A complaint waits for your answer" : $"{count} complaints wait for your answer"],
                days == 0
                    ? words["消费者凭编号看答复。", "The consumer reads the answer by the complaint's number."]
                    : IsOverdue(open[0])
                    ? words[$"最早的一件已等{days}天，超过了7个工作日。", $"The first has waited {days} days, more than 7 working days."]
                    : words[$"最早的一件已等{days}天；消费者凭编号看答复。", $"The first has waited {days} {(days == 1 ? "day" : "days")}; the consumer reads the answer by its number."],
                open.Count == 1 ? $"/goods/complaints/{open[0]["number"]}" : "/goods/complaints?state=open",
                words["看内容并答复", "Read and answer"]),
        ];
    }

    private static bool IsOverdue(JsonNode complaint) =>
        complaint["deadline"]?["met"] is JsonValue met && met.TryGetValue(out bool inTime) && !inTime;
}
