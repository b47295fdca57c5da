using EventStore;
using EventStore.Idempotency;
using Evidence.Deposits;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Evidence.Files;

/// <summary>Why a stored file is deleted.</summary>
public sealed record EraseFileRequest(string? Reason = null);

/// <summary>Downloads and erases the file of a deposit.</summary>
internal static class StoredFile
{
    private const int ReasonMax = 200;

    public static void Map(IEndpointRouteBuilder deposits)
    {
        deposits.MapGet("/{id}/file", DownloadAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("DownloadFile").WithSummary("Downloads a deposit's stored file.");
        deposits.MapPost("/{id}/file/erase", EraseAsync).RequireRoles(Role.Admin)
            .WithName("EraseFile").WithSummary("Deletes a deposit's stored file and its key for good.");
    }

    private static async Task<IResult> DownloadAsync(
        string id, HttpContext http, Caller caller, Store store, FileVault vault, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> events = await DepositAccess.FetchAsync(store, caller.Tenant, id, cancellationToken);
        DepositEvent.Deposited deposited = (DepositEvent.Deposited)events[0].Data;
        if (await vault.FindAsync(caller.Tenant, deposited.Content.Sha256, cancellationToken) is not { } write
            || !deposited.Stored)
            return Problem.Of(Deposit.FileMissing, ("id", id));
        // Always as a download and never as what the depositor called it: a page must not run in this origin.
        ContentDispositionHeaderValue disposition = new("attachment");
        disposition.SetHttpFileName(deposited.Name ?? id);
        http.Response.Headers.ContentDisposition = disposition.ToString();
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "private, no-store";
        http.Response.ContentLength = deposited.Content.Size;
        return TypedResults.Stream(stream => write(stream, cancellationToken), "application/octet-stream");
    }

    private static async Task<IResult> EraseAsync(
        string id, HttpContext http, Caller caller, JsonBody<EraseFileRequest> body, Store store, FileVault vault,
        DepositLookup lookup, CancellationToken cancellationToken)
    {
        if (body.Value.Reason is not { Length: > 0 and <= ReasonMax } reason || reason.Contains('\0'))
        {
            return RequestValidation.Invalid([new ProblemItem("reason", "field-length", new Dictionary<string, object?>
            {
                ["field"] = "reason", ["min"] = 1, ["max"] = ReasonMax, ["length"] = body.Value.Reason?.Length ?? 0,
            })]);
        }
        IReadOnlyList<StoredEvent> events = await DepositAccess.FetchAsync(store, caller.Tenant, id, cancellationToken);
        string sha256 = ((DepositEvent.Deposited)events[0].Data).Content.Sha256;
        var key = Once.Key(http.Request, caller, $"erase {id}", body.Bytes.Span);
        using IDisposable hold = await vault.HoldAsync(caller.Tenant, sha256, cancellationToken);
        try
        {
            return await Once.RunAsync(http, caller, key, EraseAllAsync);
        }
        finally
        {
            // The event first: if this process dies before this, asking again finds the file still to be deleted.
            await vault.EraseUnstatedAsync(caller.Tenant, sha256, CancellationToken.None);
        }

        async Task<StoredResponse> EraseAllAsync(Session session, CancellationToken token)
        {
            // The organisation keeps the same bytes once, so every deposit that says it keeps them says so no longer.
            foreach (DepositRow row in (await lookup.StoredAsync(caller.Tenant, sha256, token))
                     .Where(r => r.Id.ToString() != events[0].Stream))
                await AppendAsync(session, row.Id.ToString(), reason, token);
            return await AppendAsync(session, events[0].Stream, reason, token);
        }
    }

    private static async Task<StoredResponse> AppendAsync(
        Session session, string stream, string reason, CancellationToken cancellationToken)
    {
        WritableStream<DepositState> deposit =
            await session.FetchForWriting<DepositState>(stream, cancellationToken);
        DepositEvent decided =
            Deposit.Decide(deposit.Aggregate, new DepositCommand.EraseFile(reason)).EventsOrProblem(("id", stream))[0];
        NewEvent e = session.Context.Stamp(EvidenceEvents.NameOf(decided), decided);
        deposit.AppendOne(e);
        return Once.Json(StatusCodes.Status200OK, new CustodyAnswer(e.Id, e.OccurredAt, deposit.CurrentVersion + 1),
            ApiJson.Default.CustodyAnswer);
    }
}
