using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Traceability.Epcis.Subscriptions;

/// <summary>One delivery: its bytes, id and number stay the same however often it is sent.</summary>
internal sealed record Delivery(Guid Id, long Number, string Target, byte[] Secret, byte[] Body);

/// <summary>
/// Sends signed deliveries. <c>GS1-Signature: t={unix seconds},v1={hex}</c> is HMAC-SHA256 under the subscriber's token
/// over <c>{t}.{id}.{number}.</c> and the body, so that neither can be replayed under another id or number.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    public const string SignatureHeader = "GS1-Signature";
    public const string IdHeader = "Delivery-Id";
    public const string NumberHeader = "Delivery-Number";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    public WebhookSender(IConfiguration configuration, TimeProvider time)
    {
        WebhookOptions options =
            configuration.GetSection(WebhookOptions.Section).Get<WebhookOptions>() ?? new WebhookOptions();
        AllowLoopback = options.AllowLoopback;
        _time = time;
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
        string number = delivery.Number.ToString(CultureInfo.InvariantCulture);
        using HttpRequestMessage request = new(HttpMethod.Post, delivery.Target);
        request.Content = new ByteArrayContent(delivery.Body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(IdHeader, delivery.Id.ToString());
        request.Headers.Add(NumberHeader, number);
        request.Headers.Add("GS1-EPCIS-Version", EpcisVersions.Epcis);
        request.Headers.Add("GS1-CBV-Version", EpcisVersions.Cbv);
        string mac = Sign(delivery.Secret, at, delivery.Id, number, delivery.Body);
        request.Headers.Add(SignatureHeader, $"t={at},v1={mac}");
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

    internal static string Sign(byte[] secret, string at, Guid id, string number, byte[] body)
    {
        using IncrementalHash mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        mac.AppendData(Encoding.ASCII.GetBytes($"{at}.{id}.{number}."));
        mac.AppendData(body);
        return Convert.ToHexStringLower(mac.GetHashAndReset());
    }
}
