using EventStore;
using Evidence.Deposits;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Evidence.Open;

/// <summary>What anybody may know about a digest.</summary>
/// <param name="Digest">The digest asked for.</param>
/// <param name="Present">Whether it was deposited here.</param>
/// <param name="RecordedAt">When first.</param>
/// <param name="State">How far that deposit has come; missing while the anchor does not answer.</param>
public sealed record OpenAnswer(string Digest, bool Present, DateTimeOffset? RecordedAt = null, string? State = null);

/// <summary>
/// Verification for anybody: whether a content digest was deposited, when first, and the proof without the event's
/// bytes. Never by whom, under which name, or how often.
/// </summary>
internal static class OpenVerification
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder open = endpoints.MapGroup("/open/digests").OpenToAll();
        open.MapGet("/{digest}", FindAsync).WithName("FindDigest").WithSummary("Whether a digest was deposited, and when.");
        open.MapGet("/{digest}/proof", ProveAsync).WithName("ProveDigest").WithSummary("Its proof, by digest only.");
    }

    private static async Task<IResult> FindAsync(
        string digest, DepositLookup lookup, AnchorClient anchor, CancellationToken cancellationToken)
    {
        if (!Digests.IsValid(digest))
            return Problem.Of("digest-invalid", ("length", digest.Length));
        DepositRow? row = await lookup.FirstOfDigestAsync(digest, cancellationToken);
        if (row is null)
            return TypedResults.Json(new OpenAnswer(digest, Present: false), ApiJson.Default.OpenAnswer);
        string? state = null;
        try
        {
            state = (await anchor.StateAsync(row.EventId, cancellationToken)).State;
        }
        catch (ProblemException)
        {
            // Present and when are this service's own knowledge and stand without the anchor.
        }
        return TypedResults.Json(new OpenAnswer(digest, true, row.RecordedAt, state), ApiJson.Default.OpenAnswer);
    }

    private static async Task<IResult> ProveAsync(
        string digest, HttpContext http, DepositLookup lookup, Store store, ProofBundles bundles,
        CancellationToken cancellationToken)
    {
        if (!Digests.IsValid(digest))
            return Problem.Of("digest-invalid", ("length", digest.Length));
        if (await lookup.FirstOfDigestAsync(digest, cancellationToken) is not { } row
            || await store.FindEventAsync(row.EventId, cancellationToken) is not { } e)
            return Problem.Of("not-found");
        return await bundles.AnswerAsync(http, e, withEvent: false, wait: 0, cancellationToken);
    }
}
