namespace Portal.Components.Pages.Vouchers;

/// <summary>What the pages of vouchers load besides themselves, with the session's token.</summary>
public static class VoucherEndpoints
{
    private static readonly string[] PageHeaders = ["Page-Sha256", "Page-Time", "Page-Previous"];

    /// <summary>Maps the exact bytes of a draft's page, and proofs of events.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/vouchers/approvals/{id}/page", PageAsync).RequireAuthorization();
        app.MapGet("/vouchers/proof.json", ProofAsync).RequireAuthorization();
    }

    private static async Task<IResult> ProofAsync(HttpContext context, SuiteApi api, Guid @event)
    {
        var path = $"events/{@event}/proof?wait=10";
        using var request = new HttpRequestMessage(HttpMethod.Get, api.Address(VoucherPage.ServiceName, path));
        using var response = await api.FetchAsync(request, context.RequestAborted);
        return response.StatusCode == System.Net.HttpStatusCode.OK
            ? Results.File(await response.Content.ReadAsByteArrayAsync(context.RequestAborted), "application/json", $"{@event}.proof.json")
            : Results.Redirect("/goods/proof-not-ready");
    }

    /// <summary>
    /// Passes the bytes on untouched, with the time and the previous page that stand in them. Its language is not the
    /// site's: <c>?lang=</c> would change that.
    /// </summary>
    private static async Task<IResult> PageAsync(
        HttpContext context, SuiteApi api, string id, string role, string key, string language)
    {
        var path = $"drafts/{Uri.EscapeDataString(id)}/page?role={Uri.EscapeDataString(role)}"
            + $"&key={Uri.EscapeDataString(key)}&lang={Uri.EscapeDataString(language)}";
        using var request = new HttpRequestMessage(HttpMethod.Get, api.Address(VoucherPage.ServiceName, path));
        using var response = await api.FetchAsync(request, context.RequestAborted);
        if (!response.IsSuccessStatusCode) return Results.StatusCode((int)response.StatusCode);
        foreach (var name in PageHeaders)
        {
            if (response.Headers.TryGetValues(name, out var values)) context.Response.Headers[name] = values.ToArray();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Bytes(await response.Content.ReadAsByteArrayAsync(context.RequestAborted), "text/plain; charset=utf-8");
    }
}
