using System.Security.Claims;
using System.Text.Json.Nodes;
using ServiceDefaults.Auth;

namespace Portal.Components.Pages.Goods;

/// <summary>Something that waits for the reader.</summary>
/// <param name="Words">What it is.</param>
/// <param name="Why">What hangs on it, a deadline for example.</param>
/// <param name="Link">Where it is done.</param>
/// <param name="Act">What the link says.</param>
public sealed record Duty(string Words, string Why, string Link, string Act);

/// <summary>What alarms ask of an organisation: its answer as a dealer first, then its decisions as the owner of goods.</summary>
public static class AlarmDuties
{
    private const int ListedMax = 3;

    /// <summary>Asks the service; empty where it does not answer, and for a regulator, who has no part in alarms.</summary>
    public static async Task<IReadOnlyList<Duty>> ReadAsync(
        SuiteApi api, ClaimsPrincipal reader, Language words, DateTimeOffset now, CancellationToken cancel)
    {
        if (reader.IsInRole(Role.Regulator) || reader.FindFirst(ServiceDefaults.Auth.Claim.Tenant)?.Value is not { } mine) return [];
        var put = await api.GetAsync("trace", "alarms?state=put", cancel);
        if (!put.Ok) return [];
        var answered = await api.GetAsync("trace", "alarms?state=answered", cancel);
        return Of([.. Items(put), .. Items(answered)], Count(put, "open"), mine, words, now);
    }

    /// <summary>The duties of an organisation; those with the earliest deadline first.</summary>
    public static IReadOnlyList<Duty> Of(
        IReadOnlyList<JsonNode> alarms, int open, string mine, Language words, DateTimeOffset now)
    {
        var kinds = new AlarmsWords(words);
        var byTime = alarms.OrderBy(a => Language.Read(a["answerBy"]) ?? DateTimeOffset.MaxValue).ToList();
        var toAnswer = byTime.Where(a => a["owner"]?.ToString() != mine && a["state"]?.ToString() == "put").ToList();
        var toClose = byTime.Where(a => a["owner"]?.ToString() == mine
            && (a["state"]?.ToString() == "answered" || Language.Read(a["answerBy"]) < now)).ToList();
        List<Duty> duties =
        [
            .. toAnswer.Take(ListedMax).Select(a => new Duty(
                words[$"请答复：{kinds.Kind(a["kind"]?.ToString())}", $"Answer: {kinds.Kind(a["kind"]?.ToString()).ToLowerInvariant()}"],
                Deadline(a, words, now) + kinds.Text(a["reason"]), $"/goods/alarms/{a["id"]}", words["看依据并答复", "Read the evidence and answer"])),
            .. toClose.Take(ListedMax).Select(a => new Duty(
                a["state"]?.ToString() == "answered"
                    ? words["经销商已答复，等您结案", "The dealer has answered; close the alarm"]
                    : words["答复期限已过，可以结案", "The time to answer has passed; you may close the alarm"],
                $"{kinds.Kind(a["kind"]?.ToString())} · {kinds.Text(a["reason"])}", $"/goods/alarms/{a["id"]}", words["打开告警", "Open the alarm"])),
        ];
        if (toAnswer.Count > ListedMax || toClose.Count > ListedMax)
        {
            duties.Add(new(words["还有更多告警等您处理", "More alarms wait for you"], "", "/goods/alarms", words["打开告警列表", "Open the list of alarms"]));
        }

        if (open > 0)
        {
            duties.Add(new(words[$"有{open}条新告警", open == 1 ? "A new alarm" : $"{open} new alarms"],
                words["提请经销商说明，或说明理由后结案。", "Put them to the dealers, or close them with your grounds."], "/goods/alarms?state=open", words["看告警", "See them"]));
        }

        return duties;
    }

    private static string Deadline(JsonNode alarm, Language words, DateTimeOffset now) => Language.Read(alarm["answerBy"]) switch
    {
        null => "",
        { } until when until < now => words[
            $"期限{words.Time(until)}已过，结案前仍可答复。", $"The deadline, {words.Time(until)}, has passed; you may answer until it is closed. "],
        { } until => words[
            $"期限{words.Time(until)}，不答复的话，货主可以径行结案。", $"By {words.Time(until)}; after that the owner may close it without your answer. "],
    };

    private static IEnumerable<JsonNode> Items(SuiteApi.Answer answer) => (answer.Document?["items"] as JsonArray ?? []).OfType<JsonNode>();

    private static int Count(SuiteApi.Answer answer, string state) => answer.Document?["counts"]?[state]?.GetValue<int>() ?? 0;
}
