using EventStore;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using ServiceDefaults.Relay;
using ServiceDefaults.Stores;

namespace ServiceDefaults.Anchoring;

/// <summary>All that a service needs so that each of its events gets a proof of its own.</summary>
public static class AnchoredEvents
{
    private const int WaitMaxSeconds = 60;
    private static readonly TimeSpan AnchorTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Adds the event store, the relay that tells the anchor about new events, and the proof bundles of events.
    /// </summary>
    /// <param name="builder">The service's host.</param>
    /// <param name="model">Events, aggregates and projections of the service.</param>
    /// <exception cref="InvalidOperationException">The connection string is missing.</exception>
    public static WebApplicationBuilder AddAnchoredEvents(this WebApplicationBuilder builder, EventModel model)
    {
        builder.AddEventStore(model.Migrate("proofs-0001", ProofBundles.Schema));
        // Without a broker the anchor still finds everything in the feed, only later.
        if (builder.Configuration.GetSection(BrokerOptions.Section).Exists())
            builder.AddRelay();
        builder.Services.AddTransient<ProofBundles>();
        builder.Services.AddHttpClient<AnchorClient>(c => c.Timeout = AnchorTimeout)
            .AddHttpMessageHandler<ServiceTokenHandler>();
        return builder;
    }

    /// <summary>
    /// Maps the feed for the anchor, and for the organisation whose event it is <c>/events/{id}/proof?wait=SECONDS</c>
    /// and <c>/events/{id}/status</c>.
    /// </summary>
    public static void MapAnchoredEvents(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapFeed();
        RouteGroupBuilder events = endpoints.MapGroup("/events/{id:guid}")
            .RequireRoles(Role.Member, Role.Reader, Role.Admin);
        events.MapGet("/proof", ProofAsync)
            .WithName("GetEventProof").WithSummary("The proof bundle of an event, or 202 and the state until it exists.");
        events.MapGet("/status", StatusAsync)
            .WithName("GetEventStatus").WithSummary("The state of an event, once or as a stream of changes.");
    }

    private static async Task<IResult> ProofAsync(
        Guid id, HttpContext http, Caller caller, Store store, ProofBundles bundles, CancellationToken cancellationToken,
        int wait = 0) =>
        await bundles.AnswerAsync(
            http, await FindAsync(store, caller, id, cancellationToken), withEvent: true, wait, cancellationToken);

    private static async Task<IResult> StatusAsync(
        Guid id, HttpContext http, Caller caller, Store store, AnchorClient anchor, TimeProvider time,
        CancellationToken cancellationToken) =>
        await AnchorStatus.AnswerAsync(
            http, anchor, (await FindAsync(store, caller, id, cancellationToken)).Id, time, cancellationToken);

    /// <summary>Another organisation's event is answered as one that is not there.</summary>
    private static async Task<StoredEvent> FindAsync(
        Store store, Caller caller, Guid id, CancellationToken cancellationToken) =>
        await store.FindEventAsync(id, cancellationToken) is { } e && e.Tenant == caller.Tenant
            ? e
            : throw new ProblemException(Problem.Of("not-found"));

    /// <summary>The bundle as a file, or 202 with the state.</summary>
    /// <param name="bundles">The service's bundles.</param>
    /// <param name="http">The request.</param>
    /// <param name="e">The event to prove; who may see it is checked already.</param>
    /// <param name="withEvent">Whether the bundle holds the event's bytes, or its digest alone.</param>
    /// <param name="wait">How long to wait for it, in seconds; at most 60.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static async Task<IResult> AnswerAsync(
        this ProofBundles bundles, HttpContext http, StoredEvent e, bool withEvent, int wait,
        CancellationToken cancellationToken)
    {
        TimeSpan patience = TimeSpan.FromSeconds(Math.Clamp(wait, 0, WaitMaxSeconds));
        (byte[]? bundle, AnchorState state) =
            await bundles.GetAsync(e.Id, e.Bytes, e.Digest, withEvent, patience, cancellationToken);
        if (bundle is null)
            return TypedResults.Json(state, AnchorJson.Default.AnchorState, statusCode: StatusCodes.Status202Accepted);
        http.Response.Headers.CacheControl = !state.Final ? "no-cache"
            : withEvent ? "private, max-age=31536000, immutable" : "public, max-age=86400";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Bytes(bundle, "application/json");
    }
}
