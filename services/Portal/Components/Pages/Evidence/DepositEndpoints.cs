namespace Portal.Components.Pages.Evidence;

/// <summary>What a deposit's page loads besides itself, with the session's token.</summary>
public static class DepositEndpoints
{
    /// <summary>Maps the proof file, a batch's numbers and the live states.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/deposits/{id}/proof.json", DownloadProofAsync).RequireAuthorization();
        app.MapGet("/deposits/batch/{name}/ids.csv", DownloadNumbers).RequireAuthorization();
        app.MapGet("/deposits/{id}/live", (HttpContext context, string id, SuiteApi api) =>
            api.PassEventsAsync(context, "evidence", $"deposits/{Uri.EscapeDataString(id)}/status")).RequireAuthorization();
    }

    private static IResult DownloadNumbers(HttpContext context, string name, BatchResults results) =>
        results.Find(name, context.User.FindFirst(ServiceDefaults.Auth.Claim.Tenant)?.Value) is { } result
            ? Results.File(result.Csv, "text/csv; charset=utf-8", "deposits.csv")
            : Results.Redirect($"/deposits/batch/{Uri.EscapeDataString(name)}");

    private static async Task<IResult> DownloadProofAsync(
        HttpContext context, string id, SuiteApi api, Guid? @event = null)
    {
        var path = $"deposits/{Uri.EscapeDataString(id)}/proof?wait=20" + (@event is { } entry ? $"&event={entry}" : "");
        using var request = new HttpRequestMessage(HttpMethod.Get, api.Address("evidence", path));
        using var response = await api.FetchAsync(request, context.RequestAborted);
        if (response.StatusCode != System.Net.HttpStatusCode.OK)
        {
            return Results.Redirect($"/deposits/{Uri.EscapeDataString(id)}");
        }

        var bundle = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
        return Results.File(bundle, "application/json", $"{@event?.ToString() ?? id}.proof.json");
    }
}
