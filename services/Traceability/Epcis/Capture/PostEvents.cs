using EventStore;
using EventStore.Idempotency;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Epcis.Storage;

namespace Traceability.Epcis.Capture;

/// <summary>Captures one event at once (<c>POST /events</c>).</summary>
internal static class PostEvents
{
    /// <summary>Header with the id of the recording event, which a proof is asked for by.</summary>
    public const string RecordHeader = "Event-Record";

    public static void Map(IEndpointRouteBuilder epcis) =>
        epcis.MapPost("/events", HandleAsync).RequireRoles(Role.Member).WithBodyLimit(CaptureDocument.BytesMax)
            .WithName("CaptureEvent").WithSummary("Captures one EPCIS event and answers when it is durable.");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, EventRecorder recorder, ProblemCatalog catalog)
    {
        CaptureDocument document = await CaptureDocument.ReadAsync(http.Request, http.RequestAborted);
        Reading reading = document.Parse();
        if (reading.Problem is { } whole)
            return EpcisProblems.Invalid(catalog, "document-invalid", [Error(whole)]);
        if (reading.Items.Count != 1)
            return Problem.Of("one-event-expected", ("count", reading.Items.Count));
        if (reading.Items[0].Problem is { } problem)
            return EpcisProblems.Invalid(catalog, "event-invalid", [Error(problem)]);

        IdempotencyKey? key = Once.Key(http.Request, caller, "epcis-event", document.Bytes.Span);
        return await EventRecorder.OnceAsync(http, caller, key, (session, token) =>
            RecordAsync(http, session, reading, recorder, token));
    }

    private static async Task<StoredResponse> RecordAsync(
        HttpContext http, Session session, Reading reading, EventRecorder recorder, CancellationToken cancellationToken)
    {
        CaptureDecision decision = await recorder.DecideAsync(
            session.Context.Tenant, reading.Items, ErrorBehaviour.Rollback, cancellationToken);
        if (decision.Errors is [var error, ..])
            throw new ProblemException(Problem.Of(error.Code, ("id", error.Detail), ("detail", error.Detail)));
        RecordedEvent recorded = EventRecorder.Append(session, decision, capture: null)[0];
        http.Response.Headers[RecordHeader] = recorded.Id.ToString();
        return new StoredResponse(
            StatusCodes.Status201Created, "application/json", default,
            $"/epcis/v2/events/{Uri.EscapeDataString(recorded.EventId)}");
    }

    /// <summary>What a reader found wrong, as an error of the capture.</summary>
    public static CaptureError Error(EpcisProblem problem) =>
        new(problem.Index, problem.Code, problem.Path, problem.Detail);
}
