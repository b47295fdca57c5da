using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ServiceDefaults.Problems;

/// <summary>An answer in the form of RFC 9457 with a stable <c>code</c>, worded by the catalogue.</summary>
public sealed class Problem : IResult
{
    // Chinese stays readable; the media type is never taken for a page.
    private static readonly JsonSerializerOptions Readable =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _code;
    private readonly IReadOnlyDictionary<string, object?>? _values;
    private readonly IReadOnlyList<ProblemItem>? _errors;
    private readonly IReadOnlyDictionary<string, JsonNode?>? _members;

    private Problem(
        string code,
        IReadOnlyDictionary<string, object?>? values,
        IReadOnlyList<ProblemItem>? errors,
        IReadOnlyDictionary<string, JsonNode?>? members) =>
        (_code, _values, _errors, _members) = (code, values, errors, members);

    /// <summary>The stable code.</summary>
    public string Code => _code;

    /// <summary>A problem by its code; values fill the places of its detail.</summary>
    public static Problem Of(string code, params (string Name, object? Value)[] values) =>
        new(code, values.ToDictionary(v => v.Name, v => v.Value), null, null);

    /// <summary>A problem with the fields or items that are wrong.</summary>
    public static Problem Of(string code, IReadOnlyList<ProblemItem> errors,
        params (string Name, object? Value)[] values) =>
        new(code, values.ToDictionary(v => v.Name, v => v.Value), errors, null);

    /// <summary>The same problem with a member of its own, for example the id of what exists already.</summary>
    public Problem With(string member, JsonNode? value) =>
        new(_code, _values, _errors, new Dictionary<string, JsonNode?>(_members ?? new Dictionary<string, JsonNode?>())
        {
            [member] = value,
        });

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ProblemCatalog catalog = httpContext.RequestServices.GetRequiredService<ProblemCatalog>();
        string language = Language.Of(httpContext.Request);
        ProblemEntry entry = catalog[_code];
        ProblemText text = catalog.Text(_code, language, _values);
        JsonObject body = new()
        {
            ["type"] = $"urn:apps:problem:{_code}",
            ["title"] = text.Title,
            ["status"] = entry.Status,
            ["detail"] = text.Detail,
            ["code"] = _code,
            ["traceId"] = Activity.Current?.TraceId.ToHexString() ?? httpContext.TraceIdentifier,
        };
        if (_errors is not null)
            body["errors"] = new JsonArray([.. _errors.Select(e => Item(catalog, language, e))]);
        foreach ((string name, JsonNode? value) in _members ?? new Dictionary<string, JsonNode?>())
            body[name] = value?.DeepClone();

        HttpResponse response = httpContext.Response;
        response.StatusCode = entry.Status;
        response.ContentType = "application/problem+json";
        response.Headers.ContentLanguage = language;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (entry.Status is StatusCodes.Status503ServiceUnavailable && response.Headers.RetryAfter.Count == 0)
            response.Headers.RetryAfter = "2";
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, Readable), httpContext.RequestAborted);
    }

    private static JsonObject Item(ProblemCatalog catalog, string language, ProblemItem item)
    {
        JsonObject node = [];
        if (item.Index is { } index)
            node["index"] = index;
        node["field"] = item.Field;
        node["code"] = item.Rule ?? item.Code;
        node["detail"] = catalog.Text(item.Code, language, item.Values).Detail;
        return node;
    }
}

/// <summary>One wrong field, or one wrong item of a list.</summary>
/// <param name="Field">Path of the field as sent.</param>
/// <param name="Code">Stable code of the rule.</param>
/// <param name="Values">Fill the places of the rule's words.</param>
/// <param name="Index">Position in the list, from 0.</param>
/// <param name="Rule">Stable code of the rule where <paramref name="Code"/> only words a family of rules.</param>
public sealed record ProblemItem(
    string Field, string Code, IReadOnlyDictionary<string, object?>? Values = null, int? Index = null, string? Rule = null);
