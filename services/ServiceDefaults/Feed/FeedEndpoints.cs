using EventStore;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using ServiceDefaults.Auth;

namespace ServiceDefaults.Feed;

/// <summary>Every recorded event of a service in (<see cref="After"/>, <see cref="Through"/>], by digest.</summary>
/// <param name="Service">The service.</param>
/// <param name="Group">The chain group that its events are anchored to.</param>
/// <param name="After">Position that was asked for.</param>
/// <param name="Through">Position of the last item; <paramref name="After"/> where there is none.</param>
/// <param name="Items">In feed order, without gaps.</param>
public sealed record FeedPage(
    string Service, string Group, long After, long Through, IReadOnlyList<Contracts.RecordedEvent> Items);

/// <summary>The end of the feed.</summary>
/// <param name="Position">Position of the last recorded event; 0 where there is none.</param>
public sealed record FeedEnd(long Position);

/// <summary>The feed that the anchor pulls from where a message was lost.</summary>
public static class FeedEndpoints
{
    /// <summary>Items of a page where the caller names no limit.</summary>
    public const int LimitDefault = 2_000;

    /// <summary>Adds <c>GET /feed</c> and <c>GET /feed/head</c> for role <c>service</c>.</summary>
    public static RouteGroupBuilder MapFeed(this IEndpointRouteBuilder routes)
    {
        var feed = routes.MapGroup("/feed").RequireRoles(Role.Service).WithTags("feed");
        feed.MapGet("", ReadAsync).WithName("ReadFeed").WithSummary("Recorded events after a position, by digest");
        feed.MapGet("/head", HeadAsync).WithName("ReadFeedHead").WithSummary("Position of the last recorded event");
        return feed;
    }

    private static async Task<Ok<FeedPage>> ReadAsync(
        Store store, IOptions<ServiceOptions> service, CancellationToken cancellation,
        long after = 0, int limit = LimitDefault)
    {
        var items = await store.ReadFeedAsync(
            Math.Max(after, 0), Math.Clamp(limit, 1, Store.FeedPageMax), cancellation);
        return TypedResults.Ok(new FeedPage(
            service.Value.Name, service.Value.Group, after, items.Count == 0 ? after : items[^1].Position,
            [.. items.Select(item => new Contracts.RecordedEvent(
                item.Position, item.EventId, Convert.ToHexStringLower(item.Digest.Span)))]));
    }

    private static async Task<Ok<FeedEnd>> HeadAsync(Store store, CancellationToken cancellation) =>
        TypedResults.Ok(new FeedEnd(await store.FeedHeadAsync(cancellation)));
}
