using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Cli;

/// <summary>The suite's public API at the portal's origin, with a token of the command line's own client.</summary>
public sealed class Api : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _clientId;
    private readonly string _clientSecret;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private string? _token;
    private DateTimeOffset _tokenUntil;

    public Api(string origin, string clientId, string clientSecret, TimeProvider time, int connections = 64)
    {
        (_clientId, _clientSecret, _time) = (clientId, clientSecret, time);
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections })
        {
            BaseAddress = new Uri(origin),
            Timeout = TimeSpan.FromMinutes(10),
        };
        _http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(Environment.GetEnvironmentVariable("LANG")?.StartsWith("zh", StringComparison.Ordinal) == true ? "zh-CN" : "en");
    }

    /// <summary>With a person's token, for as long as it lasts.</summary>
    public static Api AsPerson(string origin, string token, TimeProvider time) =>
        new(origin, "", "", time) { _token = token, _tokenUntil = DateTimeOffset.MaxValue };

    /// <summary>The API of the instance that runs from this folder, or of the one that <c>apps login</c> named.</summary>
    public static Api Connect(TimeProvider time)
    {
        var instance = Instance.Find();
        var access = Access.Read(Commands.Login.File) ?? Access.Read(instance.AccessFile)
            ?? throw new UserException("No running instance was found. Start one with ./run.sh, or sign in to another with ./apps login.");
        return new Api(access.Origin, access.ClientId, access.ClientSecret, time);
    }

    /// <summary>The same with the rights of the operator, which see no business content.</summary>
    public static Api ConnectAsOperator(TimeProvider time) =>
        AsOperator(Access.Read(Instance.Find().AccessFile) ?? throw new UserException("No running instance was found. Start one with ./run.sh."), time);

    public static Api AsOperator(Access access, TimeProvider time) =>
        new(access.Origin, Access.OperatorClient, access.OperatorSecret ?? throw new UserException("Only whoever runs the instance can do this."), time);

    public string Origin => _http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    /// <summary>Sends a request with the client's token and returns the answer, whatever its status.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancel, string? idempotencyKey = null, bool open = false)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (!open) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(cancel));
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException e) when (e.StatusCode is null)
        {
            throw new UserException($"{Origin} does not answer ({e.Message}). Is the instance running? Start it with ./run.sh.", 1);
        }
    }

    public async Task<JsonObject> GetAsync(string path, CancellationToken cancel) =>
        await ReadAsync(await SendAsync(HttpMethod.Get, path, null, cancel), cancel);

    public async Task<byte[]> GetBytesAsync(string path, CancellationToken cancel, bool open = false)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null, cancel, open: open);
        if (!response.IsSuccessStatusCode) throw await ProblemAsync(response, cancel);
        return await response.Content.ReadAsByteArrayAsync(cancel);
    }

    public async Task<JsonObject> PostAsync(string path, JsonNode body, CancellationToken cancel, string? idempotencyKey = null) =>
        await ReadAsync(await SendAsync(HttpMethod.Post, path, Json(body), cancel, idempotencyKey), cancel);

    public static StringContent Json(JsonNode body) => new(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");

    public static async Task<JsonObject> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        using (response)
        {
            if (!response.IsSuccessStatusCode) throw await ProblemAsync(response, cancel);
            return (await JsonNode.ParseAsync(await response.Content.ReadAsStreamAsync(cancel), cancellationToken: cancel))!.AsObject();
        }
    }

    /// <summary>The service's own words for what was refused (RFC 9457), with its stable code.</summary>
    public static async Task<UserException> ProblemAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var text = await response.Content.ReadAsStringAsync(cancel);
        try
        {
            var problem = JsonNode.Parse(text)!.AsObject();
            var words = problem["detail"]?.GetValue<string>() ?? problem["title"]?.GetValue<string>() ?? text;
            return new UserException($"{words} ({problem["code"]?.GetValue<string>() ?? response.StatusCode.ToString()})", 1);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or NullReferenceException)
        {
            return new UserException($"{response.RequestMessage?.RequestUri} answered {(int)response.StatusCode}.", 1);
        }
    }

    /// <summary>Asks again where too many asked at once, when it is said to be worth it.</summary>
    internal static async Task<HttpResponseMessage> PatientlyAsync(
        Func<Task<HttpResponseMessage>> ask, TimeProvider time, CancellationToken cancel)
    {
        const int AttemptsMax = 20;
        for (var attempt = 1; ; attempt++)
        {
            var answer = await ask();
            if (answer.StatusCode != HttpStatusCode.TooManyRequests || attempt == AttemptsMax) return answer;
            var wait = answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1);
            answer.Dispose();
            await Task.Delay(wait, time, cancel);
        }
    }

    private async Task<string> TokenAsync(CancellationToken cancel)
    {
        if (_token is not null && _time.GetUtcNow() < _tokenUntil) return _token;
        await _refreshing.WaitAsync(cancel);
        try
        {
            if (_token is not null && _time.GetUtcNow() < _tokenUntil) return _token;
            using var form = new FormUrlEncodedContent([
                new("grant_type", "client_credentials"), new("client_id", _clientId), new("client_secret", _clientSecret)]);
            HttpResponseMessage response;
            try
            {
                response = await PatientlyAsync(() => _http.PostAsync("/api/identity/connect/token", form, cancel), _time, cancel);
            }
            catch (HttpRequestException e)
            {
                throw new UserException($"{Origin} does not answer ({e.Message}). Is the instance running? Start it with ./run.sh.", 1);
            }

            if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized)
            {
                throw new UserException($"{Origin} does not accept the client '{_clientId}'. Sign in with ./apps login.", 1);
            }

            var token = await ReadAsync(response, cancel);
            _token = token["access_token"]!.GetValue<string>();
            _tokenUntil = _time.GetUtcNow().AddSeconds(token["expires_in"]!.GetValue<int>() - 30);
            return _token;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _refreshing.Dispose();
    }
}
