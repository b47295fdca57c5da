using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Http;

/// <summary>
/// A request body that is kept as it came beside what was read from it, so that an idempotency key can be compared with
/// the very request it came with.
/// </summary>
/// <param name="Value">The request.</param>
/// <param name="Bytes">The body.</param>
public sealed record JsonBody<T>(T Value, ReadOnlyMemory<byte> Bytes) : IJsonBody where T : class
{
    object IJsonBody.Request => Value;

    /// <summary>Reads the body under the endpoint's size limit and the strict JSON rules.</summary>
    /// <exception cref="ProblemException">It is not JSON by its content type.</exception>
    /// <exception cref="JsonException">It is not the JSON that <typeparamref name="T"/> asks for.</exception>
#pragma warning disable CA1000 // Minimal API binding finds this method by its name on the parameter's type.
    public static async ValueTask<JsonBody<T>> BindAsync(HttpContext context, ParameterInfo? parameter = null)
#pragma warning restore CA1000
    {
        if (!context.Request.HasJsonContentType())
            throw new ProblemException(Problem.Of("media-type-unsupported"));
        ReadOnlyMemory<byte> body = await context.Request.ReadBytesAsync(context.RequestAborted);
        JsonSerializerOptions options =
            context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        JsonTypeInfo<T> type = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        T value = JsonSerializer.Deserialize(body.Span, type) ?? throw new JsonException("null", "$", 0, 0);
        return new JsonBody<T>(value, body);
    }
}

/// <summary>A read body, for filters.</summary>
internal interface IJsonBody
{
    object Request { get; }
}
