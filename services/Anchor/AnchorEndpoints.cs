using Anchor.Groups;
using Anchor.Logs;
using Microsoft.AspNetCore.Http.HttpResults;
using Proofs.Merkle;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Anchor;

/// <summary>State of a group as anybody may see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Reason">Why it is not sealing; empty if it is.</param>
/// <param name="Origin">Origin line of its log.</param>
/// <param name="Epoch">Epoch of its log.</param>
/// <param name="Logged">Entries in the log.</param>
/// <param name="Anchored">Entries under the last final checkpoint.</param>
/// <param name="Witnessed">Entries under the last one that enough witnesses cosigned; null if none are asked.</param>
/// <param name="Block">Block of that checkpoint; 0 before the first.</param>
/// <param name="BlockTime">Time of that block, seconds since 1970.</param>
/// <param name="Fingerprint">Fingerprint of the trust file.</param>
public sealed record GroupView(string Name, string State, string Reason, string Origin, long Epoch, long Logged,
    long Anchored, long? Witnessed, long Block, long BlockTime, string Fingerprint);

/// <summary>The anchor's HTTP interface.</summary>
public static class AnchorEndpoints
{
    private const int WaitSecondsMax = 60;
    private const string Forever = "public, max-age=31536000, immutable";
    private const string PrivateForever = "private, max-age=31536000, immutable";

    /// <summary>Adds all endpoints.</summary>
    public static void MapAnchor(this IEndpointRouteBuilder routes)
    {
        var groups = routes.MapGroup("/groups").WithTags("anchor");
        groups.MapGet("", List).AllowAnonymous().WithName("ListGroups").WithSummary("State of every group");
        groups.MapGet("/{group}/trust", Trust).AllowAnonymous().WithName("GetTrustFile").WithSummary("Trust file");
        groups.MapGet("/{group}/entries/{service}/{eventId:guid}", StateAsync).RequireRoles(Role.Service)
            .WithName("GetEntryState").WithSummary("How far an event has come");
        groups.MapGet("/{group}/proofs/{service}/{eventId:guid}", ProveAsync).RequireRoles(Role.Service)
            .WithName("GetProof").WithSummary("Log and chain part of an event's bundle");
        groups.MapPost("/{group}/recover", RecoverAsync).RequireRoles(Role.Operator)
            .WithName("RecoverLog").WithSummary("Rebuild a log that differs from its contract, or begin that of a new epoch");
        routes.MapGet("/{group}/checkpoint", Checkpoint).AllowAnonymous().WithName("GetCheckpoint")
            .WithSummary("Last final checkpoint, a C2SP signed note");
        routes.MapGet("/{group}/tile/{**path}", Tile).AllowAnonymous().WithName("GetTile")
            .WithSummary("Tile or entry bundle, C2SP tlog-tiles");
    }

    private static Ok<GroupView[]> List(AnchorGroups groups) => TypedResults.Ok(groups.All.Select(View).ToArray());

    private static GroupView View(AnchorGroup group)
    {
        var status = group.Status;
        return new GroupView(group.Name, status.State.ToString().ToLowerInvariant(), Reason(status.State), group.Origin,
            status.Epoch, status.Logged, status.Anchored, group.IsWitnessed ? status.Witnessed : null, status.Block,
            status.BlockTime, Proofs.TrustFile.Fingerprint(group.TrustFile()));
    }

    // What went wrong in detail names addresses and files: it is for the log and the operator.
    private static string Reason(GroupState state) => state switch
    {
        GroupState.Sealing => "",
        GroupState.Starting => "the log is being compared with the contract",
        GroupState.Waiting => "the chain or the database can't be reached",
        GroupState.Behind => "the contract or an earlier signature knows more entries than the log has",
        _ => "the log is another than the contract's or the signed one",
    };

    private static IResult Trust(string group, AnchorGroups groups) => groups.Find(group) is { } found
        ? TypedResults.Bytes(found.TrustFile(), "application/json", $"{group}.trust.json")
        : Problem.Of("not-found");

    private static async Task<IResult> StateAsync(
        string group, string service, Guid eventId, AnchorGroups groups, CancellationToken cancellation) =>
        groups.Find(group) is { } found
            ? TypedResults.Ok(await found.Proofs.StateAsync(service, eventId, cancellation))
            : Problem.Of("not-found");

    private static async Task<IResult> ProveAsync(string group, string service, Guid eventId, AnchorGroups groups,
        HttpResponse response, ILogger<AnchorGroups> logger, CancellationToken cancellation, int wait = 0)
    {
        if (groups.Find(group) is not { } found)
            return Problem.Of("not-found");
        try
        {
            var limit = TimeSpan.FromSeconds(Math.Clamp(wait, 0, WaitSecondsMax));
            if (await found.Proofs.ProveAsync(service, eventId, limit, cancellation) is not { } proof)
            {
                var state = await found.Proofs.StateAsync(service, eventId, cancellation);
                return TypedResults.Json(state, statusCode: StatusCodes.Status202Accepted);
            }
            response.Headers.CacheControl = proof.IsFixed ? PrivateForever : "no-cache";
            return TypedResults.Bytes(proof.Bytes, "application/json");
        }
        catch (EntryDiffersException e)
        {
            logger.EntryDiffers(group, e.Index);
            return Problem.Of("anchor.entry-differs", ("index", e.Index));
        }
    }

    private static async Task<IResult> RecoverAsync(
        string group, AnchorGroups groups, CancellationToken cancellation, bool newEpoch = false)
    {
        if (groups.Find(group) is not { } found)
            return Problem.Of("not-found");
        try
        {
            if (newEpoch)
            {
                return await groups.OpenEpochAsync(group, cancellation) is { } opened
                    ? TypedResults.Ok(opened)
                    : Problem.Of("anchor.no-new-epoch", ("epoch", found.Epoch));
            }
            return await found.RecoverAsync(cancellation) is { } report
                ? TypedResults.Ok(report)
                : Problem.Of("anchor.nothing-to-recover",
                    ("state", found.Status.State.ToString().ToLowerInvariant()));
        }
        catch (InvalidDataException e)
        {
            return Problem.Of("anchor.not-recoverable", ("reason", e.Message));
        }
    }

    private static IResult Checkpoint(string group, AnchorGroups groups, HttpResponse response)
    {
        if (groups.Find(group)?.Folder.FindCheckpoint() is not { } note)
            return Problem.Of("not-found");
        response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(note, "text/plain; charset=utf-8");
    }

    private static IResult Tile(string group, string path, AnchorGroups groups, HttpResponse response)
    {
        if (!TileId.TryParse("tile/" + path, out var id) || groups.Find(group)?.Folder.Find(id) is not { } bytes)
            return Problem.Of("not-found");
        response.Headers.CacheControl = Forever;
        return TypedResults.Bytes(TileFolder.Cut(id, bytes), "application/octet-stream");
    }
}
