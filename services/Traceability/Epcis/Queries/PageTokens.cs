using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventStore;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Traceability.Epcis.Queries;

/// <summary>Which page a request asks for.</summary>
/// <param name="Size">Most items of the page.</param>
/// <param name="After">Where the page before it ended; null for the first.</param>
/// <param name="Through">What the first page saw as the newest, so that all pages show one state; null for the
/// first.</param>
internal sealed record PageRequest(int Size, string? After, long? Through);

/// <summary>
/// Tokens for the next page: sealed with a key of this service, bound to the organisation and the query, valid for an
/// hour, and revocable.
/// </summary>
internal sealed class PageTokens(Store store, IOptions<ServiceOptions> service, TimeProvider time)
{
    public const string Schema =
        """
        create table epcis_revoked_tokens (
            token   bytea       primary key,
            expires timestamptz not null
        );
        """;

    /// <summary>Page size where the request names none.</summary>
    public const int SizeDefault = 30;

    /// <summary>Largest page.</summary>
    public const int SizeMax = 1000;

    private static readonly TimeSpan Valid = TimeSpan.FromHours(1);
    private readonly SealedText _sealed = new(Path.Combine(service.Value.Data, "page-token.key"));

    /// <summary>The page a request asks for.</summary>
    /// <exception cref="ProblemException">The token is not one of this query, or was revoked, or is too
    /// old.</exception>
    public async Task<PageRequest> ReadAsync(
        HttpContext http, Caller caller, string scope, CancellationToken cancellationToken)
    {
        int size = SizeDefault;
        string stated = http.Request.Query["perPage"].ToString();
        if (stated.Length > 0 && (!int.TryParse(stated, CultureInfo.InvariantCulture, out size) || size < 1))
            throw new ProblemException(EpcisProblems.Parameter("perPage"));
        size = Math.Min(size, SizeMax);
        string token = http.Request.Query["nextPageToken"].ToString();
        if (token.Length == 0)
            return new PageRequest(size, null, null);
        string[]? parts = Open(token)?.Split('\n');
        if (parts is not [var bound, var expires, var through, var after]
            || bound != Bound(http, caller, scope)
            || long.Parse(expires, CultureInfo.InvariantCulture) < time.GetUtcNow().ToUnixTimeSeconds()
            || await IsRevokedAsync(token, cancellationToken))
            throw new ProblemException(Problem.Of("page-token"));
        return new PageRequest(
            size, after, through.Length == 0 ? null : long.Parse(through, CultureInfo.InvariantCulture));
    }

    /// <summary>Sends the link to the next page.</summary>
    public void SendNext(
        HttpContext http, Caller caller, string scope, PageRequest page, string after, long? through = null)
    {
        DateTimeOffset expires = time.GetUtcNow() + Valid;
        string token = Base64Url.EncodeToString(_sealed.Seal(Encoding.UTF8.GetBytes(string.Join(
            '\n', Bound(http, caller, scope), expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            through?.ToString(CultureInfo.InvariantCulture) ?? "", after))));
        string query = string.Concat(http.Request.Query
            .Where(q => q.Key is not ("nextPageToken" or "perPage"))
            .SelectMany(q => q.Value.Select(v =>
                $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(v ?? "")}&")));
        http.Response.Headers.Link =
            $"<{RawPath.Of(http)}?{query}perPage={page.Size}&nextPageToken={token}>; rel=\"next\"";
        http.Response.Headers["GS1-Next-Page-Token-Expires"] = $"{expires.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}";
    }

    /// <summary>Makes a token worthless. A text that is no token is worthless already.</summary>
    public async Task RevokeAsync(string token, CancellationToken cancellationToken)
    {
        if (Open(token) is null)
            return;
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "insert into epcis_revoked_tokens (token, expires) values ($1, $2) on conflict do nothing");
        command.Parameters.Add(new() { Value = Digest(token) });
        command.Parameters.Add(new() { Value = (time.GetUtcNow() + Valid).UtcDateTime });
        await command.ExecuteNonQueryAsync(cancellationToken);
        await using NpgsqlCommand old =
            store.DataSource.CreateCommand("delete from epcis_revoked_tokens where expires < $1");
        old.Parameters.Add(new() { Value = time.GetUtcNow().UtcDateTime });
        await old.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<bool> IsRevokedAsync(string token, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command =
            store.DataSource.CreateCommand("select 1 from epcis_revoked_tokens where token = $1");
        command.Parameters.Add(new() { Value = Digest(token) });
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>What a token is bound to: who asks, what, and with which parameters.</summary>
    private static string Bound(HttpContext http, Caller caller, string scope)
    {
        string query = string.Join('&', http.Request.Query
            .Where(q => q.Key is not ("nextPageToken" or "perPage"))
            .OrderBy(q => q.Key, StringComparer.Ordinal)
            .Select(q => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(q.Value.ToString())}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{caller.Tenant}\n{scope}\n{RawPath.Of(http)}\n{query}")));
    }

    private string? Open(string token) =>
        Base64Url.IsValid(token) && _sealed.Open(Base64Url.DecodeFromChars(token)) is { } text
            ? Encoding.UTF8.GetString(text)
            : null;
}
