using System.Text.Json.Nodes;
using ServiceDefaults.Http;

namespace Portal.Components;

/// <summary>Says in plain words why a recorded fact is not anchored yet, and what will happen.</summary>
public sealed class AnchorDelay(SuiteApi api, Language words, TimeProvider time)
{
    /// <summary>An anchoring that takes longer than this is explained. It usually takes about a second.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(20);

    /// <summary>How long an answer about progress is worth waiting for before a page says that there is none.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Why it takes long.</summary>
    /// <param name="Title">What is the matter.</param>
    /// <param name="Words">What it means for the fact, and what will happen.</param>
    public sealed record Reason(string Title, string Words);

    /// <summary>Maps the reason as a module asks for it while a page is open.</summary>
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/status/{group}/delay", async (
            string group, string? state, DateTimeOffset? since, AnchorDelay delay, HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return await delay.WhyAsync(group, state ?? "accepted", since, context.RequestAborted) is { } reason
                ? Results.Json(new { title = reason.Title, words = reason.Words })
                : Results.NoContent();
        }).OpenToAll();

    /// <summary>The reason, or null while nothing is unusual.</summary>
    /// <param name="group">Chain group.</param>
    /// <param name="state">How far the fact has come: <c>accepted</c> or <c>logged</c>.</param>
    /// <param name="since">When it was recorded.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Reason?> WhyAsync(string group, string state, DateTimeOffset? since, CancellationToken cancel)
    {
        if (state is "anchored" or "witnessed") return null;
        var answer = await api.GetAsync("anchor", "groups", cancel, Patience);
        var found = (answer.Document as JsonArray)?.FirstOrDefault(g => g?["name"]?.ToString() == group);
        return (answer.Ok, found?["state"]?.ToString()) switch
        {
            (false, _) => Because(
                "锚定服务没有应答，锚定暂停", "The anchor service does not answer; anchoring is paused",
                "锚定服务恢复后会从停下的地方自动继续。",
                "Once the service is back, anchoring goes on by itself from where it stopped."),
            (_, "waiting") => Because(
                "联盟链暂时连不上，锚定暂停", "The chain can't be reached; anchoring is paused",
                "验证节点恢复后会自动锚定。", "It will be anchored by itself when the validators are back."),
            (_, "starting") => Because(
                "锚定服务正在启动", "The anchor service is starting",
                "核对完日志与链上记录后会自动锚定。",
                "It will be anchored by itself once log and chain have been compared."),
            (_, "behind" or "different") => Because(
                "日志与链上记录不符，锚定已停止", "Log and chain differ; anchoring has stopped",
                "运营方恢复日志之前不会签署任何新内容；恢复后自动锚定。",
                "Nothing new is signed until the operator has recovered the log; then it will be anchored by itself."),
            _ when since is not { } at || time.GetUtcNow() - at <= Usual => null,
            _ when state == "logged" => Because(
                "已入日志，链上确认比平时慢", "It is in the log; the chain takes longer than usual",
                "链上要有超过三分之二的验证节点签名；停下的节点恢复后会自动锚定。",
                "More than two thirds of the validators must sign; it will be anchored by itself when those that stopped are back."),
            _ => Because(
                "进入日志比平时慢", "Reaching the log takes longer than usual",
                "消息通道可能停顿；锚定服务会自己来取，不会漏掉。",
                "Messages may be held up; the anchor service fetches what it missed by itself."),
        };
    }

    /// <summary>Every reason begins with what matters most: nothing is lost.</summary>
    private Reason Because(string titleZh, string titleEn, string thenZh, string thenEn) => new(
        words[titleZh, titleEn],
        words[
            $"内容已受理并保存，不用重新提交。{thenZh}",
            $"What you submitted is accepted and kept; there is no need to submit again. {thenEn}"]);
}
