using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EventStore;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Webhooks;
using Traceability.Epcis.Queries;

namespace Traceability.Epcis.Subscriptions;

/// <summary>Subscriptions of named queries (<c>/queries/{name}/subscriptions</c>).</summary>
internal static class ManageSubscriptions
{
    private const int TokenMin = 16;
    private const int TokenMax = 512;

    /// <summary>The most subscriptions of one organisation.</summary>
    private const int Max = 100;

    public static void Map(IEndpointRouteBuilder epcis)
    {
        RouteGroupBuilder subscriptions = epcis.MapGroup("/queries/{name}/subscriptions");
        subscriptions.MapPost("", CreateAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("Subscribe").WithSummary("Subscribes to a named query by a signed webhook.");
        subscriptions.MapGet("", ListAsync).RequireRoles(GetEvents.Readers)
            .WithName("ListSubscriptions").WithSummary("Subscriptions of a named query.");
        subscriptions.MapGet("/{id:guid}", GetAsync).RequireRoles(GetEvents.Readers)
            .WithName("GetSubscription").WithSummary("A subscription and how far it has come.");
        subscriptions.MapDelete("/{id:guid}", DeleteAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("Unsubscribe").WithSummary("Ends a subscription.");
    }

    private static async Task<IResult> CreateAsync(
        HttpContext http, Caller caller, JsonBody<JsonObject> body, NamedQueries queries, SubscriptionTable table,
        WebhookSender sender, Store store, TimeProvider time, CancellationToken cancellationToken)
    {
        string name = RawPath.After(http, "queries");
        if (await queries.FindAsync(caller.Tenant, name, cancellationToken) is null)
            return EpcisProblems.NoSuchName("query-not-found");
        if (Text(body.Value, "dest") is not { } target || !WebhookTarget.IsAllowed(target, sender.AllowLoopback))
            return Problem.Of("subscription-target");
        if (Text(body.Value, "signatureToken") is not { Length: >= TokenMin and <= TokenMax } token)
            return Problem.Of("subscription-token", ("min", TokenMin), ("max", TokenMax));
        bool stream = body.Value["stream"] is JsonValue value && value.TryGetValue(out bool on) && on;
        JsonObject? schedule = body.Value["schedule"] as JsonObject;
        QuerySchedule? parsed = null;
        if (stream == schedule is not null
            || schedule is not null && !QuerySchedule.TryParse(schedule, out parsed))
        {
            return Problem.Of("subscription-controls")
                .With("exception", "epcisException:SubscriptionControlsException");
        }
        if (await table.CountAsync(caller.Tenant, cancellationToken) >= Max)
            return Problem.Of("subscriptions-full", ("max", Max));
        DateTimeOffset now = time.GetUtcNow();
        long watermark;
        if (Text(body.Value, "initialRecordTime") is not { } initial)
            watermark = await store.FeedHeadAsync(cancellationToken);
        else if (DateTimeOffset.TryParse(
                     initial, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset from))
            watermark = await table.BeforeAsync(from, cancellationToken);
        else
            return EpcisProblems.Parameter("initialRecordTime");

        Subscription subscription = new(
            Guid.CreateVersion7(now), caller.Tenant, name, target, Encoding.UTF8.GetBytes(token),
            caller.Is(Role.Regulator), schedule,
            body.Value["reportIfEmpty"] is JsonValue empty && empty.TryGetValue(out bool report) && report,
            watermark, 0, null, 0, 0);
        await table.AddAsync(subscription, now, parsed?.Next(now), cancellationToken);
        http.Response.Headers.Location =
            $"/epcis/v2/queries/{Uri.EscapeDataString(name)}/subscriptions/{subscription.Id}";
        JsonObject described =
            (await table.DescribeAsync(caller.Tenant, name, subscription.Id, cancellationToken)).Single();
        return Results.Json(described, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, Caller caller, NamedQueries queries, SubscriptionTable table,
        CancellationToken cancellationToken)
    {
        string name = RawPath.After(http, "queries");
        if (await queries.FindAsync(caller.Tenant, name, cancellationToken) is null)
            return EpcisProblems.NoSuchName("query-not-found");
        return Results.Json(new JsonArray(
            [.. await table.DescribeAsync(caller.Tenant, name, null, cancellationToken)]));
    }

    private static async Task<IResult> GetAsync(
        Guid id, HttpContext http, Caller caller, SubscriptionTable table, CancellationToken cancellationToken)
    {
        IReadOnlyList<JsonObject> found = await table.DescribeAsync(
            caller.Tenant, RawPath.After(http, "queries"), id, cancellationToken);
        return found is [var one] ? Results.Json(one) : EpcisProblems.NoSuchName("subscription-not-found");
    }

    private static async Task<IResult> DeleteAsync(
        Guid id, HttpContext http, Caller caller, SubscriptionTable table, CancellationToken cancellationToken) =>
        await table.DeleteAsync(caller.Tenant, RawPath.After(http, "queries"), id, cancellationToken)
            ? TypedResults.NoContent()
            : EpcisProblems.NoSuchName("subscription-not-found");

    private static string? Text(JsonObject body, string member) =>
        body[member] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
