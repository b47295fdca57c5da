using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;

namespace Services.Integration.Receivables.Signatures;

/// <summary>A person's key as a browser would hold it: it signs the exact bytes of the pages that it is shown.</summary>
public sealed class Signer : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <param name="client">The client of Identity as which the person signs in: <c>bank-mei</c>.</param>
    /// <param name="roles">In what capacities.</param>
    public Signer(string client, params string[] roles)
    {
        Client = client;
        Roles = roles;
        ECPoint point = _key.ExportParameters(false).Q;
        (X, Y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        KeyId = Base64Url.EncodeToString(SHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{X}}","y":"{{Y}}"}""")));
    }

    public string Client { get; }

    public string Person => "client-" + Client;

    public string[] Roles { get; }

    public string X { get; }

    public string Y { get; }

    public string KeyId { get; }

    /// <summary>Signs a command's page in one capacity.</summary>
    public Task<JsonObject> ApproveAsync(
        HttpClient client, JsonObject command, string role, string language = "zh", string? at = null)
    {
        JsonObject request = new()
        {
            ["command"] = command.DeepClone(),
            ["role"] = role,
            ["keyId"] = KeyId,
            ["language"] = language,
        };
        if (at is not null)
            request["at"] = at;
        return SignAsync(role, language, () => client.PostAsync("pages", RunningServices.Json(request.ToJsonString())));
    }

    /// <summary>Signs a draft's page in one capacity.</summary>
    public Task<JsonObject> ApproveDraftAsync(HttpClient client, string draft, string role, string language = "zh") =>
        SignAsync(role, language, () => client.GetAsync($"drafts/{draft}/page?role={role}&key={KeyId}&lang={language}"));

    public string Sign(byte[] page) => Base64Url.EncodeToString(_key.SignData(
        page, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

    public void Dispose() => _key.Dispose();

    private async Task<JsonObject> SignAsync(string role, string language, Func<Task<HttpResponseMessage>> fetch)
    {
        using HttpResponseMessage response = await fetch();
        byte[] page = await response.Content.ReadAsByteArrayAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, System.Text.Encoding.UTF8.GetString(page));
        return new JsonObject
        {
            ["role"] = role,
            ["keyId"] = KeyId,
            ["language"] = language,
            ["at"] = response.Headers.GetValues("Page-Time").Single(),
            ["previous"] = response.Headers.TryGetValues("Page-Previous", out var head) ? head.Single() : null,
            ["pageSha256"] = Convert.ToHexStringLower(SHA256.HashData(page)),
            ["signature"] = Sign(page),
        };
    }
}
