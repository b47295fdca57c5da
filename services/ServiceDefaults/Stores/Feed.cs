using System.Buffers;
using System.Text.Json;
using EventStore;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Stores;

/// <summary>The feed of digests that the anchor reads when a message did not reach it.</summary>
public static class Feed
{
    private const int LimitDefault = 1000;

    /// <summary>Maps <c>/feed</c> and <c>/feed/head</c>, for other services only.</summary>
    public static void MapFeed(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder feed = endpoints.MapGroup("/feed").RequireRoles(Role.Service);
        feed.MapGet("", ReadAsync);
        feed.MapGet("/head", HeadAsync);
    }

    private static async Task<IResult> HeadAsync(Store store, CancellationToken cancellationToken)
    {
        long head = await store.FeedHeadAsync(cancellationToken);
        return Json(writer => writer.WriteNumber("position", head));
    }

    private static async Task<IResult> ReadAsync(
        Store store, IOptions<ServiceOptions> service, CancellationToken cancellationToken,
        long after = 0, int limit = LimitDefault)
    {
        if (after < 0 || limit is < 1 or > Store.FeedPageMax)
            return Problem.Of("request-malformed");
        IReadOnlyList<FeedItem> items = await store.ReadFeedAsync(after, limit, cancellationToken);
        return Json(writer =>
        {
            writer.WriteString("service", service.Value.Name);
            writer.WriteString("group", service.Value.Group);
            writer.WriteNumber("after", after);
            writer.WriteNumber("through", items.Count == 0 ? after : items[^1].Position);
            writer.WriteStartArray("items");
            foreach (FeedItem item in items)
            {
                writer.WriteStartObject();
                writer.WriteNumber("position", item.Position);
                writer.WriteString("eventId", item.EventId);
                writer.WriteString("digest", Convert.ToHexStringLower(item.Digest.Span));
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        });
    }

    private static FileContentHttpResult Json(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new(4096);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return TypedResults.Bytes(buffer.WrittenMemory, "application/json");
    }
}
