using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Receivables.Vouchers;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;

namespace Services.Integration.Receivables.Webhooks;

/// <summary>Suppliers are told by signed webhook, at least once, in order and without a gap.</summary>
public sealed class WebhookTests
{
    private const string Token = "a token of the receiver's own";
    private static readonly string Digest = new('a', 64);

    [Fact]
    public async Task Deliveries_are_signed_ordered_and_gap_free_and_a_dead_subscription_goes_on_where_it_stopped()
    {
        await using RunningReceivables running = await StartAsync(
            null, "--Webhooks:AllowLoopback=true", "--Webhooks:AttemptsMax=2");
        await using Receiver hmac = await Receiver.StartAsync(), es256 = await Receiver.StartAsync();
        HttpClient seats = await running.AsAsync("seats", "admin");
        await PutAsync(seats, "erp", new JsonObject { ["target"] = hmac.Address, ["token"] = Token }, 204);
        await PutAsync(seats, "second", new JsonObject { ["target"] = es256.Address }, 204);
        JsonNode key = (await GetAsync(seats, "webhooks/keys"))["keys"]![0]!;

        hmac.Fail = 1;
        await IssueAsync(running, 1, "seats");
        await IssueAsync(running, 2, "fabric");
        await Eventually.TrueAsync(() => hmac.Taken.Count >= 2 && !es256.Taken.IsEmpty, "both were told");
        Taken[] first = [.. hmac.Taken];
        // The failed one came again, the same to the last byte; the voucher of others is not told.
        first.Select(t => (t.Id, t.Number, t.Body)).Distinct().Count().ShouldBe(1);
        first[0].Vouchers.ShouldBe([Root(1), Root(1)]);
        first.ShouldAllBe(t => t.Signature.EndsWith(Mac(t)));
        es256.Taken.ShouldAllBe(t => Verifies(t, key));

        hmac.Fail = int.MaxValue;
        await IssueAsync(running, 3, "seats");
        await Eventually.TrueAsync(async () => await StateAsync(seats, "erp") == "dead", "it is dead");
        await IssueAsync(running, 4, "seats");
        hmac.Fail = 0;
        hmac.Taken.Clear();
        (await seats.PostAsync("webhooks/erp/retry", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Eventually.TrueAsync(
            () => hmac.Taken.SelectMany(t => t.Vouchers).Contains(Root(4)), "it went on where it stopped");
        hmac.Taken.SelectMany(t => t.Vouchers).ShouldBe([Root(3), Root(3), Root(4), Root(4)]);
        hmac.Taken.Select(t => t.Number).ShouldBe(Enumerable.Range(2, hmac.Taken.Count).Select(n => $"{n}"));
        (await StateAsync(seats, "erp")).ShouldBe("live");

        (await seats.DeleteAsync("webhooks/erp")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await seats.DeleteAsync("webhooks/erp")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_target_inside_a_short_token_an_odd_name_and_who_is_no_administrator_are_refused()
    {
        await using RunningReceivables running = await StartAsync();
        HttpClient seats = await running.AsAsync("seats", "admin");
        JsonObject good = new() { ["target"] = "https://example.com/hook", ["token"] = Token };
        (await PutAsync(seats, "erp", new JsonObject { ["target"] = "https://10.0.0.7/hook" }, 400))
            .ShouldBe("webhook-target");
        (await PutAsync(seats, "erp", new JsonObject { ["target"] = "https://example.com", ["token"] = "short" }, 400))
            .ShouldBe("webhook-token");
        (await PutAsync(seats, "a%20b", good, 400)).ShouldBe("webhook-name");
        await PutAsync(await running.AsAsync("seats"), "erp", good, 403);
        await PutAsync(seats, "erp", good, 204);
        ((JsonArray)(await GetAsync(await running.AsAsync("fabric"), "webhooks"))["items"]!).ShouldBeEmpty();
        JsonNode mine = ((JsonArray)(await GetAsync(await running.AsAsync("seats"), "webhooks"))["items"]!).Single()!;
        mine.ToJsonString().ShouldNotContain(Token);
    }

    private static string Root(int number) => $"V-{number:D26}";

    private static async Task<string?> StateAsync(HttpClient client, string name) =>
        ((JsonArray)(await GetAsync(client, "webhooks"))["items"]!)
            .Single(i => (string)i!["name"]! == name)!["state"]!.GetValue<string>();

    private static async Task<string?> PutAsync(HttpClient client, string name, JsonObject body, int status)
    {
        using HttpResponseMessage response =
            await client.PutAsync($"webhooks/{name}", RunningServices.Json(body.ToJsonString()));
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        return text.Length == 0 ? null : (string?)JsonNode.Parse(text)!["code"];
    }

    private static async Task IssueAsync(RunningReceivables running, int number, string holder)
    {
        Store store = running.App.Services.GetRequiredService<Store>();
        DateOnly today = DateOnly.FromDateTime(DateTime.UtcNow);
        await using Session session = store.OpenSession(new EventContext(TimeProvider.System, "test", "carmaker"));
        session.StartStream(Root(number),
            new VoucherEvent.Issued($"i{number}", Root(number), "carmaker", "carmaker", holder, 100, today.AddDays(-1),
                today.AddDays(30), [new TradeReference("invoice", Digest)], new Terms(), DateTimeOffset.UtcNow.AddDays(1)),
            new VoucherEvent.Accepted($"a{number}", $"i{number}", holder));
        await session.SaveChangesAsync();
    }

    private static string Mac(Taken t) => Convert.ToHexStringLower(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(Token), t.Signed(t.Signature.Split(',')[0][2..])));

    private static bool Verifies(Taken t, JsonNode key)
    {
        string[] parts = t.Signature.Split(',');
        parts[1].ShouldBe($"kid={key["kid"]}");
        using ECDsa ec = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = Base64Url.DecodeFromChars((string)key["x"]!),
                Y = Base64Url.DecodeFromChars((string)key["y"]!),
            },
        });
        return ec.VerifyData(
            t.Signed(parts[0][2..]), Base64Url.DecodeFromChars(parts[2].AsSpan("es256=".Length)), HashAlgorithmName.SHA256);
    }

    private sealed record Taken(string Id, string Number, string Body, string Signature)
    {
        public IEnumerable<string> Vouchers =>
            ((JsonArray)JsonNode.Parse(Body)!["events"]!).Select(e => (string)e!["voucher"]!);

        public byte[] Signed(string at) => Encoding.UTF8.GetBytes($"{at}.{Id}.{Number}.{Body}");
    }

    private sealed class Receiver : IAsyncDisposable
    {
        private WebApplication? _app;

        public ConcurrentQueue<Taken> Taken { get; } = [];

        public string Address => RunningServices.Address(_app!) + "/hook";

        /// <summary>How many further deliveries are answered by an error.</summary>
        public int Fail { get; set; }

        public static async Task<Receiver> StartAsync()
        {
            Receiver receiver = new();
            receiver._app = WebApplication.CreateSlimBuilder(["--Urls=http://127.0.0.1:0"]).Build();
            receiver._app.MapPost("/hook", (Delegate)receiver.TakeAsync);
            await receiver._app.StartAsync();
            return receiver;
        }

        public ValueTask DisposeAsync() => _app!.DisposeAsync();

        private async Task<IResult> TakeAsync(HttpContext http)
        {
            using StreamReader body = new(http.Request.Body);
            IHeaderDictionary headers = http.Request.Headers;
            Taken.Enqueue(new Taken(
                headers["Delivery-Id"]!, headers["Delivery-Number"]!, await body.ReadToEndAsync(),
                headers["Delivery-Signature"]!));
            return Fail-- > 0 ? Results.StatusCode(503) : Results.Ok();
        }
    }
}
