using EventStore;
using EventStore.Idempotency;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Traceability.Codes.Keys;

/// <summary>New batches get another version of the keys.</summary>
/// <param name="Version">The new version; the secret stands in no event.</param>
public sealed record CodeKeysRotated(int Version);

/// <summary>The version that new batches get.</summary>
public sealed record KeysAnswer(int Current);

/// <summary>Shows and rotates the keys of serials.</summary>
internal static class RotateKeys
{
    private const string Stream = "code-keys";

    public static void Map(IEndpointRouteBuilder codes)
    {
        codes.MapPost("/keys", HandleAsync).RequireRoles(Role.Operator)
            .WithName("RotateCodeKeys").WithSummary("Makes a new version of the keys for batches to come.");
        codes.MapGet("/keys", (CodeKeys keys) =>
                TypedResults.Json(new KeysAnswer(keys.Current), CodeJson.Default.KeysAnswer))
            .RequireRoles(Role.Operator, Role.Admin)
            .WithName("GetCodeKeys").WithSummary("The version that new batches get.");
    }

    private static Task<IResult> HandleAsync(HttpContext http, Caller caller, CodeKeys keys)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, "rotate-code-keys", []);
        int? rotated = null;
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            // A lost race repeats the command and must not use up another version.
            rotated ??= keys.Rotate();
            if (rotated is not { } version)
                throw new ProblemException(Problem.Of("code-keys-exhausted"));
            IReadOnlyList<StoredEvent> before = await session.FetchStreamAsync(Stream, token);
            session.Append(Stream, before.Count, new CodeKeysRotated(version));
            KeyChecks.Keep(session, keys[version]);
            return Once.Json(StatusCodes.Status201Created, new KeysAnswer(version), CodeJson.Default.KeysAnswer);
        });
    }
}
