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

    public Task<Answer> PostAsync(string service, string path, JsonNode body, string? idempotencyKey, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, service, path, body, idempotencyKey, cancel, cancel);

    public Task<Answer> DeleteAsync(string service, string path, CancellationToken cancel) =>
        SendAsync(HttpMethod.Delete, service, path, null, null, cancel, cancel);

    /// <summary>The raw answer, for documents that pass through unchanged.</summary>
    public async Task<HttpResponseMessage> FetchAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        request.Headers.AcceptLanguage.ParseAdd(language.Tag);
        if (http.HttpContext is { } context && await context.GetTokenAsync(SignIn.SignIn.TokenName) is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await clients.CreateClient("suite").SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
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

    public Uri Address(string service, string path) => new(addresses[service], path);

    private async Task<Answer> SendAsync(
        HttpMethod method, string service, string path, JsonNode? body, string? idempotencyKey,
        CancellationToken end, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, Address(service, path));
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        try
        {
            using var response = await FetchAsync(request, end);
            var text = await response.Content.ReadAsStringAsync(end);
            var document = text.StartsWith('{') || text.StartsWith('[') ? JsonNode.Parse(text) : null;
            return response.IsSuccessStatusCode
                ? new Answer(response.StatusCode, document, null, null)
                : new Answer(response.StatusCode, document, Words(document, response.StatusCode), document?["code"]?.GetValue<string>());
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return new Answer(HttpStatusCode.ServiceUnavailable, null, Silence(e, method, idempotencyKey), "service-unavailable");
        }
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
