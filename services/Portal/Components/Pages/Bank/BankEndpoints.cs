using Portal.Components.Pages.Vouchers;

namespace Portal.Components.Pages.Bank;

/// <summary>Documents that pages lead to, with the session's token.</summary>
public static class BankEndpoints
{
    /// <summary>Maps the documents of financings, payments and vouchers.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/bank/offers/{id:guid}/agreement.pdf", (Guid id, HttpContext context, SuiteApi api, Language words) =>
            PassAsync(context, api, words, $"financings/{id}/agreement.pdf")).RequireAuthorization();
        app.MapGet("/bank/clearing-list/{root}", (string root, HttpContext context, SuiteApi api, Language words) =>
            PassAsync(context, api, words, $"clearings/{Uri.EscapeDataString(root)}/list.pdf")).RequireAuthorization();
        app.MapGet("/vouchers/{root}/certificate.pdf", (string root, HttpContext context, SuiteApi api, Language words) =>
            PassAsync(context, api, words, $"vouchers/{Uri.EscapeDataString(root)}/certificate.pdf")).RequireAuthorization();
        app.MapGet("/vouchers/{root}/claims.pdf", (string root, HttpContext context, SuiteApi api, Language words) =>
            PassAsync(context, api, words, $"clearings/{Uri.EscapeDataString(root)}/claims.pdf")).RequireAuthorization();
        app.MapGet("/vouchers/{root}/notices/{offer}", (string root, string offer, HttpContext context, SuiteApi api, Language words) =>
            PassAsync(context, api, words, $"vouchers/{Uri.EscapeDataString(root)}/assignments/{Uri.EscapeDataString(offer)}/notice.pdf")).RequireAuthorization();
    }

    /// <summary>Passes the file on; where there is no proof yet, a page says so.</summary>
    private static async Task<IResult> PassAsync(HttpContext context, SuiteApi api, Language words, string path)
    {
        var language = words.IsChinese ? "zh" : "en";
        using var request = new HttpRequestMessage(HttpMethod.Get, api.Address(VoucherPage.ServiceName, $"{path}?wait=20&language={language}"));
        using var response = await api.FetchAsync(request, context.RequestAborted, SuiteApi.Slow);
        if (response.StatusCode == System.Net.HttpStatusCode.Accepted) return Results.Redirect("/goods/proof-not-ready");
        if (!response.IsSuccessStatusCode) return Results.StatusCode((int)response.StatusCode);
        context.Response.Headers.CacheControl = "no-store";
        return Results.File(
            await response.Content.ReadAsByteArrayAsync(context.RequestAborted), "application/pdf",
            response.Content.Headers.ContentDisposition?.FileName?.Trim('"') ?? "document.pdf");
    }
}
