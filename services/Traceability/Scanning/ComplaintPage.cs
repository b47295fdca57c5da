using System.Text;
using EventStore;
using Npgsql;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using Traceability.MasterData;
using Traceability.Scanning.Page;

namespace Traceability.Scanning;

/// <summary>What became of a complaint.</summary>
/// <param name="Stage">Received, answered or closed.</param>
/// <param name="At">When.</param>
/// <param name="Words">The answer.</param>
internal sealed record ComplaintStep(ComplaintStage Stage, DateTimeOffset At, string? Words);

/// <summary>
/// What whoever complained reads: where the complaint stands and how it was answered. Its number is all that is needed, and
/// nothing is shown that was written or photographed with the complaint.
/// </summary>
internal static class ComplaintPage
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/complaints/{number}/filed", FiledAsync).OpenToAll()
            .WithName("ComplaintFiled").WithSummary("The page that says where a complaint stands and how it was answered.");
        app.MapGet("/complaints/find", (HttpContext http, string? number = null) =>
            {
                string typed = (number ?? "").Trim().ToUpperInvariant();
                string found = typed.StartsWith("C-", StringComparison.Ordinal) ? typed : "C-" + typed;
                http.Response.Headers.Location =
                    $"{Uri.EscapeDataString(found)}/filed?lang={(ItemEndpoints.IsChinese(http.Request) ? "zh" : "en")}";
                return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
            }).OpenToAll()
            .WithName("FindComplaint").WithSummary("Leads from a complaint's number to its page.");
    }

    /// <summary>What was done about complaints, in order.</summary>
    public static async Task<ILookup<string, ComplaintStep>> StepsAsync(
        Store store, IReadOnlyCollection<string> numbers, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select number, kind, at, words from complaint_steps where number = any($1) order by number, n");
        command.Parameters.Add(new() { Value = numbers.ToArray() });
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellation);
        List<(string Number, ComplaintStep Step)> steps = [];
        while (await row.ReadAsync(cancellation))
        {
            steps.Add((row.GetString(0), new ComplaintStep(
                (ComplaintStage)row.GetInt16(1), row.GetFieldValue<DateTimeOffset>(2), row.Text(3))));
        }
        return steps.ToLookup(s => s.Number, s => s.Step);
    }

    private static async Task<IResult> FiledAsync(
        string number, HttpContext http, Store store, ItemReader reader, TimeProvider time, CancellationToken cancellation)
    {
        bool chinese = ItemEndpoints.IsChinese(http.Request);
        if (await FindAsync(store, number, cancellation) is not ({ } key, var filed))
            return NotHere(http, number, chinese);
        ComplaintStep[] steps = [.. (await StepsAsync(store, [number], cancellation))[number]];
        ItemFacts facts = await reader.ReadAsync(key, time.GetUtcNow(), cancellation);
        Complaints.PageHeaders(http.Response);
        return TypedResults.Content(Encoding.UTF8.GetString(ItemView.RenderPage(
            key, $"/api/trace/complaints/{number}/filed", chinese, Title(steps, chinese),
            html => Write(html, chinese, number, filed, steps, facts.Product?.Owner, key))), "text/html; charset=utf-8");
    }

    private static string Title(ComplaintStep[] steps, bool chinese) => (steps.LastOrDefault()?.Stage) switch
    {
        null => chinese ? "投诉已提交" : "Your complaint is filed",
        ComplaintStage.Received => chinese ? "生产者已收到投诉，正在处理" : "The producer has your complaint and looks into it",
        ComplaintStage.Answered => chinese ? "投诉已有答复" : "Your complaint is answered",
        _ => chinese ? "投诉已办结" : "Your complaint is closed",
    };

    private static void Write(
        Html html, bool chinese, string number, DateTimeOffset filed, ComplaintStep[] steps, Wording? owner, ItemKey key)
    {
        string who = owner?.In(chinese) ?? (chinese ? "生产者" : "the producer");
        html.Add($"<p>{(chinese ? "编号" : "Number ")}<strong>{number}</strong></p><ol class=\"steps\" id=\"complaint\">");
        Line(html, 1, chinese ? "您提交了投诉" : "You filed it", filed, null);
        for (int i = 0; i < steps.Length; i++)
        {
            string what = steps[i].Stage switch
            {
                ComplaintStage.Received => chinese ? $"{who}已收到" : $"{who} has it",
                ComplaintStage.Answered => chinese ? $"{who}答复" : $"{who} answered",
                _ => chinese ? $"{who}办结" : $"{who} closed it",
            };
            Line(html, i + 2, what, steps[i].At, steps[i].Words);
        }
        html.Add($"</ol>");
        if (steps.Length == 0)
            html.Add($"<p>{(chinese ? $"内容已转给{who}，还没有人处理。" : $"It was passed on to {who}; nobody has taken it up yet.")}</p>");
        html.Add($"<p>{(chinese ? "请记下编号或收藏本页：答复会显示在这里。投诉和答复的摘要正在锚定，以后如被改动，核验会发现。请保留商品和凭证；也可拨打12315。" : "Keep the number or this page: the answer appears here. The digests of complaint and answer are being anchored, so that a later change shows. Keep the goods and the receipt; in mainland China you can also call 12315.")}</p>");
        html.Add($"<a class=\"button\" href=\"{key.Path}\">{(chinese ? "返回商品页" : "Back to the product")}</a>");
    }

    private static void Line(Html html, int number, string what, DateTimeOffset at, string? words)
    {
        html.Add($"<li><span class=\"no\">{number}</span><p><strong>{what}</strong></p>");
        if (words is not null)
            html.Add($"<p class=\"answer\">{words}</p>");
        html.Add($"<p class=\"small quiet\"><time datetime=\"{PageTime.Iso(at)}\">{PageTime.Minute(at)}</time></p></li>");
    }

    private static async Task<(ItemKey? Key, DateTimeOffset Filed)> FindAsync(Store store, string number, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand("select link, filed_at from complaints where number = $1");
        command.Parameters.Add(new() { Value = number });
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) && ItemKey.TryParse(row.GetString(0), out ItemKey? key, out _)
            ? (key, row.GetFieldValue<DateTimeOffset>(1)) : (null, default);
    }

    private static IResult NotHere(HttpContext http, string number, bool chinese)
    {
        if (!http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            return Problem.Of("not-found");
        Complaints.PageHeaders(http.Response);
        return TypedResults.Content(Encoding.UTF8.GetString(ItemView.RenderMessage(
            $"/api/trace/complaints/{Uri.EscapeDataString(number)}/filed", chinese,
            chinese ? "没有这个编号的投诉" : "There is no complaint of this number",
            chinese ? "请核对编号：C-后面是10位字母和数字。" : "Check the number: C- and 10 letters and digits.")),
            "text/html; charset=utf-8", statusCode: StatusCodes.Status404NotFound);
    }
}
