namespace ServiceDefaults.Webhooks;

/// <summary>What a subscriber is to be told next.</summary>
/// <param name="Body">JSON; null where nothing up to <paramref name="Through"/> concerns the subscriber.</param>
/// <param name="Through">Feed position that all of it is told up to.</param>
public sealed record WebhookNews(Func<WebhookSubscription, byte[]>? Body, long Through);

/// <summary>Finds what concerns an organisation; a service has one.</summary>
public interface IWebhookFeed
{
    /// <summary>News after a position, at most one delivery's worth.</summary>
    /// <param name="tenant">The organisation.</param>
    /// <param name="after">It was told everything up to here.</param>
    /// <param name="head">The end of the feed.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<WebhookNews> AfterAsync(string tenant, long after, long head, CancellationToken cancellation);
}

/// <summary>A subscription with how far it has come.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Name">The subscriber's own name of it.</param>
/// <param name="Target">Where deliveries go.</param>
/// <param name="Secret">The token that signs them; null where the service's key does.</param>
/// <param name="KeyLost">There is a token, and the key that it lies under is lost.</param>
/// <param name="Watermark">Everything up to this position was delivered.</param>
/// <param name="Number">Number of the last delivery taken.</param>
/// <param name="PendingId">The delivery under way, made durable before it is sent first.</param>
/// <param name="PendingBody">Its bytes.</param>
/// <param name="PendingThrough">The watermark once it is taken.</param>
/// <param name="Attempts">How often it was sent in vain.</param>
public sealed record WebhookSubscription(
    string Tenant, string Name, string Target, byte[]? Secret, bool KeyLost, long Watermark, long Number,
    Guid? PendingId, byte[]? PendingBody, long PendingThrough, int Attempts);

/// <summary>A subscription as its owner sees it, without the secret.</summary>
/// <param name="Name">The owner's name of it.</param>
/// <param name="Target">Where deliveries go.</param>
/// <param name="Signature"><c>hmac-sha256</c> or <c>es256</c>.</param>
/// <param name="State"><c>live</c>, <c>retrying</c>, <c>paused</c> for a lost key, or <c>dead</c>.</param>
/// <param name="Deliveries">How many were taken; the next has the number after it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="DeliveredAt">When the last one was taken.</param>
/// <param name="Attempts">How often the one under way was sent in vain.</param>
/// <param name="Failure">Why the last attempt failed.</param>
/// <param name="RetryAt">When it is sent again.</param>
public sealed record WebhookDetails(
    string Name, string Target, string Signature, string State, long Deliveries, DateTimeOffset CreatedAt,
    DateTimeOffset? DeliveredAt, int Attempts, string? Failure, DateTimeOffset? RetryAt);

/// <summary>How often and how long a delivery is sent again.</summary>
public static class WebhookPatience
{
    /// <summary>After so many attempts in vain a subscription is dead: about two days with the pauses below.</summary>
    public const int AttemptsMax = 200;

    private const int DoublingsMax = 16;
    private static readonly TimeSpan Min = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Max = TimeSpan.FromMinutes(15);

    /// <summary>The pause after an attempt, twice as long each time.</summary>
    /// <param name="attempts">Attempts in vain before it.</param>
    public static TimeSpan After(int attempts)
    {
        TimeSpan pause = Min * (1 << Math.Min(attempts, DoublingsMax));
        return pause < Max ? pause : Max;
    }
}
