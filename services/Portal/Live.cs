namespace Portal;

/// <summary>Passes a deposit's states to the browser as they come (server-sent events), with the session's token.</summary>
public static class Live
{
    public static void MapLive(this WebApplication app) =>
        app.MapGet("/deposits/{id}/live", async (HttpContext context, string id, SuiteApi api) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, api.Address("evidence", $"deposits/{Uri.EscapeDataString(id)}/status"));
            request.Headers.Accept.ParseAdd("text/event-stream");
            using var response = await api.FetchAsync(request, context.RequestAborted);
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
        }).RequireAuthorization();
}
