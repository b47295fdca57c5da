using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Chain.JsonRpc;

/// <summary>JSON-RPC over HTTP: <c>POST /{group}</c>.</summary>
public static class RpcEndpoint
{
    /// <summary>
    /// Maps <c>POST /{group}</c> to the dispatcher of that group. Unknown group: 404. Body over the limit: 413. Other
    /// content than JSON: 415, so that a page of a foreign origin can't post without a CORS preflight.
    /// </summary>
    /// <param name="routes">Where to map.</param>
    /// <param name="find">Finds a group's dispatcher by name; null when the node doesn't carry the group.</param>
    public static RouteHandlerBuilder MapJsonRpc(this IEndpointRouteBuilder routes, Func<string, RpcDispatcher?> find) =>
        routes.MapPost("/{group}", async (string group, HttpContext context, CancellationToken cancellation) =>
        {
            if (find(group) is not { } dispatcher)
            {
                return Results.NotFound();
            }

            if (!IsJson(context.Request.ContentType))
            {
                return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
            }

            byte[]? body = await ReadAsync(context, dispatcher.Limits.BodyMaxBytes, cancellation);
            if (body is null)
            {
                return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
            }

            byte[]? answer = dispatcher.Handle(body);
            return answer is null ? Results.NoContent() : Results.Bytes(answer, "application/json");
        });

    private static bool IsJson(string? contentType) =>
        contentType is not null
        && contentType.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);

    private static async Task<byte[]?> ReadAsync(HttpContext context, int maxBytes, CancellationToken cancellation)
    {
        if (context.Request.ContentLength > maxBytes)
        {
            return null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = (long)maxBytes + 1;
        }

        using MemoryStream body = new();
        byte[] piece = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(piece, cancellation)) > 0)
        {
            if (body.Length + read > maxBytes)
            {
                return null;
            }

            body.Write(piece, 0, read);
        }

        return body.ToArray();
    }
}
