using Microsoft.AspNetCore.Antiforgery;

namespace Portal.Components.Pages.Goods;

/// <summary>What the goods' pages load besides themselves, with the session's token.</summary>
public static class GoodsEndpoints
{
    private const string Trace = "trace";

    /// <summary>Maps downloads of codes and proofs.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/goods/codes/{id:guid}/codes.csv", (Guid id, HttpContext context, SuiteApi api) =>
            PassAsync(context, api, id, "csv", "codes.csv")).RequireAuthorization();
        app.MapGet("/goods/codes/{id:guid}/labels.pdf", (Guid id, HttpContext context, SuiteApi api, string? number, string? count, string? columns) =>
            Wrong(id, "pdf", number, count, columns) ?? PassAsync(context, api, id, "pdf", $"labels.pdf?{Range(number, count)}&columns={Number(columns) ?? 5}")).RequireAuthorization();
        app.MapGet("/goods/codes/{id:guid}/labels.zip", (Guid id, HttpContext context, SuiteApi api, string? number, string? count, string? format) =>
            Wrong(id, "zip", number, count) ?? PassAsync(context, api, id, "zip", $"labels.zip?{Range(number, count)}&format={Uri.EscapeDataString(format ?? "svg")}")).RequireAuthorization();
        app.MapGet("/goods/codes/{id:guid}/label", (Guid id, HttpContext context, SuiteApi api, string? number, string? format) =>
            Wrong(id, "one", number) ?? PassAsync(context, api, id, "one", $"label?counter={(Number(number) ?? 1) - 1}&format={Uri.EscapeDataString(format ?? "svg")}")).RequireAuthorization();
        app.MapPost("/goods/codes/{id:guid}/covered.csv", CoveredAsync).RequireAuthorization();
        app.MapGet("/goods/complaints/{number}/photo", PhotoAsync).RequireAuthorization();
        app.MapGet("/goods/proof.json", ProofAsync).RequireAuthorization();
    }

    /// <summary>A range as people count, from 1, in the service's terms, from 0.</summary>
    private static string Range(string? number, string? count) =>
        $"from={(Number(number) ?? 1) - 1}" + (Number(count) is { } n ? $"&count={n}" : "");

    /// <summary>Back to the form, where something that should be a number from 1 is none.</summary>
    private static Task<IResult>? Wrong(Guid id, string what, params string?[] typed) =>
        typed.Any(t => !string.IsNullOrWhiteSpace(t) && Number(t) is null or < 1) ? Task.FromResult(Back(id, what, "number-form")) : null;

    private static int? Number(string? typed) =>
        int.TryParse(typed?.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Passes a download; what is refused goes back to the batch's page, which says why.</summary>
    private static async Task<IResult> PassAsync(HttpContext context, SuiteApi api, Guid id, string what, string path, HttpMethod? method = null)
    {
        try
        {
            var refused = await api.PassFileAsync(context, method ?? HttpMethod.Get, Trace, $"codes/batches/{id}/{path}");
            return refused is null ? Results.Empty : Back(id, what, refused.Code ?? "fault");
        }
        catch (Exception e) when (!context.Response.HasStarted && e is HttpRequestException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            return Back(id, what, "service-unavailable");
        }
    }

    private static IResult Back(Guid id, string what, string code) =>
        Results.Redirect($"/goods/codes/{id}?download={what}&refused={Uri.EscapeDataString(code)}#export");

    private static async Task<IResult> CoveredAsync(Guid id, HttpContext context, SuiteApi api, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var query = Range(form["number"], form["count"]) + (form["anew"] == "true" ? "&anew=true" : "");
        return await PassAsync(context, api, id, "covered", $"covered.csv?{query}", HttpMethod.Post);
    }

    /// <summary>A complaint's photo, always as a download: what strangers upload is not shown as part of the site.</summary>
    private static async Task<IResult> PhotoAsync(string number, HttpContext context, SuiteApi api)
    {
        var refused = await api.PassFileAsync(context, HttpMethod.Get, Trace, $"complaints/{Uri.EscapeDataString(number)}/photo");
        return refused is null ? Results.Empty : Results.Redirect("/goods/complaints");
    }

    /// <summary>The proof bundle of a recorded event, or of an EPCIS event by its own id.</summary>
    private static async Task<IResult> ProofAsync(HttpContext context, SuiteApi api, Guid? @event = null, string? epcis = null)
    {
        var path = @event is { } id ? $"events/{id}/proof?wait=10" : $"epcis/v2/events/{Uri.EscapeDataString(epcis ?? "")}/proof?wait=10";
        using var request = new HttpRequestMessage(HttpMethod.Get, api.Address(Trace, path));
        using var response = await api.FetchAsync(request, context.RequestAborted);
        if (response.StatusCode != System.Net.HttpStatusCode.OK) return Results.Redirect("/goods/proof-not-ready");
        return Results.File(await response.Content.ReadAsByteArrayAsync(context.RequestAborted), "application/json", "event.proof.json");
    }
}
