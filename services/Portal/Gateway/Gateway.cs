using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using ServiceDefaults;
using ServiceDefaults.Problems;

namespace Portal.Gateway;

/// <summary>
/// The single public origin: <c>/api/{service}/…</c> and the logs' own paths go to the services, streamed both ways.
/// Services do their own authorisation.
/// </summary>
public static class Gateway
{
    private const int MaxJsonBytes = 1 << 20;
    private const int MaxBatchBytes = 16 << 20;
    private const int MaxPhotoBytes = 24 << 20;
    private const int MaxBlockBytes = 8 << 20;
    private const long MaxListBytes = 512L << 20;
    private const long MaxFileBytes = (2L << 30) + (1 << 20);

    /// <summary>Headers of one connection (RFC 9110 §7.6.1), and those by which a client could speak for a proxy.</summary>
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade", "Host", "Cookie", "Forwarded", "X-Real-IP",
    };

    public static void AddGateway(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton(_ => new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        }));

    public static void MapGateway(this WebApplication app)
    {
        var self = app.Services.GetRequiredService<IOptions<ServiceOptions>>().Value.Name;
        foreach (var service in app.Services.GetRequiredService<ServiceAddresses>().Names.Where(name => name != self))
        {
            app.Map($"/api/{service}/{{**path}}", (HttpContext context) =>
                ForwardAsync(context, service, $"/api/{service}")).AllowAnonymous();
        }

        // GS1 Digital Links begin with the number of a key; printed labels, and the standards, know no other place.
        app.Map("/{key:int:min(0)}/{**path}", (HttpContext context) => ForwardAsync(context, "trace", "")).AllowAnonymous();
        app.Map("/epcis/{**path}", (HttpContext context) => ForwardAsync(context, "trace", "")).AllowAnonymous();
        app.MapGet("/.well-known/gs1resolver", (HttpContext context) => ForwardAsync(context, "trace", "")).AllowAnonymous();

        // The anchor knows which groups there are.
        app.MapGet("/{group}/checkpoint", (HttpContext context) => ForwardAsync(context, "anchor", "")).AllowAnonymous();
        app.MapGet("/{group}/tile/{**path}", (HttpContext context) => ForwardAsync(context, "anchor", "")).AllowAnonymous();
    }

    private static async Task ForwardAsync(HttpContext context, string service, string prefix)
    {
        var services = context.RequestServices;
        context.Request.Path.StartsWithSegments(prefix, out var path);
        Limit(context, service, path);
        var target = services.GetRequiredService<ServiceAddresses>()[service];
        var address = GatewayAddress.Of(context, target, prefix, path);
        if (GatewayAddress.IsInternal(target, address))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var request = Request(context, address, prefix);
        HttpResponseMessage response;
        try
        {
            response = await services.GetRequiredService<HttpMessageInvoker>().SendAsync(request, context.RequestAborted);
        }
        catch (Exception e) when (IsTooLarge(e))
        {
            // A body without a length is found too long only while it is passed on.
            await Problem.Of("body-too-large").ExecuteAsync(context);
            return;
        }
        catch (HttpRequestException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Problem.Of("dependency-unavailable").ExecuteAsync(context);
            return;
        }

        using (response) await AnswerAsync(context, response);
    }

    private static bool IsTooLarge(Exception? e) =>
        e is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }
        || e?.InnerException is { } inner && IsTooLarge(inner);

    private static void Limit(HttpContext context, string service, PathString path)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false } limit) return;
        limit.MaxRequestBodySize = (service, path.Value) switch
        {
            ("evidence", "/deposits/files") => MaxFileBytes,
            ("evidence", "/deposits/batch") => MaxBatchBytes,
            ("trace", "/simple/sheets" or "/epcis/v2/capture" or "/epcis/v2/events") => MaxBatchBytes,
            ("trace", "/codes/lists") => MaxListBytes,
            ("trace", { } sensor) when sensor.StartsWith("/sensors/", StringComparison.Ordinal) => MaxBlockBytes,
            ("trace", "/complaints") => MaxPhotoBytes,
            ("prepaid", "/rehearsals/cards") => MaxBatchBytes,
            _ => MaxJsonBytes,
        };
    }

    private static HttpRequestMessage Request(HttpContext context, Uri address, string prefix)
    {
        var from = context.Request;
        var request = new HttpRequestMessage(new HttpMethod(from.Method), address) { Version = HttpVersion.Version11 };
        if (from.ContentLength > 0 || from.Headers.TransferEncoding.Count > 0) request.Content = new StreamContent(from.Body);
        foreach (var (name, values) in from.Headers)
        {
            if (NotForwarded.Contains(name) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)) continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        // The session of the identity service lives under its own prefix; no other service sees a cookie.
        if (prefix == "/api/identity" && from.Headers.Cookie is { Count: > 0 } cookies)
        {
            request.Headers.TryAddWithoutValidation("Cookie", (IEnumerable<string?>)cookies);
        }

        request.Headers.Add("X-Forwarded-For", context.Connection.RemoteIpAddress?.ToString() ?? "unknown");
        request.Headers.Add("X-Forwarded-Proto", from.Scheme);
        request.Headers.Add("X-Forwarded-Host", from.Host.Value);
        request.Headers.Add("X-Forwarded-Prefix", prefix);
        return request;
    }

    private static async Task AnswerAsync(HttpContext context, HttpResponseMessage response)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            if (!NotForwarded.Contains(name)) context.Response.Headers[name] = new StringValues([.. values]);
        }

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await using var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested || e is IOException or HttpRequestException)
        {
            // Half an answer must not look like a whole one: the connection is cut, not closed in order.
            context.Abort();
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
