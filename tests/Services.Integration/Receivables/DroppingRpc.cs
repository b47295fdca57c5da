using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Services.Integration.Receivables;

/// <summary>A node's JSON-RPC that lets so many transactions through and no more, as if the sender had died.</summary>
public sealed class DroppingRpc : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new();
    private int _left;

    private DroppingRpc(WebApplication app, int passes) => (_app, _left) = (app, passes);

    public Uri Url { get; private set; } = null!;

    public static async Task<DroppingRpc> StartAsync(Uri node, int passes)
    {
        WebApplication app = WebApplication.CreateSlimBuilder(["--Urls=http://127.0.0.1:0"]).Build();
        DroppingRpc rpc = new(app, passes);
        app.MapPost("/", async (HttpContext http) =>
        {
            using StreamReader reader = new(http.Request.Body);
            string body = await reader.ReadToEndAsync();
            if (body.Contains("eth_sendRawTransaction", StringComparison.Ordinal) && Interlocked.Decrement(ref rpc._left) < 0)
            {
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }
            using HttpResponseMessage answer = await rpc._http.PostAsync(
                node, new StringContent(body, Encoding.UTF8, "application/json"));
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(await answer.Content.ReadAsStringAsync());
        });
        await app.StartAsync();
        rpc.Url = new Uri(Evidence.RunningServices.Address(app));
        return rpc;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }
}
