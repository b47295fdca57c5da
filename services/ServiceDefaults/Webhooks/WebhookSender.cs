using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace ServiceDefaults.Webhooks;

/// <summary>One delivery: its bytes, id and number stay the same however often it is sent.</summary>
/// <param name="Id">Names it for ever.</param>
/// <param name="Number">Counts the deliveries of one subscriber from 1, without a gap.</param>
/// <param name="Target">Where it goes.</param>
/// <param name="Secret">The subscriber's token, which signs it; null where the service's own key does.</param>
/// <param name="Body">JSON.</param>
public sealed record Delivery(Guid Id, long Number, string Target, byte[]? Secret, byte[] Body);

/// <summary>What the deliveries of one service look like.</summary>
/// <param name="SignatureHeader">Name of the header that carries the signature.</param>
/// <param name="Headers">Further headers, the same on every delivery.</param>
public sealed record WebhookForm(string SignatureHeader, params (string Name, string Value)[] Headers);

/// <summary>
/// Sends signed deliveries. The signature is over <c>{t}.{id}.{number}.</c> and the body, so that neither can be replayed
/// under another id or number: <c>t={unix seconds},v1={hex}</c> is HMAC-SHA256 under the subscriber's token, and
/// <c>t={unix seconds},kid={thumbprint},es256={base64url of r ‖ s}</c> is the service's own (RFC 7518 §3.4).
/// </summary>
public sealed class WebhookSender : IDisposable
{
    public const string IdHeader = "Delivery-Id";
    public const string NumberHeader = "Delivery-Number";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly WebhookForm _form;
    private readonly WebhookKey? _key;

    public WebhookSender(WebhookForm form, IConfiguration configuration, TimeProvider time, WebhookKey? key = null)
    {
        WebhookOptions options =
            configuration.GetSection(WebhookOptions.Section).Get<WebhookOptions>() ?? new WebhookOptions();
        AllowLoopback = options.AllowLoopback;
        (_form, _time, _key) = (form, time, key);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = (context, token) =>
                WebhookTarget.ConnectAsync(context.DnsEndPoint, AllowLoopback, token),
        })
        { Timeout = Patience };
    }

    /// <summary>Whether webhooks may go to this machine.</summary>
    public bool AllowLoopback { get; }

    /// <summary>Sends a delivery once; null when the receiver took it, otherwise why not.</summary>
    public async Task<string?> SendAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        string at = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using HttpRequestMessage request = new(HttpMethod.Post, delivery.Target);
        request.Content = new ByteArrayContent(delivery.Body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(IdHeader, delivery.Id.ToString());
        request.Headers.Add(NumberHeader, delivery.Number.ToString(CultureInfo.InvariantCulture));
        foreach ((string name, string value) in _form.Headers)
            request.Headers.Add(name, value);
        request.Headers.Add(_form.SignatureHeader, Signature(delivery, at));
        try
        {
            using HttpResponseMessage response =
                await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode ? null : $"status {(int)response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return e.HttpRequestError.ToString();
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "timeout";
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>What is signed.</summary>
    public static byte[] Signed(string at, Guid id, string number, byte[] body) =>
        [.. Encoding.ASCII.GetBytes($"{at}.{id}.{number}."), .. body];

    private string Signature(Delivery delivery, string at)
    {
        string number = delivery.Number.ToString(CultureInfo.InvariantCulture);
        byte[] signed = Signed(at, delivery.Id, number, delivery.Body);
        if (delivery.Secret is { } secret)
            return $"t={at},v1={Convert.ToHexStringLower(HMACSHA256.HashData(secret, signed))}";
        WebhookKey key = _key ?? throw new InvalidOperationException("This service has no key to sign with.");
        return $"t={at},kid={key.KeyId},es256={key.Sign(signed)}";
    }
}
