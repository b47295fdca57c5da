using System.Text;
using EventStore;
using Microsoft.Extensions.Options;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Webhooks;

/// <summary>Where deliveries go, and what signs them.</summary>
/// <param name="Target">A public https address.</param>
/// <param name="Token">Signs with HMAC-SHA256; without one the service's P-256 key does.</param>
public sealed record WebhookRequest(string? Target = null, string? Token = null);

/// <summary>An organisation's subscriptions.</summary>
public sealed record WebhookList(IReadOnlyList<WebhookDetails> Items);

/// <summary>A public key (RFC 7517).</summary>
public sealed record WebhookJwk(string Kty, string Crv, string Kid, string Use, string Alg, string X, string Y);

/// <summary>Public keys that deliveries are checked with.</summary>
public sealed record WebhookJwks(IReadOnlyList<WebhookJwk> Keys);

/// <summary>Wiring and endpoints of a service's subscriptions.</summary>
public static class WebhookEndpoints
{
    private const int PerTenantMax = 20;
    private const int TokenMin = 16;
    private const int TokenMax = 200;
    private const int NameMax = 40;

    /// <summary>Adds the table to the model.</summary>
    /// <param name="model">The service's model.</param>
    /// <param name="migration">The stable name of the table's migration.</param>
    public static EventModel AddWebhooks(this EventModel model, string migration) =>
        model.Migrate(migration, WebhookTable.Schema);

    /// <summary>Adds the worker; what concerns whom is the feed's.</summary>
    public static void AddWebhooks<TFeed>(this IServiceCollection services, WebhookForm form)
        where TFeed : class, IWebhookFeed
    {
        services.AddSingleton(form);
        services.AddSingleton(p => new WebhookKey(Path.Combine(
            p.GetRequiredService<IOptions<ServiceOptions>>().Value.Data, "webhook-signing.key")));
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookTable>();
        services.AddSingleton<IWebhookFeed, TFeed>();
        services.AddHostedService<WebhookWorker>();
    }

    /// <summary>Maps <c>/webhooks</c>.</summary>
    public static void MapWebhooks(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder webhooks = app.MapGroup("/webhooks");
        webhooks.MapGet("/", async (Caller caller, WebhookTable table, CancellationToken cancellation) =>
                TypedResults.Ok(new WebhookList(await table.ListAsync(caller.Tenant, cancellation))))
            .RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ListWebhooks").WithSummary("The organisation's subscriptions and how far each has come.");
        webhooks.MapGet("/keys", (WebhookKey key) => TypedResults.Ok(new WebhookJwks(
                [new WebhookJwk("EC", "P-256", key.KeyId, "sig", "ES256", key.X, key.Y)]))).AllowAnonymous()
            .WithName("GetWebhookKeys").WithSummary("The public key of deliveries that no token signs (RFC 7517).");
        webhooks.MapPut("/{name}", PutAsync).RequireRoles(Role.Admin)
            .WithName("PutWebhook").WithSummary("Makes a subscription, changes one, or revives a dead one.");
        webhooks.MapPost("/{name}/retry", RetryAsync).RequireRoles(Role.Admin)
            .WithName("RetryWebhook").WithSummary("Tries a dead or waiting subscription again at once.");
        webhooks.MapDelete("/{name}", DeleteAsync).RequireRoles(Role.Admin)
            .WithName("DeleteWebhook").WithSummary("Ends a subscription.");
    }

    private static async Task<IResult> PutAsync(
        string name, Caller caller, WebhookRequest request, WebhookTable table, WebhookSender sender, Store store,
        TimeProvider time, CancellationToken cancellation)
    {
        if (name.Length > NameMax || name == "keys" || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return Problem.Of("webhook-name", ("max", NameMax));
        if (request.Target is not { } target || !WebhookTarget.IsAllowed(target, sender.AllowLoopback))
            return Problem.Of("webhook-target");
        if (request.Token is { Length: < TokenMin or > TokenMax })
            return Problem.Of("webhook-token", ("min", TokenMin), ("max", TokenMax));
        byte[]? secret = request.Token is { } token ? Encoding.UTF8.GetBytes(token) : null;
        long head = await store.FeedHeadAsync(cancellation);
        return await table.PutAsync(
            caller.Tenant, name, target, secret, PerTenantMax, time.GetUtcNow(), head, cancellation)
            ? TypedResults.NoContent()
            : Problem.Of("webhook-too-many", ("max", PerTenantMax));
    }

    private static async Task<IResult> RetryAsync(
        string name, Caller caller, WebhookTable table, CancellationToken cancellation) =>
        await table.RetryAsync(caller.Tenant, name, cancellation)
            ? TypedResults.NoContent() : Problem.Of("webhook-not-found");

    private static async Task<IResult> DeleteAsync(
        string name, Caller caller, WebhookTable table, CancellationToken cancellation) =>
        await table.DeleteAsync(caller.Tenant, name, cancellation)
            ? TypedResults.NoContent() : Problem.Of("webhook-not-found");
}
