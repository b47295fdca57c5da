using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStore;
using EventStore.Idempotency;
using Microsoft.Extensions.Primitives;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Stores;

/// <summary>
/// Runs a command: loads, decides, appends and answers in one transaction. With an <c>Idempotency-Key</c> the answer is
/// stored there too and given again to the same request; without one a lost race is decided anew.
/// </summary>
public static class Once
{
    /// <summary>Header that names the key.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>Header of an answer that was given before.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const int KeyLengthMax = 255;
    private const int AttemptsMax = 4;

    /// <summary>The key of a request, or null when it has none.</summary>
    /// <exception cref="ProblemException">The header is not one short visible text.</exception>
    public static IdempotencyKey? Key(
        HttpRequest request, Caller caller, string operation, ReadOnlySpan<byte> body)
    {
        StringValues values = request.Headers[Header];
        if (values.Count == 0)
            return null;
        string key = values.ToString();
        if (values.Count > 1 || key.Length is 0 or > KeyLengthMax || key.Any(c => c is < '!' or > '~'))
            throw new ProblemException(Problem.Of("idempotency-key-form"));
        return IdempotencyKey.For(caller.Tenant, caller.Client, operation, key, body);
    }

    /// <summary>Runs a command that appends to the session and returns its answer.</summary>
    /// <param name="http">The request.</param>
    /// <param name="caller">Who makes it.</param>
    /// <param name="key">Its key, or null.</param>
    /// <param name="command">Refuses by <see cref="ProblemException"/>; may run more than once, saving nothing itself.</param>
    public static async Task<IResult> RunAsync(
        HttpContext http, Caller caller, IdempotencyKey? key,
        Func<Session, CancellationToken, Task<StoredResponse>> command)
    {
        Store store = http.RequestServices.GetRequiredService<Store>();
        TimeProvider time = http.RequestServices.GetRequiredService<TimeProvider>();
        CancellationToken cancellation = http.RequestAborted;
        if (key is not null)
        {
            (StoredResponse answer, bool repeated) = await store.Responses.OnceAsync(key, RunOnce, cancellation);
            return new Answer(answer, repeated);
        }
        return new Answer(await RunOnce(cancellation), Repeated: false);

        async Task<StoredResponse> RunOnce(CancellationToken token)
        {
            for (int attempt = 1; ; attempt++)
            {
                await using Session session = store.OpenSession(caller.Context(time));
                StoredResponse response = await command(session, token);
                if (key is not null)
                    session.Remember(key, response);
                try
                {
                    await session.SaveChangesAsync(token);
                    return response;
                }
                catch (ConcurrencyException) when (attempt < AttemptsMax)
                {
                    // Somebody else was first: what they recorded may change the decision.
                }
            }
        }
    }

    /// <summary>An answer in JSON.</summary>
    public static StoredResponse Json<T>(int status, T body, JsonTypeInfo<T> type, string? location = null) =>
        new(status, "application/json", JsonSerializer.SerializeToUtf8Bytes(body, type), location);

    private sealed record Answer(StoredResponse Response, bool Repeated) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            HttpResponse http = httpContext.Response;
            http.StatusCode = Response.Status;
            if (Response.Location is { } location)
                http.Headers.Location = location;
            if (Repeated)
                http.Headers[ReplayedHeader] = "true";
            if (Response.Body.IsEmpty)
                return Task.CompletedTask;
            http.ContentType = Response.ContentType;
            http.ContentLength = Response.Body.Length;
            return http.Body.WriteAsync(Response.Body, httpContext.RequestAborted).AsTask();
        }
    }
}
