using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Web;

namespace Cli.Vouchers;

/// <summary>
/// Signs people in as a browser does, with the form of the sign-in page and an authorization code with PKCE (RFC 6749
/// §4.1, RFC 7636): what decides about a person's key is sent in that person's own session.
/// </summary>
/// <param name="origin">The portal's origin.</param>
/// <param name="client">A client that may act for users.</param>
/// <param name="secret">Its secret.</param>
/// <param name="time">The clock.</param>
public sealed class PersonSignIn(string origin, string client, string secret, TimeProvider time)
{
    /// <summary>Where codes are sent to; nothing listens there.</summary>
    public const string Redirect = "http://127.0.0.1/signed-in";

    /// <summary>An access token of a person.</summary>
    /// <exception cref="UserException">The name and the password are not accepted.</exception>
    public async Task<string> TokenAsync(string name, string password, CancellationToken cancel)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri(origin),
        };
        var verifier = Text(RandomNumberGenerator.GetBytes(32));
        var challenge = Text(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var path = $"/api/identity/connect/authorize?response_type=code&scope=openid&client_id={Uri.EscapeDataString(client)}"
            + $"&redirect_uri={Uri.EscapeDataString(Redirect)}&code_challenge={challenge}&code_challenge_method=S256";
        using var page = await Api.PatientlyAsync(() => http.GetAsync(path, cancel), time, cancel);
        var form = page.Headers.TryGetValues("Set-Cookie", out var cookies)
            ? cookies.Select(c => c.Split(';')[0]).FirstOrDefault(c => c.StartsWith("identity-form=", StringComparison.Ordinal))
            : null;
        if (form is null) throw new UserException($"{origin} shows no sign-in page ({(int)page.StatusCode}).", 1);
        using var answer = await Api.PatientlyAsync(() => FillAsync(http, path, form, name, password, cancel), time, cancel);
        var code = answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location is { } to
            ? HttpUtility.ParseQueryString(to.Query)["code"]
            : null;
        if (code is null) throw new UserException($"{origin} does not let {name} sign in.", 1);
        return (await Api.ReadAsync(await Api.PatientlyAsync(() => RedeemAsync(http, code, verifier, cancel), time, cancel), cancel))
            ["access_token"]!.GetValue<string>();
    }

    private static async Task<HttpResponseMessage> FillAsync(
        HttpClient http, string path, string form, string name, string password, CancellationToken cancel)
    {
        using var filled = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent([new("name", name), new("password", password), new("form", form["identity-form=".Length..])]),
        };
        filled.Headers.Add("Cookie", form);
        return await http.SendAsync(filled, cancel);
    }

    private async Task<HttpResponseMessage> RedeemAsync(HttpClient http, string code, string verifier, CancellationToken cancel)
    {
        using var redeemed = new HttpRequestMessage(HttpMethod.Post, "/api/identity/connect/token")
        {
            Content = new FormUrlEncodedContent(
            [
                new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", Redirect), new("code_verifier", verifier),
            ]),
        };
        redeemed.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(client)}:{Uri.EscapeDataString(secret)}")));
        return await http.SendAsync(redeemed, cancel);
    }

    private static string Text(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
