using System.Text.Json;
using FluentValidation;
using FluentValidation.Results;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Http;

/// <summary>Checks the shape of requests at the edge; the inside never does it again.</summary>
public static class RequestValidation
{
    /// <summary>
    /// Runs the validator of a request before the endpoint. Rules give a catalogue code with <c>WithErrorCode</c>; their
    /// custom state, a dictionary, fills the places of its words.
    /// </summary>
    public static RouteHandlerBuilder Validate<TRequest>(this RouteHandlerBuilder builder, IValidator<TRequest> validator)
        where TRequest : class =>
        builder.AddEndpointFilter(async (context, next) =>
        {
            TRequest? request = context.Arguments.OfType<TRequest>().FirstOrDefault()
                ?? context.Arguments.OfType<IJsonBody>().Select(b => b.Request).OfType<TRequest>().FirstOrDefault();
            if (request is null)
                return Problem.Of("request-malformed");
            ValidationResult result = await validator.ValidateAsync(request, context.HttpContext.RequestAborted);
            return result.IsValid ? await next(context) : Invalid(result.Errors.Select(e => Item(e)).ToList());
        });

    /// <summary>The answer to input with wrong fields.</summary>
    public static Problem Invalid(IReadOnlyList<ProblemItem> items) =>
        Problem.Of("validation-failed", items, ("count", items.Count));

    /// <summary>A failure as an item of a problem.</summary>
    public static ProblemItem Item(ValidationFailure failure, int? index = null)
    {
        string field = string.Join('.', failure.PropertyName.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));
        Dictionary<string, object?> values = new(StringComparer.Ordinal) { ["field"] = field };
        if (failure.CustomState is IReadOnlyDictionary<string, object?> state)
        {
            foreach ((string name, object? value) in state)
                values[name] = value;
        }
        return new ProblemItem(field, failure.ErrorCode, values, index);
    }

    /// <summary>Text of a given length, in characters, that PostgreSQL and JSON both carry unchanged.</summary>
    public static IRuleBuilderOptions<T, string?> Text<T>(this IRuleBuilder<T, string?> rule, int min, int max) => rule
        .Must(s => s is null || s.Length >= min && s.Length <= max)
        .WithErrorCode("field-length")
        .WithState((_, s) => new Dictionary<string, object?>
        {
            ["min"] = min,
            ["max"] = max,
            ["length"] = s?.Length ?? 0,
        })
        .Must(s => s is null || !s.Contains('\0') && s.IsWellFormed())
        .WithErrorCode("field-characters");

    /// <summary>A member that must be there.</summary>
    public static IRuleBuilderOptions<T, TProperty> Required<T, TProperty>(this IRuleBuilder<T, TProperty> rule) =>
        rule.NotEmpty().WithErrorCode("field-required");

    /// <summary>Whether every surrogate has its partner.</summary>
    public static bool IsWellFormed(this string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return false;
            i++;
        }
        return true;
    }
}
