using System.Security.Cryptography;

namespace EventStore.Idempotency;

/// <summary>What makes two requests the same request.</summary>
/// <param name="Tenant">Organisation of the caller.</param>
/// <param name="Client">Client that sent the key; keys of two clients never meet.</param>
/// <param name="Operation">Stable name of the operation.</param>
/// <param name="Key">The key that the client chose.</param>
public sealed record IdempotencyKey(string Tenant, string Client, string Operation, string Key)
{
    /// <summary>How long a response is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>SHA-256 of the request, 32 bytes: the same key with another request is a conflict.</summary>
    public required ReadOnlyMemory<byte> RequestHash { get; init; }

    /// <summary>Makes a key over the bytes of a request.</summary>
    public static IdempotencyKey For(
        string tenant, string client, string operation, string key, ReadOnlySpan<byte> request) =>
        new(tenant, client, operation, key) { RequestHash = SHA256.HashData(request) };

    /// <summary>The four parts that identify the key, without the request.</summary>
    internal (string, string, string, string) Scope => (Tenant, Client, Operation, Key);
}

/// <summary>A response as it was first given, to be given again byte for byte.</summary>
/// <param name="Status">HTTP status code; faults (5xx) are never stored.</param>
/// <param name="ContentType">Media type of <paramref name="Body"/>.</param>
/// <param name="Body">Bytes of the response.</param>
/// <param name="Location">Value of the Location header, where there was one.</param>
public sealed record StoredResponse(int Status, string ContentType, ReadOnlyMemory<byte> Body, string? Location = null);
