using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;
using Microsoft.Extensions.Options;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Anchoring;

/// <summary>How far an event has come.</summary>
/// <param name="State"><c>accepted</c>, <c>logged</c>, <c>anchored</c> or <c>witnessed</c>.</param>
/// <param name="Index">Index in the log, from <c>logged</c> on.</param>
/// <param name="Block">Number of the sealed block, from <c>anchored</c> on.</param>
/// <param name="At">Time of that block.</param>
/// <param name="Next">The state that an anchored event still waits for; null if none.</param>
public sealed record AnchorState(
    string State, long? Index = null, long? Block = null, JsonElement? At = null, string? Next = null)
{
    /// <summary>Stored here and not yet known to the log.</summary>
    public static readonly AnchorState Accepted = new("accepted");

    /// <summary>Nothing more will come: the proof is the same bytes ever after.</summary>
    [JsonIgnore]
    public bool Final => State == "witnessed" || (State == "anchored" && Next is null);
}

/// <summary>Asks the anchor service about this service's events.</summary>
public sealed class AnchorClient(HttpClient http, ServiceAddresses services, IOptions<ServiceOptions> service)
{
    /// <summary>How far an event has come.</summary>
    /// <exception cref="ProblemException">The anchor does not answer.</exception>
    public async Task<AnchorState> StateAsync(Guid eventId, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await GetAsync(
            $"groups/{service.Value.Group}/entries/{service.Value.Name}/{eventId}", cancellationToken);
        return await ReadStateAsync(response, cancellationToken);
    }

    /// <summary>
    /// The anchor's part of a bundle, <c>{"chain":…,"log":…}</c> in canonical form, or how far the event has come. A part
    /// that is not final may be answered with cosignatures of witnesses later.
    /// </summary>
    /// <exception cref="ProblemException">The anchor does not answer.</exception>
    public async Task<(byte[]? Part, AnchorState State)> ProofAsync(
        Guid eventId, int waitSeconds, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await GetAsync(
            $"groups/{service.Value.Group}/proofs/{service.Value.Name}/{eventId}?wait={waitSeconds}", cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            return (null, await ReadStateAsync(response, cancellationToken));
        byte[] part = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        string? next = response.Headers.CacheControl?.NoCache == true ? "witnessed" : null;
        return (CanonicalJson.Canonicalize(part), new AnchorState("anchored", Next: next));
    }

    /// <summary>The trust file of this service's chain group; null where the anchor does not answer.</summary>
    public async Task<byte[]?> TrustAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await GetAsync($"groups/{service.Value.Group}/trust", cancellationToken);
            return response.StatusCode == HttpStatusCode.OK
                ? await response.Content.ReadAsByteArrayAsync(cancellationToken)
                : null;
        }
        catch (ProblemException)
        {
            return null;
        }
    }

    private async Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response = await http.GetAsync(new Uri(services["anchor"], path), cancellationToken);
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.NotFound)
                return response;
            response.Dispose();
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException
                                  && !cancellationToken.IsCancellationRequested)
        {
            // Answered below like every other way of being away.
        }
        throw new ProblemException(Problem.Of("anchor-unavailable"));
    }

    /// <summary>An event that the anchor has not heard of yet is answered 404 and is simply accepted.</summary>
    private static async Task<AnchorState> ReadStateAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.NotFound)
            return AnchorState.Accepted;
        return await response.Content.ReadFromJsonAsync(AnchorJson.Default.AnchorState, cancellationToken)
            ?? AnchorState.Accepted;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AnchorState))]
internal sealed partial class AnchorJson : JsonSerializerContext;
