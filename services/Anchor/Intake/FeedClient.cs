using Anchor.Logs;
using Contracts;

namespace Anchor.Intake;

/// <summary>A service's own record of what it wrote: digests by feed position.</summary>
public interface IFeed
{
    /// <summary>Events after a position, at most <paramref name="limit"/>; no entries if there are none.</summary>
    Task<EntryBatch> ReadAsync(long after, int limit, CancellationToken cancellation);

    /// <summary>Position of the last event; 0 before the first.</summary>
    Task<long> HeadAsync(CancellationToken cancellation);
}

/// <summary>Reads a feed over HTTP with the anchor's own token.</summary>
/// <param name="http">Client that adds the token.</param>
/// <param name="service">Name of the service.</param>
/// <param name="group">Group whose events are wanted.</param>
/// <param name="address">Base URL of the service.</param>
public sealed class FeedClient(HttpClient http, string service, string group, string address) : IFeed
{
    private readonly Uri _base = new(address.TrimEnd('/') + "/");

    /// <inheritdoc/>
    public async Task<EntryBatch> ReadAsync(long after, int limit, CancellationToken cancellation)
    {
        var page = await http.GetFromJsonAsync<EventsRecorded>(
            new Uri(_base, FormattableString.Invariant($"feed?after={after}&limit={limit}")), cancellation);
        if (page is null || page.Service != service || page.Group != group || page.After != after)
            throw new InvalidDataException($"The feed of {service} answers for something else.");
        return Batches.Of(page) ?? throw new InvalidDataException($"The feed of {service} is malformed.");
    }

    /// <inheritdoc/>
    public async Task<long> HeadAsync(CancellationToken cancellation) =>
        (await http.GetFromJsonAsync<FeedHead>(new Uri(_base, "feed/head"), cancellation))?.Position ?? 0;

    private sealed record FeedHead(long Position);
}

/// <summary>Turns messages and feed pages into batches.</summary>
public static class Batches
{
    /// <summary>The batch of a message; null if positions are not ascending within its bounds or a digest is none.</summary>
    public static EntryBatch? Of(EventsRecorded message)
    {
        var entries = new List<LogEntry>(message.Items.Count);
        var last = message.After;
        foreach (var item in message.Items)
        {
            if (item.Position <= last || item.Position > message.Through
                || Proofs.Json.HexText.Decode(item.Digest, 32) is not { } digest)
            {
                return null;
            }
            last = item.Position;
            entries.Add(new LogEntry(item.EventId, digest, item.Position));
        }
        return new EntryBatch(message.Service, message.After, message.Through, entries);
    }
}
