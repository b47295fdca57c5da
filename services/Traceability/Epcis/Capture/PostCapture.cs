using System.Text.Json.Nodes;
using EventStore.Idempotency;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Epcis.Queries;

namespace Traceability.Epcis.Capture;

/// <summary>Captures a document as a job (<c>/capture</c>).</summary>
internal static class PostCapture
{
    private const string BehaviourHeader = "GS1-Capture-Error-Behaviour";

    public static void Map(IEndpointRouteBuilder epcis)
    {
        epcis.MapPost("/capture", HandleAsync).RequireRoles(Role.Member).WithBodyLimit(CaptureDocument.BytesMax)
            .WithName("Capture").WithSummary("Accepts an EPCIS document; the job is durable before the answer.");
        epcis.MapGet("/capture", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ListCaptures").WithSummary("The organisation's capture jobs, newest first.");
        epcis.MapGet("/capture/{id}", GetAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetCapture").WithSummary("How far a capture job has come.");
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, CaptureWorker worker, EventRecorder recorder, ProblemCatalog catalog)
    {
        string stated = http.Request.Headers[BehaviourHeader].ToString();
        if (stated is not ("" or "rollback" or "proceed"))
            return Problem.Of("capture-behaviour", ("value", stated));
        ErrorBehaviour behaviour = stated == "proceed" ? ErrorBehaviour.Proceed : ErrorBehaviour.Rollback;
        CaptureDocument document = await CaptureDocument.ReadAsync(http.Request, http.RequestAborted);
        Reading reading = document.Parse();
        if (reading.Problem is { } problem)
            return EpcisProblems.Invalid(catalog, "document-invalid", [PostEvents.Error(problem)]);

        IdempotencyKey? key = Once.Key(http.Request, caller, $"epcis-capture-{behaviour}", document.Bytes.Span);
        http.Response.Headers[BehaviourHeader] = behaviour.ToString().ToLowerInvariant();
        using IDisposable? turn = worker.TryTakeTurn(reading.Items.Count);
        if (turn is not null)
        {
            return await EventRecorder.OnceAsync(http, caller, key, async (session, token) =>
            {
                Guid done = session.Context.NewId();
                CaptureDecision decision = await recorder.DecideAsync(
                    session.Context.Tenant, reading.Items, behaviour, token);
                EventRecorder.Append(session, decision, done);
                CaptureJobs.QueueDone(session, done, behaviour, reading.Items.Count, document.Form, decision);
                return Accepted(done);
            });
        }
        Guid id = Guid.Empty;
        IResult answer = await Once.RunAsync(http, caller, key, (session, _) =>
        {
            id = session.Context.NewId();
            CaptureJobs.Queue(session, id, behaviour, reading.Items.Count, document);
            return Task.FromResult(Accepted(id));
        });
        if (id != Guid.Empty)
            worker.Notify(id, reading);
        return answer;
    }

    private static StoredResponse Accepted(Guid job) =>
        new(StatusCodes.Status202Accepted, "application/json", default, $"/epcis/v2/capture/{job}");

    private static async Task<IResult> GetAsync(
        string id, HttpContext http, Caller caller, CaptureJobs jobs, ProblemCatalog catalog,
        CancellationToken cancellationToken) =>
        Guid.TryParse(id, out Guid job) && await jobs.FindAsync(caller.Tenant, job, cancellationToken) is { } found
            ? Results.Json(Describe(found, catalog, http.Request))
            : EpcisProblems.NoSuchName("not-found");

    private static async Task<IResult> ListAsync(
        HttpContext http, Caller caller, CaptureJobs jobs, PageTokens tokens, ProblemCatalog catalog,
        CancellationToken cancellationToken)
    {
        PageRequest page = await tokens.ReadAsync(http, caller, "captures", cancellationToken);
        Guid? before = page.After is { } after && Guid.TryParse(after, out Guid id) ? id : null;
        IReadOnlyList<CaptureJob> found = await jobs.ListAsync(caller.Tenant, before, page.Size + 1, cancellationToken);
        CaptureJob[] shown = [.. found.Take(page.Size)];
        if (found.Count > shown.Length)
            tokens.SendNext(http, caller, "captures", page, $"{shown[^1].Id}");
        return Results.Json(new JsonArray([.. shown.Select(job => Describe(job, catalog, http.Request))]));
    }

    private static JsonObject Describe(CaptureJob job, ProblemCatalog catalog, HttpRequest request)
    {
        string language = Language.Of(request);
        JsonObject described = new()
        {
            ["captureID"] = job.Id.ToString(),
            ["createdAt"] = job.CreatedAt.UtcDateTime,
            ["running"] = job.FinishedAt is null,
            ["success"] = job.Success,
            ["captureErrorBehaviour"] = job.Behaviour.ToString().ToLowerInvariant(),
            ["events"] = job.Total,
            ["errors"] = new JsonArray([.. job.Errors.Select(e => Error(e, catalog, language))]),
        };
        if (job.FinishedAt is { } finished)
        {
            described["finishedAt"] = finished.UtcDateTime;
            described["captured"] = job.Captured;
        }
        return described;
    }

    private static JsonObject Error(CaptureError error, ProblemCatalog catalog, string language)
    {
        ProblemItem item = EpcisProblems.Item(catalog, error);
        ProblemText text = catalog.Text(item.Code, language, item.Values);
        JsonObject node = new()
        {
            ["type"] = $"urn:apps:problem:{item.Code}",
            ["title"] = text.Title,
            ["status"] = catalog[item.Code].Status,
            ["detail"] = text.Detail,
            ["code"] = error.Code,
        };
        if (error.Index is { } index)
            node["index"] = index;
        if (error.Path.Length > 0)
            node["field"] = error.Path;
        return node;
    }
}
