using System.Globalization;
using EventStore;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using Traceability.Visibility;

namespace Traceability.Epcis.Queries;

/// <summary>Queries of events (<c>/events</c>).</summary>
internal static class GetEvents
{
    /// <summary>Who may read events at all; what each sees is the visibility rule's.</summary>
    public static readonly string[] Readers = [Role.Member, Role.Reader, Role.Admin, Role.Regulator];

    public static void Map(IEndpointRouteBuilder epcis)
    {
        epcis.MapGet("/events", ListAsync).RequireRoles(Readers)
            .WithName("QueryEvents").WithSummary("Events by the standard's query parameters, in pages.");
        epcis.MapGet("/events/{eventID}", OneAsync).RequireRoles(Readers)
            .WithName("GetEpcisEvent").WithSummary("The event with an id, and error declarations of it.");
        epcis.MapGet("/events/{eventID}/proof", ProofAsync).RequireRoles(Readers)
            .WithName("GetEpcisEventProof").WithSummary("The proof bundle of an event, or 202 and its state.");
        epcis.MapGet("/events/{eventID}/statements", StatementsAsync).RequireRoles(Readers)
            .WithName("GetEpcisEventStatements")
            .WithSummary("What the caller may see of an event, provable statement by statement (event-statements/1).");
        epcis.MapDelete("/nextPageToken/{token}", RevokeAsync).RequireRoles(Readers)
            .WithName("RevokePageToken").WithSummary("Makes a page token worthless.");
    }

    /// <summary>Answers a query of events.</summary>
    /// <param name="http">The request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="restrict">What the resource adds to the parameters.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static async Task<IResult> AnswerAsync(
        HttpContext http, Caller caller, Func<EventQuery, EventQuery> restrict, CancellationToken cancellationToken)
    {
        EventDocument.IsXml(http.Request);
        EventQuery query;
        try
        {
            query = restrict(QueryParameters.Read(http.Request.Query));
        }
        catch (QueryParameterException e)
        {
            return EpcisProblems.Parameter(e.Parameter);
        }
        return await AnswerAsync(http, caller, query, "SimpleEventQuery", cancellationToken);
    }

    /// <summary>Answers a query that is read already.</summary>
    public static async Task<IResult> AnswerAsync(
        HttpContext http, Caller caller, EventQuery query, string name, CancellationToken cancellationToken)
    {
        IServiceProvider services = http.RequestServices;
        PageTokens tokens = services.GetRequiredService<PageTokens>();
        EventSearch search = services.GetRequiredService<EventSearch>();
        Viewer viewer = await services.GetRequiredService<Viewers>().OfAsync(caller, cancellationToken);
        PageRequest page = await tokens.ReadAsync(http, caller, name, cancellationToken);
        (int given, string? after) = Split(page.After);
        long through = page.Through ?? await search.HeadAsync(cancellationToken);
        int size = query.CountLimit is { } limit ? Math.Min(page.Size, limit - given) : page.Size;
        EventPage found = await search.PageAsync(
            query, viewer, after, through, query.CountMax is { } most ? Math.Max(size, most + 1) : size,
            cancellationToken);
        if (query.CountMax is { } max && found.Events.Count > max)
        {
            return Problem.Of("query-too-large", ("max", max))
                .With("exception", "epcisException:QueryTooLargeException");
        }
        if (query.CountMax is not null && found.After is not null)
            return EventSearch.TooComplex();
        given += found.Events.Count;
        if (found.After is not null && (query.CountLimit is null || given < query.CountLimit))
            tokens.SendNext(http, caller, name, page, $"{given} {found.After}", through);
        return EventDocument.Answer(
            http.Request, found.Events, services.GetRequiredService<TimeProvider>().GetUtcNow(), name);
    }

    private static Task<IResult> ListAsync(HttpContext http, Caller caller, CancellationToken cancellationToken) =>
        AnswerAsync(http, caller, query => query, cancellationToken);

    private static async Task<IResult> OneAsync(
        HttpContext http, Caller caller, EventSearch search, Viewers viewers, TimeProvider time,
        CancellationToken cancellationToken)
    {
        EventDocument.IsXml(http.Request);
        IReadOnlyList<FoundEvent> found = await FindAsync(http, caller, search, viewers, cancellationToken);
        return found.Count == 0
            ? EpcisProblems.NoSuchName("epcis-event-not-found")
            : EventDocument.Answer(http.Request, found, time.GetUtcNow(), "SimpleEventQuery");
    }

    private static async Task<IResult> ProofAsync(
        HttpContext http, Caller caller, EventSearch search, Viewers viewers, Store store, ProofBundles bundles,
        CancellationToken cancellationToken, int wait = 0)
    {
        IReadOnlyList<FoundEvent> found = await FindAsync(http, caller, search, viewers, cancellationToken);
        return found.Count > 0 && await store.FindEventAsync(found[0].Id, cancellationToken) is { } e
            ? await bundles.AnswerAsync(http, e, withEvent: true, wait, cancellationToken)
            : EpcisProblems.NoSuchName("epcis-event-not-found");
    }

    private static async Task<IResult> StatementsAsync(
        HttpContext http, Caller caller, EventSearch search, Viewers viewers, CancellationToken cancellationToken)
    {
        IReadOnlyList<FoundEvent> found = await FindAsync(http, caller, search, viewers, cancellationToken);
        return found.Count > 0
            ? TypedResults.Bytes(await search.DiscloseAsync(found[0], cancellationToken), "application/json")
            : EpcisProblems.NoSuchName("epcis-event-not-found");
    }

    private static async Task<IReadOnlyList<FoundEvent>> FindAsync(
        HttpContext http, Caller caller, EventSearch search, Viewers viewers, CancellationToken cancellationToken)
    {
        EventQuery query = EventQuery.Everything.Named([RawPath.After(http, "events")]);
        EventPage page = await search.PageAsync(
            query, await viewers.OfAsync(caller, cancellationToken), null, long.MaxValue, PageTokens.SizeMax,
            cancellationToken);
        return page.Events;
    }

    private static async Task<IResult> RevokeAsync(
        string token, PageTokens tokens, CancellationToken cancellationToken)
    {
        await tokens.RevokeAsync(token, cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>A page's end carries how many events were given before, for <c>eventCountLimit</c>.</summary>
    private static (int Given, string? After) Split(string? after)
    {
        if (after is null)
            return (0, null);
        int space = after.IndexOf(' ', StringComparison.Ordinal);
        return (int.Parse(after.AsSpan(0, space), CultureInfo.InvariantCulture), after[(space + 1)..]);
    }
}
