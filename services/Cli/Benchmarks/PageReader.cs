using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Cli.Benchmarks;

/// <summary>Reads pages of the site as a person who signed in, over HTTP and without a browser.</summary>
internal sealed partial class PageReader : IDisposable
{
    private readonly HttpClient _http;

    private PageReader(string origin) => _http = new HttpClient(new SocketsHttpHandler { UseCookies = true, AllowAutoRedirect = true })
    {
        BaseAddress = new Uri(origin),
    };

    /// <summary>Makes an account for one run and signs in with it.</summary>
    public static async Task<PageReader> SignInAsync(
        Api operations, string origin, string tenant, string password, CancellationToken cancel)
    {
        var name = $"reader@{tenant}.example";
        await operations.PostAsync("/api/identity/users", new JsonObject
        {
            ["signInName"] = name,
            ["name"] = tenant,
            ["password"] = password,
            ["roles"] = new JsonArray("member"),
            ["tenant"] = tenant,
        }, cancel);
        var reader = new PageReader(origin);
        using var form = await reader._http.GetAsync("/sign-in?to=/vouchers", cancel);
        var page = await form.Content.ReadAsStringAsync(cancel);
        var fields = Hidden().Matches(page).ToDictionary(m => m.Groups[1].Value, m => WebUtility.HtmlDecode(m.Groups[2].Value));
        (fields["name"], fields["password"]) = (name, password);
        using var answer = await reader._http.PostAsync(form.RequestMessage!.RequestUri, new FormUrlEncodedContent(fields), cancel);
        var at = answer.RequestMessage!.RequestUri!.AbsolutePath;
        return at == "/vouchers" ? reader : throw new UserException($"Signing in for the measurement ended at {at}.");
    }

    /// <summary>Reads a page to its end.</summary>
    public async Task<string> ReadAsync(string path, CancellationToken cancel)
    {
        using var answer = await _http.GetAsync(path, cancel);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(cancel);
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("""<input type="hidden" name="([^"]+)" value="([^"]*)">""")]
    private static partial Regex Hidden();
}
