namespace Portal;

/// <summary>Downloads that need the session's token or are part of the portal itself.</summary>
public static class Downloads
{
    public static void MapDownloads(this WebApplication app)
    {
        app.MapGet("/deposits/{id}/proof.json", async (HttpContext context, string id, SuiteApi api) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, api.Address("evidence", $"deposits/{Uri.EscapeDataString(id)}/proof?wait=20"));
            using var response = await api.FetchAsync(request, context.RequestAborted);
            if (response.StatusCode != System.Net.HttpStatusCode.OK) return Results.Redirect($"/deposits/{Uri.EscapeDataString(id)}");
            var bundle = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
            return Results.File(bundle, "application/json", $"{id}.proof.json");
        }).RequireAuthorization();

        app.MapGet("/verify/offline", (IWebHostEnvironment host) =>
            host.WebRootFileProvider.GetFileInfo("verify.html") is { Exists: true } file
                ? Results.Stream(file.CreateReadStream(), "text/html; charset=utf-8", "verify.html")
                : Results.NotFound()).AllowAnonymous();
    }
}
