using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Antiforgery;

namespace Portal.Components.Pages.Prepaid;

/// <summary>What the till's page sends and loads besides itself, with the session's token.</summary>
public static class PrepaidEndpoints
{
    private const string PinHeader = "Card-Pin";

    /// <summary>Maps redemptions of a till with scripts, receipts to sign, and downloads.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/prepaid/till/redemptions", RedeemAsync).RequireAuthorization();
        app.MapPost("/prepaid/till/signatures", SignAsync).RequireAuthorization();
        app.MapGet("/prepaid/till/cards/{id:guid}", (Guid id, HttpContext context, SuiteApi api) =>
            PassAsync(context, api, $"cards/{id}")).RequireAuthorization();
        app.MapGet("/prepaid/cards/{id:guid}/receipts/{number:long}", (Guid id, long number, HttpContext context, SuiteApi api) =>
            PassAsync(context, api, $"cards/{id}/receipts/{number}")).RequireAuthorization();
    }

    /// <summary>A redemption, or with a time the report of an offline till.</summary>
    /// <remarks>The token of the form is checked here, so that a missing one gives an answer that the till can tell.</remarks>
    private static async Task<IResult> RedeemAsync(
        HttpContext context, SuiteApi api, Language words, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Refused(HttpStatusCode.Unauthorized, "", null);
        var input = TillInput.Of(await context.Request.ReadFormAsync(context.RequestAborted));
        var problems = new FormProblems(words);
        if (input.ToRequest(problems, words) is not { } body)
            return Refused(HttpStatusCode.UnprocessableEntity, string.Join(' ', problems.All.Select(p => p.Words)), null);
        var answer = await SendAsync(api, input, body, context.RequestAborted);
        return answer.Ok ? Results.Json(answer.Document) : Refused(answer.Status, answer.Problem!, answer.Code);
    }

    /// <summary>Sends what a till's form says to the service.</summary>
    internal static Task<SuiteApi.Answer> SendAsync(SuiteApi api, TillInput input, JsonObject body, CancellationToken cancel)
    {
        var card = ScannedText.Read(input.Scan).Card!.Value;
        if (input.TakenAt is not { Length: > 0 } takenAt)
            return api.PostAsync(PrepaidPage.ServiceName, $"cards/{card}/redemptions", body, input.Key, cancel, input.Pin is { Length: > 0 } pin ? (PinHeader, pin.Trim()) : null);
        body.Remove("code");
        body["takenAt"] = takenAt;
        return api.PostAsync(PrepaidPage.ServiceName, $"cards/{card}/queued-redemptions", body, $"{input.Key}-queued", cancel);
    }

    private static async Task<IResult> SignAsync(
        HttpContext context, SuiteApi api, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Refused(HttpStatusCode.Unauthorized, "", null);
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var receipt = $"cards/{Uri.EscapeDataString(form["card"].ToString())}/receipts/{Uri.EscapeDataString(form["number"].ToString())}";
        var answer = await api.PostAsync(PrepaidPage.ServiceName, $"{receipt}/signature",
            new JsonObject { ["key"] = form["key"].ToString(), ["signature"] = form["signature"].ToString() }, null, context.RequestAborted);
        return answer.Ok ? Results.Ok() : Refused(answer.Status, answer.Problem!, answer.Code);
    }

    private static async Task<IResult> PassAsync(HttpContext context, SuiteApi api, string path)
    {
        var refused = await api.PassFileAsync(context, HttpMethod.Get, PrepaidPage.ServiceName, path);
        return refused is null ? Results.Empty : Refused(refused.Status, refused.Problem!, refused.Code);
    }

    private static IResult Refused(HttpStatusCode status, string problem, string? code) => Results.Json(
        new JsonObject { ["problem"] = problem, ["code"] = code }, statusCode: (int)status);
}
