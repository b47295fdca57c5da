using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using ServiceDefaults.Auth;

namespace Portal.Components;

/// <summary>What pages over one service have in common: asking it, and giving a form back with its problems.</summary>
public abstract class ServicePage : ComponentBase
{
    private FormProblems? _problems;

    /// <summary>Name of the service.</summary>
    protected abstract string Service { get; }

    [Inject] protected SuiteApi Api { get; set; } = null!;

    [Inject] protected IHttpContextAccessor Accessor { get; set; } = null!;

    [Inject] protected NavigationManager Navigation { get; set; } = null!;

    [Inject] protected Language Reader { get; set; } = null!;

    [Inject] protected TimeProvider Time { get; set; } = null!;

    /// <summary>Why the page can't be shown, or null.</summary>
    protected SuiteApi.Answer? Refusal { get; set; }

    /// <summary>What is wrong with the form that was sent.</summary>
    protected FormProblems Problems => _problems ??= new FormProblems(Reader);

    protected HttpContext Http => Accessor.HttpContext!;

    protected bool IsPost => HttpMethods.IsPost(Http.Request.Method);

    /// <summary>Whether the reader may record something for the organisation.</summary>
    protected bool MayWrite => Http.User.IsInRole(Role.Member) || Http.User.IsInRole(Role.Admin);

    protected bool IsAdmin => Http.User.IsInRole(Role.Admin);

    protected bool IsRegulator => Http.User.IsInRole(Role.Regulator);

    /// <summary>Begins the title of a page whose form came back.</summary>
    protected string Wrong => Problems.All.Count == 0 ? "" : Reader["有错误：", "Error: "];

    /// <summary>Today in China, where the dates of documents are kept.</summary>
    protected DateOnly Today => DateOnly.FromDateTime(Time.GetUtcNow().ToOffset(TimeSpan.FromHours(8)).DateTime);

    /// <summary>
    /// What the page is about. Where the service or the sign-in is away while a form was sent, an empty object, so that the
    /// form comes back with what was entered.
    /// </summary>
    protected async Task<JsonNode?> LoadAsync(string path)
    {
        var answer = await Api.GetAsync(Service, path, CancellationToken.None);
        if (answer.Ok) return answer.Document;
        if (IsPost && answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable) return new JsonObject();
        Refusal = answer;
        Http.Answer((int)answer.Status);
        return null;
    }

    /// <summary>What a page can do without: null where the service does not give it.</summary>
    protected async Task<JsonNode?> TryAsync(string path)
    {
        var answer = await Api.GetAsync(Service, path, CancellationToken.None);
        return answer.Ok ? answer.Document : null;
    }

    /// <summary>Goes on where the answer is good; else the form comes back with what the service says.</summary>
    protected void Finish(SuiteApi.Answer answer, Func<JsonNode?, string> to)
    {
        if (answer.Ok)
        {
            Navigation.NavigateTo(to(answer.Document));
            return;
        }

        Problems.Add(answer);
        Refuse();
    }

    /// <summary>The form comes back.</summary>
    protected void Refuse() => Http.Answer(StatusCodes.Status422UnprocessableEntity);

    /// <summary>A day as typed, or a problem at its field.</summary>
    protected string? Day(string? typed, string field, bool needed = false)
    {
        var text = typed?.Trim() ?? "";
        if (text.Length == 0)
        {
            if (needed) Problems.Add(field, Reader["请填写日期，形如2026-11-22。", "Give the date, like 2026-11-22."]);
            return null;
        }

        if (DateOnly.TryParseExact(text, ["yyyy-MM-dd", "yyyy-M-d", "yyyy/M/d", "yyyyMMdd"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }

        Problems.Add(field, Reader[$"“{text}”不是日期。请写成2026-11-22的样子。", $"“{text}” is no date. Write it like 2026-11-22."]);
        return null;
    }

    /// <summary>A whole number above zero as typed, or a problem at its field.</summary>
    protected int? Count(string? typed, string field, bool needed = false, int min = 1, int max = 1 << 30)
    {
        var text = (typed ?? "").Replace(",", "", StringComparison.Ordinal).Trim();
        if (text.Length == 0 && !needed) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= min && count <= max) return count;
        Problems.Add(field, Reader[$"请填{Reader.Number(min)}到{Reader.Number(max)}之间的整数。", $"Give a whole number from {Reader.Number(min)} to {Reader.Number(max)}."]);
        return null;
    }

    /// <summary>A value of a path or query.</summary>
    protected static string E(string? value) => Uri.EscapeDataString(value ?? "");

    /// <summary>An instant in Beijing time with its zone.</summary>
    protected string At(JsonNode? at) => Language.Read(at) is { } time ? Reader.Time(time) : "—";

    /// <summary>The same for columns whose head names the zone.</summary>
    protected string ShortAt(JsonNode? at) => Language.Read(at) is { } time ? Reader.ShortTime(time) : "—";

    /// <summary>A whole number of an answer.</summary>
    protected string Figure(JsonNode? number) =>
        number is JsonValue v && v.TryGetValue(out long n) ? Reader.Number(n) : number?.ToString() ?? "—";

    protected static IReadOnlyList<JsonNode> List(JsonNode? list) => [.. (list as JsonArray ?? []).OfType<JsonNode>()];
}
