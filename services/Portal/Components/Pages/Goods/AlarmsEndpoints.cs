namespace Portal.Components.Pages.Goods;

/// <summary>What alarms' pages load besides themselves, with the session's token.</summary>
public static class AlarmsEndpoints
{
    /// <summary>Maps the evidence pack.</summary>
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/goods/alarms/{id:guid}/pack.zip", DownloadPackAsync).RequireAuthorization();

    private static async Task<IResult> DownloadPackAsync(HttpContext context, Guid id, SuiteApi api, bool partial = false)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, api.Address("trace", $"alarms/{id}/pack?wait=10{(partial ? "&partial=true" : "")}"));
        using var response = await api.FetchAsync(request, context.RequestAborted);
        if (response.StatusCode == System.Net.HttpStatusCode.Conflict) return Results.Redirect($"/goods/alarms/{id}?pack=waiting#pack");
        if (response.StatusCode != System.Net.HttpStatusCode.OK) return Results.Redirect($"/goods/alarms/{id}");
        return Results.File(await response.Content.ReadAsByteArrayAsync(context.RequestAborted), "application/zip", $"alarm-{id}.zip");
    }
}
