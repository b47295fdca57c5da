using System.Net.Sockets;
using System.Text.Json;
using EventStore;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace ServiceDefaults.Problems;

/// <summary>
/// Turns what an endpoint could not handle into a problem: unreadable requests, a stopped database or sign-in service
/// (503, so that the caller tries again), and faults (500 without any detail but the trace id).
/// </summary>
internal sealed partial class FaultHandler(ILogger<FaultHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }
        Problem problem = Classify(exception);
        if (problem.Code == "fault")
            LogFault(logger, httpContext.Request.Path, exception);
        else if (problem.Code is "store-unavailable" or "dependency-unavailable")
            LogUnavailable(logger, problem.Code, exception.GetType().Name);
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    private static Problem Classify(Exception exception) => exception switch
    {
        ProblemException refusal => refusal.Problem,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problem.Of("body-too-large"),
        BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } =>
            Problem.Of("media-type-unsupported"),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => Problem.Of("request-timeout"),
        BadHttpRequestException { InnerException: JsonException json } => Unreadable(json),
        BadHttpRequestException { InnerException: BadHttpRequestException inner } => Classify(inner),
        BadHttpRequestException => Problem.Of("request-malformed"),
        JsonException json => Unreadable(json),
        JsonFormException => Problem.Of("request-malformed"),
        ConcurrencyException => Problem.Of("concurrent-change"),
        AlreadyAnsweredException => Problem.Of("idempotency-in-flight"),
        IdempotencyMismatchException => Problem.Of("idempotency-key-reused"),
        PersonErasedException => Problem.Of("person-erased"),
        StoreUnavailableException => Problem.Of("store-unavailable"),
        _ when Causes(exception).Any(IsDatabaseDown) => Problem.Of("store-unavailable"),
        _ when Causes(exception).Any(e => e is HttpRequestException) => Problem.Of("dependency-unavailable"),
        _ => Problem.Of("fault"),
    };

    // System.Text.Json has no type of its own for an unknown member; a test pins this wording to the runtime in use.
    private static Problem Unreadable(JsonException json) =>
        json.Message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal)
            ? Problem.Of("field-unknown", ("field", json.Path ?? "$"))
            : Problem.Of("json-malformed", ("at", json.Path ?? "$"));

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
            yield return cause;
    }

    /// <summary>Class 08: connection; 57P: shutting down or starting; 53: out of connections or space.</summary>
    private static bool IsDatabaseDown(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState.StartsWith("08", StringComparison.Ordinal)
            || postgres.SqlState.StartsWith("57P", StringComparison.Ordinal)
            || postgres.SqlState.StartsWith("53", StringComparison.Ordinal),
        NpgsqlException => true,
        SocketException or TimeoutException => true,
        _ => false,
    };

    [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "Request to {Path} failed")]
    private static partial void LogFault(ILogger logger, string path, Exception exception);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "Answered {Code} because of {Cause}")]
    private static partial void LogUnavailable(ILogger logger, string code, string cause);
}

/// <summary>Ends a request with a problem from a place that cannot return one, such as a binder or a handler.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Code)
{
    /// <summary>The answer.</summary>
    public Problem Problem { get; } = problem;
}
