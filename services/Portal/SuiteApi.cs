using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authentication;
using ServiceDefaults;

namespace Portal;

/// <summary>Calls a service on behalf of the signed-in person, in the person's language.</summary>
public sealed class SuiteApi(IHttpClientFactory clients, IHttpContextAccessor http, ServiceAddresses addresses, Components.Language language)
{
    /// <summary>The client for what takes long: sheets of labels, lists of codes.</summary>
    public const string Slow = "suite-slow";

    private static readonly HashSet<string> Passed = new(StringComparer.OrdinalIgnoreCase)
    {
        "Content-Type", "Content-Length", "Content-Disposition", "Content-Range", "Accept-Ranges", "ETag",
    };

    /// <summary>An answer of a service: its document, or the problem in the service's own words.</summary>
    public sealed record Answer(HttpStatusCode Status, JsonNode? Document, string? Problem, string? Code)
    {
        public bool Ok => (int)Status is >= 200 and < 300;
    }

    /// <summary>Asks a service. A page that can do without the answer says how long it is worth waiting for.</summary>
    public async Task<Answer> GetAsync(string service, string path, CancellationToken cancel, TimeSpan? patience = null)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (patience is { } most) end.CancelAfter(most);
        return await SendAsync(HttpMethod.Get, service, path, null, null, end.Token, cancel);
    }

    /// <summary>Posts JSON; what must stand in no body, a PIN, goes in a header.</summary>
    public Task<Answer> PostAsync(
        string service, string path, JsonNode body, string? idempotencyKey, CancellationToken cancel, (string Name, string Value)? header = null) =>
        SendAsync(HttpMethod.Post, service, path, Json(body), idempotencyKey, cancel, cancel, header: header);

    public Task<Answer> PutAsync(string service, string path, JsonNode body, string? idempotencyKey, CancellationToken cancel) =>
        SendAsync(HttpMethod.Put, service, path, Json(body), idempotencyKey, cancel, cancel);

    /// <summary>Sends a file as it is.</summary>
    public Task<Answer> SendFileAsync(
        HttpMethod method, string service, string path, Stream file, string mediaType, string? idempotencyKey, CancellationToken cancel)
    {
        var content = new StreamContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return SendAsync(method, service, path, content, idempotencyKey, cancel, cancel, Slow);
    }

    public Task<Answer> DeleteAsync(string service, string path, CancellationToken cancel) =>
        SendAsync(HttpMethod.Delete, service, path, null, null, cancel, cancel);

    /// <summary>The raw answer, for documents that pass through unchanged.</summary>
    public async Task<HttpResponseMessage> FetchAsync(HttpRequestMessage request, CancellationToken cancel, string client = "suite")
    {
        request.Headers.AcceptLanguage.ParseAdd(language.Tag);
        if (http.HttpContext is { } context && await context.GetTokenAsync(SignIn.SignIn.TokenName) is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await clients.CreateClient(client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
    }

    /// <summary>Passes a service's server-sent events on as they come.</summary>
    public async Task PassEventsAsync(HttpContext context, string service, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(service, path));
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await FetchAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        context.Response.Headers.CacheControl = "no-store";
        await using var stream = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        var buffer = new byte[4096];
        int read;
        try
        {
            while ((read = await stream.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            context.Abort();
        }
    }

    /// <summary>
    /// Passes a download on as it comes, with its ranges, so that one that broke goes on where it stopped. What the
    /// service refuses is left to the caller: null where the answer was passed.
    /// </summary>
    public async Task<Answer?> PassFileAsync(HttpContext context, HttpMethod method, string service, string path)
    {
        using var request = new HttpRequestMessage(method, Address(service, path));
        foreach (var name in new[] { "Range", "If-Range" })
        {
            if (context.Request.Headers.TryGetValue(name, out var value)) request.Headers.TryAddWithoutValidation(name, value.ToString());
        }

        using var response = await FetchAsync(request, context.RequestAborted, Slow);
        if (!response.IsSuccessStatusCode) return await ReadAsync(response, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.Headers.CacheControl = "no-store";
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            if (Passed.Contains(name)) context.Response.Headers[name] = values.ToArray();
        }

        try
        {
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            // Half a file must not look like a whole one.
            context.Abort();
        }

        return null;
    }

    public Uri Address(string service, string path) => new(addresses[service], path);

    private async Task<Answer> SendAsync(
        HttpMethod method, string service, string path, HttpContent? body, string? idempotencyKey,
        CancellationToken end, CancellationToken cancel, string client = "suite", (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(method, Address(service, path));
        request.Content = body;
        if (header is { } given) request.Headers.TryAddWithoutValidation(given.Name, given.Value);
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        try
        {
            using var response = await FetchAsync(request, end, client);
            return await ReadAsync(response, end);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return new Answer(HttpStatusCode.ServiceUnavailable, null, Silence(e, method, idempotencyKey), "service-unavailable");
        }
    }

    private static StringContent Json(JsonNode body) => new(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");

    private static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken end)
    {
        var text = await response.Content.ReadAsStringAsync(end);
        var document = text.StartsWith('{') || text.StartsWith('[') ? JsonNode.Parse(text) : null;
        return response.IsSuccessStatusCode
            ? new Answer(response.StatusCode, document, null, null)
            : new Answer(response.StatusCode, document, Words(document, response.StatusCode), document?["code"]?.GetValue<string>());
    }

    /// <summary>What is known when no answer came: a request that was sent may have been carried out.</summary>
    private string Silence(Exception fault, HttpMethod method, string? idempotencyKey)
    {
        if (method == HttpMethod.Get)
        {
            return language["服务暂时没有应答。请稍后再试。", "The service does not answer at the moment. Try again shortly."];
        }

        if (fault is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
        {
            return language["服务暂时没有应答，没有提交任何内容。请稍后再试。", "The service does not answer at the moment; nothing was submitted. Try again shortly."];
        }

        return idempotencyKey is null
            ? language["服务没有应答，不能确定是否已经完成。请稍后查看，需要时再试一次。", "The service did not answer, so it is not known whether this was done. Look again shortly, and try again if it was not."]
            : language["服务没有应答，不能确定是否已经受理。请原样再提交一次，不会重复写入。", "The service did not answer, so it is not known whether this was accepted. Submit it again unchanged: nothing is recorded twice."];
    }

    private static string Words(JsonNode? problem, HttpStatusCode status) =>
        problem?["detail"]?.GetValue<string>() ?? problem?["title"]?.GetValue<string>() ?? ((int)status).ToString(CultureInfo.InvariantCulture);
}
