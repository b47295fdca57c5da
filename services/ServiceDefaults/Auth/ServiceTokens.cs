using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Auth;

/// <summary>This process as an OAuth client.</summary>
public sealed class ClientOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Client";

    /// <summary>Client id.</summary>
    [Required]
    public string Id { get; set; } = "";

    /// <summary>Client secret.</summary>
    [Required]
    public string Secret { get; set; } = "";

    /// <summary>Token endpoint.</summary>
    [Required]
    public string TokenUrl { get; set; } = "";
}

/// <summary>Gets access tokens by client credentials (RFC 6749 §4.4) and keeps one until shortly before it ends.</summary>
public sealed class ServiceTokens(IHttpClientFactory clients, IOptions<ClientOptions> options, TimeProvider time)
    : IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private string _token = "";
    private DateTimeOffset _endsAt = DateTimeOffset.UnixEpoch;

    /// <summary>A token that is valid for at least half a minute.</summary>
    /// <exception cref="HttpRequestException">The token endpoint did not give one.</exception>
    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() < _endsAt - Margin)
            return _token;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (time.GetUtcNow() >= _endsAt - Margin)
                await FetchAsync(cancellationToken);
            return _token;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Forgets the token, after an answer that refused it.</summary>
    public void Forget() => _endsAt = DateTimeOffset.UnixEpoch;

    /// <inheritdoc />
    public void Dispose() => _gate.Dispose();

    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        using HttpClient client = clients.CreateClient(nameof(ServiceTokens));
        using FormUrlEncodedContent form = new(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = options.Value.Id,
            ["client_secret"] = options.Value.Secret,
        });
        using HttpResponseMessage response =
            await client.PostAsync(new Uri(options.Value.TokenUrl), form, cancellationToken);
        response.EnsureSuccessStatusCode();
        TokenAnswer answer = await response.Content.ReadFromJsonAsync<TokenAnswer>(cancellationToken)
            ?? throw new HttpRequestException("The token endpoint answered nothing.");
        _token = answer.AccessToken;
        _endsAt = time.GetUtcNow() + TimeSpan.FromSeconds(answer.ExpiresIn);
    }

    private sealed record TokenAnswer(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn);
}

/// <summary>Adds this service's token to requests to other services.</summary>
public sealed class ServiceTokenHandler(ServiceTokens tokens) : DelegatingHandler
{
    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization =
            new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(cancellationToken));
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            tokens.Forget();
        return response;
    }
}
