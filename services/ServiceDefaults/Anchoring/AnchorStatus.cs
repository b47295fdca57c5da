using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Anchoring;

/// <summary>
/// How far an event has come: as JSON, or, for <c>Accept: text/event-stream</c>, every change until the last.
/// </summary>
public static class AnchorStatus
{
    private static readonly TimeSpan FollowMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    /// <summary>Answers a request about an event that its caller may see.</summary>
    public static async Task<IResult> AnswerAsync(
        HttpContext http, AnchorClient anchor, Guid eventId, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!http.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            return TypedResults.Json(
                await anchor.StateAsync(eventId, cancellationToken), AnchorJson.Default.AnchorState);
        }
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        await foreach (AnchorState? state in FollowAsync(anchor, eventId, time, cancellationToken))
        {
            // A comment keeps the connection known to be alive while the anchor is away.
            string text = state is null
                ? ": waiting\n\n"
                : $"event: state\ndata: {JsonSerializer.Serialize(state, AnchorJson.Default.AnchorState)}\n\n";
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            await http.Response.Body.FlushAsync(cancellationToken);
        }
        return Results.Empty;
    }

    private static async IAsyncEnumerable<AnchorState?> FollowAsync(
        AnchorClient anchor, Guid eventId, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return AnchorState.Accepted;
        AnchorState last = AnchorState.Accepted;
        long begun = time.GetTimestamp();
        TimeSpan pause = PauseMin;
        while (!last.Final && time.GetElapsedTime(begun) < FollowMax)
        {
            AnchorState? now = await TryAsync(anchor, eventId, cancellationToken);
            if (now is not null && now.State != last.State)
            {
                last = now;
                pause = PauseMin;
                yield return now;
                continue;
            }
            pause = pause * 1.3 < PauseMax ? pause * 1.3 : PauseMax;
            if (now is null)
                yield return null;
            await Task.Delay(pause, cancellationToken);
        }
    }

    private static async Task<AnchorState?> TryAsync(
        AnchorClient anchor, Guid eventId, CancellationToken cancellationToken)
    {
        try
        {
            return await anchor.StateAsync(eventId, cancellationToken);
        }
        catch (ProblemException)
        {
            return null;
        }
    }
}
