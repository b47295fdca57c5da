using System.Text.Json;
using System.Text.Json.Nodes;
using EventStore;
using EventStore.Idempotency;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Codes.Validation;
using Traceability.Epcis;
using Traceability.Epcis.Capture;
using Traceability.Epcis.Findings;
using Traceability.Epcis.Storage;
using Traceability.MasterData;

namespace Traceability.Simple;

/// <summary>What was recorded, in the order of the request.</summary>
/// <param name="Count">How many events.</param>
/// <param name="Events">Each event's id, and the record that its proof is asked for by.</param>
/// <param name="Undescribed">Products and lots of them that nobody has described; null where there are none.</param>
/// <param name="Recalled">What of it an open recall reaches, by the gravest; null where there is none.</param>
public sealed record SimpleAnswer(
    int Count, IReadOnlyList<SimpleRecorded> Events, IReadOnlyList<UndescribedGoods>? Undescribed = null,
    IReadOnlyList<GoodsUnderRecall>? Recalled = null);

/// <summary>One recorded event.</summary>
public sealed record SimpleRecorded(string EventId, Guid Record);

/// <summary>Records everyday words or a sheet, all or nothing (<c>/simple/events</c>, <c>/simple/sheets</c>).</summary>
internal static class RecordSimple
{
    private const int ProblemsMax = 100;
    private const string InFuture = "event-" + Finding.Future;
    private const int SheetBytesMax = 16 << 20;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/simple/events", EventsAsync).RequireRoles(Role.Member)
            .WithName("RecordSimpleEvents").WithSummary("Records what happened, in everyday words.");
        app.MapPost("/simple/sheets", SheetAsync).RequireRoles(Role.Member).WithBodyLimit(SheetBytesMax)
            .WithName("RecordSheet").WithSummary("Records the rows of a CSV or Excel sheet.");
    }

    private static Task<IResult> EventsAsync(
        HttpContext http, Caller caller, JsonBody<SimpleCapture> body, EventRecorder recorder, ProblemCatalog catalog)
    {
        IReadOnlyList<SimpleEvent?> events = body.Value.Events ?? [];
        return RecordAsync(http, caller, events, row: null, body.Bytes, recorder, catalog);
    }

    private static async Task<IResult> SheetAsync(
        HttpContext http, Caller caller, EventRecorder recorder, ProblemCatalog catalog)
    {
        ReadOnlyMemory<byte> file = await http.Request.ReadBytesAsync(http.RequestAborted);
        IReadOnlyList<SheetEvent> events;
        try
        {
            events = Sheet.Read(file.ToArray());
        }
        catch (SheetException e)
        {
            return Problem.Of(e.Code, [.. e.Values]);
        }
        return await RecordAsync(
            http, caller, [.. events.Select(e => e.Event)], i => events[i].Row, file, recorder, catalog);
    }

    private static async Task<IResult> RecordAsync(
        HttpContext http, Caller caller, IReadOnlyList<SimpleEvent?> events, Func<int, int>? row,
        ReadOnlyMemory<byte> request, EventRecorder recorder, ProblemCatalog catalog)
    {
        if (events.Count is 0 or > CaptureDocument.EventsMax)
            return Problem.Of("simple-size", ("max", CaptureDocument.EventsMax), ("count", events.Count));
        List<ProblemItem> problems = [];
        CodeValidator codes = http.RequestServices.GetRequiredService<CodeValidator>();
        SimpleMapping mapping = new(problems, ProblemsMax, uri => IssuedSerials.Corrected(codes, uri));
        JsonArray list = [.. events.Select(mapping.Map)];
        if (problems.Count > 0)
            return Invalid(problems, row);
        Reading reading = EpcisDocuments.ReadJson(Document(list));
        if (!reading.IsValid)
        {
            return Invalid([.. reading.Problems.Take(ProblemsMax).Select(p =>
                EpcisProblems.Item(catalog, PostEvents.Error(p)))], row);
        }
        if (await InventedAsync(http, reading) is { Count: > 0 } invented)
            return Invalid(invented, row);
        IReadOnlyDictionary<string, UndescribedGoods> unknown = await UndescribedAsync(http, reading);
        if (unknown.Count > 0 && Undescribed.IsRefused(http.Request) && Refusals(reading, unknown) is { Count: > 0 } refused)
            return Invalid(refused, row);
        IReadOnlyDictionary<string, GoodsUnderRecall> recalled = await http.RequestServices
            .GetRequiredService<RecalledGoods>().OfAsync(caller, [.. Uris(reading).Distinct()], http.RequestAborted);
        if (!RecalledGoods.IsAllowed(http.Request) && Stopped(reading, recalled, Language.Of(http.Request) != Language.English) is { Count: > 0 } stopped)
            return Invalid(stopped, row);
        IReadOnlyList<UndescribedGoods>? told = unknown.Count == 0 ? null : [.. unknown.Values.Distinct().Take(ProblemsMax)];
        IdempotencyKey? key = Once.Key(http.Request, caller, row is null ? "simple-events" : "simple-sheet", request.Span);
        return await EventRecorder.OnceAsync(http, caller, key, async (session, token) =>
        {
            CaptureDecision decision = await recorder.DecideOnFormAsync(session.Context.Tenant, reading.Items, token);
            if (decision.Errors.Count > 0)
            {
                throw new ProblemException(Invalid([.. decision.Errors.Take(ProblemsMax).Select(e =>
                    EpcisProblems.Item(catalog, e.Code == InFuture ? e with { Path = "when" } : e))], row));
            }
            IReadOnlyList<RecordedEvent> recorded = EventRecorder.Append(session, decision, capture: null);
            return Once.Json(
                StatusCodes.Status201Created,
                new SimpleAnswer(
                    recorded.Count, [.. recorded.Select(r => new SimpleRecorded(r.EventId, r.Id))], told,
                    recalled.Count == 0 ? null : [.. recalled.Values.Take(ProblemsMax)]),
                SimpleJson.Default.SimpleAnswer);
        });
    }

    /// <summary>Serials of products whose codes are issued here that nobody issued: a form of our own knows better.</summary>
    private static async Task<List<ProblemItem>> InventedAsync(HttpContext http, Reading reading)
    {
        IReadOnlySet<string> invented = await http.RequestServices.GetRequiredService<NeverIssued>()
            .OfAsync(Uris(reading), http.RequestAborted);
        return [.. Named(reading).Where(n => invented.Contains(n.Uri)).Take(ProblemsMax)
            .Select(n => new ProblemItem(n.Field, "code-never-issued", new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["field"] = n.Field, ["value"] = Graph.GraphItem.Readable(n.Uri),
            }, n.Index))];
    }

    private static Task<IReadOnlyDictionary<string, UndescribedGoods>> UndescribedAsync(HttpContext http, Reading reading) =>
        Undescribed.OfAsync(
            http.RequestServices.GetRequiredService<Store>(), Uris(reading), http.RequestAborted);

    private static IEnumerable<string> Uris(Reading reading) => Named(reading).Select(n => n.Uri);

    private static List<ProblemItem> Refusals(Reading reading, IReadOnlyDictionary<string, UndescribedGoods> unknown) =>
        [.. Named(reading).Where(n => unknown.ContainsKey(n.Uri)).Take(ProblemsMax)
            .Select(n => unknown[n.Uri].Item(n.Field, n.Index))];

    private static List<ProblemItem> Stopped(
        Reading reading, IReadOnlyDictionary<string, GoodsUnderRecall> recalled, bool chinese) =>
        [.. Named(reading).Where(n => recalled.ContainsKey(n.Uri) && RecalledGoods.PassesOn(n.Event, n.Role))
            .Take(ProblemsMax).Select(n => RecalledGoods.Refused(recalled[n.Uri], n.Field, n.Index, chinese))];

    private static IEnumerable<(int Index, EpcisEvent Event, string Uri, EpcRole Role, string Field)> Named(Reading reading)
    {
        for (int index = 0; index < reading.Items.Count; index++)
        {
            if (reading.Items[index].Event is not { } e)
                continue;
            foreach (EventEpc epc in e.Epcs)
                yield return (index, e, epc.Uri, epc.Role, epc.Role == EpcRole.Parent ? "parent" : "items");
            foreach (EventQuantity quantity in e.Quantities)
                yield return (index, e, quantity.ClassUri, quantity.Role, "quantities");
        }
    }

    /// <summary>A sheet's problems are counted as its rows are.</summary>
    private static Problem Invalid(List<ProblemItem> problems, Func<int, int>? row) => Problem.Of(
        "simple-invalid",
        row is null ? problems : [.. problems.Select(p => p.Index is { } i ? p with { Index = row(i) } : p)],
        ("count", problems.Count));

    private static byte[] Document(JsonArray events) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["@context"] = new JsonArray(
            EpcisDocuments.ContextUri, new JsonObject { [SimpleVocabulary.Prefix] = SimpleVocabulary.Namespace }),
        ["type"] = "EPCISDocument",
        ["schemaVersion"] = "2.0",
        // The document's own date is no part of any event.
        ["creationDate"] = "2000-01-01T00:00:00.000Z",
        ["epcisBody"] = new JsonObject { ["eventList"] = events },
    });
}
