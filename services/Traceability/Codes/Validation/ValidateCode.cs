using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;

namespace Traceability.Codes.Validation;

/// <summary>A code to look at.</summary>
/// <param name="Code">A link, an element string, what a scanner transmits, or another system's code.</param>
public sealed record ValidateRequest(string? Code = null);

/// <summary>Shape of the request.</summary>
internal sealed class ValidateShape : AbstractValidator<ValidateRequest>
{
    public ValidateShape()
    {
        RuleFor(r => r.Code).Required();
        RuleFor(r => r.Code).Text(1, ItemCode.LengthMax);
    }
}

/// <summary>What anybody may know of a code.</summary>
/// <param name="Answer">One of three answers.</param>
/// <param name="Gtin">14 digits.</param>
/// <param name="Serial">Corrected.</param>
/// <param name="Reason">Why it is not in use; only for its own organisation.</param>
/// <param name="Batch">The batch; only for its own organisation.</param>
/// <param name="Counter">Position in the batch; only for its own organisation.</param>
/// <param name="Lot">Lot that it is bound to; only for its own organisation.</param>
public sealed record ValidateAnswer(
    CodeStanding Answer, string? Gtin, string? Serial, string? Reason = null, Guid? Batch = null, int? Counter = null,
    string? Lot = null);

/// <summary>Answers whether a code is ours and in use, without reading the database.</summary>
internal static class ValidateCode
{
    public static void Map(IEndpointRouteBuilder codes) =>
        codes.MapPost("/validate", Handle).OpenToAll().Validate(new ValidateShape())
            .WithName("ValidateCode").WithSummary("Not ours; ours and not in use; or in use.");

    private static JsonHttpResult<ValidateAnswer> Handle(
        HttpContext http, ValidateRequest request, CodeValidator validator)
    {
        CodeFinding found = validator.Find(request.Code!);
        bool own = found.Tenant is { } tenant && Caller.From(http.User)?.Tenant == tenant;
        return TypedResults.Json(
            new ValidateAnswer(
                found.Standing, found.Gtin, found.Standing == CodeStanding.NotOurs ? null : found.Serial,
                own ? found.Reason : null, own ? found.Batch?.Id : null,
                own && found.Batch is not null ? found.Counter : null, own ? found.Activation?.Lot : null),
            CodeJson.Default.ValidateAnswer);
    }
}
