using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <summary>Named queries and their subscriptions by signed webhook.</summary>
public sealed class SubscriptionTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private const string Token = "a token of the receiver's own";
    private readonly RunningTraceability _services = fixture.Services;

    [Fact]
    public async Task A_delivery_whose_answer_is_lost_comes_again_the_same_and_nothing_overtakes_it()
    {
        await using Receiver receiver = await Receiver.StartAsync();
        HttpClient maker = await _services.AsAsync("maker");
        string step = "urn:example:step:" + Events.NewSerial();
        await SubscribeAsync(maker, step, receiver);
        receiver.Drop = 2;
        await CaptureAsync(maker, [Events.Object([Events.Item(Events.NewSerial())], bizStep: step)]);
        await Eventually.TrueAsync(() => receiver.Taken.Count >= 2, "the delivery came again");
        await CaptureAsync(maker, [Events.Object([Events.Item(Events.NewSerial())], bizStep: step)]);
        await Eventually.TrueAsync(() => receiver.Taken.Any(t => t.Number == "2"), "the next delivery came");

        Taken[] taken = [.. receiver.Taken];
        taken.Where(t => t.Number == "1").Count().ShouldBe(3);
        taken.Where(t => t.Number == "1").Select(t => (t.Id, t.Body)).Distinct().Count().ShouldBe(1);
        taken.Select(t => int.Parse(t.Number)).ShouldBe([1, 1, 1, 2]);
        taken.Select(t => t.Signed).ShouldAllBe(signed => signed);
    }

    [Fact]
    public async Task Deliveries_are_in_order_gap_free_and_complete()
    {
        await using Receiver receiver = await Receiver.StartAsync();
        HttpClient maker = await _services.AsAsync("maker");
        string step = "urn:example:step:" + Events.NewSerial();
        await SubscribeAsync(maker, step, receiver);
        string[] epcs = [.. Enumerable.Range(0, 250).Select(_ => Events.Item(Events.NewSerial()))];
        foreach (string[] some in epcs.Chunk(50))
            await CaptureAsync(maker, some.Select(epc => Events.Object([epc], bizStep: step)));
        await Eventually.TrueAsync(() => receiver.Taken.Sum(t => t.Epcs.Count) >= epcs.Length, "all events came");
        receiver.Taken.SelectMany(t => t.Epcs).ShouldBe(epcs);
        receiver.Taken.Select(t => int.Parse(t.Number)).ShouldBe(Enumerable.Range(1, receiver.Taken.Count));
    }

    [Fact]
    public async Task A_delivery_under_way_survives_a_restart_with_its_id()
    {
        await using RunningTraceability services = await StartAsync();
        await using Receiver receiver = await Receiver.StartAsync();
        HttpClient maker = await services.AsAsync("maker");
        string step = "urn:example:step:restart";
        await SubscribeAsync(maker, step, receiver);
        receiver.Drop = int.MaxValue;
        await CaptureAsync(maker, [Events.Object([Events.Item(Events.NewSerial())], bizStep: step)]);
        await Eventually.TrueAsync(() => !receiver.Taken.IsEmpty, "it was sent once");
        await services.RestartAsync();
        receiver.Drop = 0;
        int before = receiver.Taken.Count;
        await Eventually.TrueAsync(() => receiver.Taken.Count > before, "it was sent again");
        receiver.Taken.Select(t => (t.Id, t.Number, t.Body)).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_lost_key_pauses_and_neither_signs_nor_drops()
    {
        await using RunningTraceability services = await StartAsync();
        await using Receiver receiver = await Receiver.StartAsync();
        HttpClient maker = await services.AsAsync("maker");
        string step = "urn:example:step:lost", name = await SubscribeAsync(maker, step, receiver);
        receiver.Drop = int.MaxValue;
        await CaptureAsync(maker, [Events.Object([Events.Item(Events.NewSerial())], bizStep: step)]);
        await Eventually.TrueAsync(() => !receiver.Taken.IsEmpty, "it was sent once");
        string key = Path.Combine(
            services.Settings.Single(s => s.StartsWith("--Service:Data=", StringComparison.Ordinal)).Split('=')[1],
            "webhook.key");
        byte[] kept = await File.ReadAllBytesAsync(key);
        await services.StopServiceAsync();
        await File.WriteAllBytesAsync(key, RandomNumberGenerator.GetBytes(32));
        receiver.Drop = 0;
        receiver.Taken.Clear();
        await services.RestartAsync();
        await services.ScalarAsync("update epcis_subscriptions set retry_at = null");
        maker = await services.AsAsync("maker");
        string described = "";
        await Eventually.TrueAsync(async () =>
        {
            described = await maker.GetStringAsync($"epcis/v2/queries/{name}/subscriptions");
            return described.Contains("webhook-key-lost", StringComparison.Ordinal);
        }, "the failure is stated");
        described.ShouldContain("\"paused\":true");
        receiver.Taken.ShouldBeEmpty();

        await services.StopServiceAsync();
        await File.WriteAllBytesAsync(key, kept);
        await services.RestartAsync();
        await services.ScalarAsync("update epcis_subscriptions set retry_at = null");
        await Eventually.TrueAsync(() => !receiver.Taken.IsEmpty, "the delivery under way was not dropped");
        receiver.Taken.ShouldAllBe(t => t.Signed && t.Number == "1");
    }

    [Fact]
    public async Task A_scheduled_query_reports_when_it_is_due_even_without_events()
    {
        await using Receiver receiver = await Receiver.StartAsync();
        HttpClient maker = await _services.AsAsync("maker");
        string name = Events.NewSerial();
        await NameAsync(maker, name, "urn:example:step:none");
        using HttpResponseMessage created = await maker.PostAsync(
            $"epcis/v2/queries/{name}/subscriptions", RunningServices.Json($$"""
            {"dest":"{{receiver.Address}}","signatureToken":"{{Token}}","reportIfEmpty":true,
             "schedule":{"second":"[0-59]"} }
            """));
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(() => receiver.Taken.Count >= 2, "two reports came");
        receiver.Taken.ShouldAllBe(t => t.Epcs.Count == 0);
        (await maker.DeleteAsync(created.Headers.Location)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await maker.GetAsync(created.Headers.Location)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_named_query_answers_until_it_is_deleted_and_its_name_is_taken_once()
    {
        HttpClient maker = await _services.AsAsync("maker");
        string name = "日报 " + Events.NewSerial();
        string step = "urn:example:step:" + Events.NewSerial();
        await NameAsync(maker, name, step);
        await CaptureAsync(maker, [Events.Object([Events.Item(Events.NewSerial())], bizStep: step)]);
        string path = $"queries/{Uri.EscapeDataString(name)}";
        (await QueryAsync(maker, $"{path}/events")).Count.ShouldBe(1);
        (await maker.PostAsync("epcis/v2/queries", Definition(name, step))).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        HttpClient dealer = await _services.AsAsync("dealer");
        (await dealer.GetAsync($"epcis/v2/{path}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await maker.DeleteAsync($"epcis/v2/{path}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await maker.GetAsync($"epcis/v2/{path}/events")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("http://example.com/hook", "subscription-target")]
    [InlineData("https://10.0.0.7/hook", "subscription-target")]
    [InlineData("https://[fd00::1]/hook", "subscription-target")]
    [InlineData("https://user@example.com/hook", "subscription-target")]
    [InlineData("file:///etc/passwd", "subscription-target")]
    [InlineData("https://example.com/hook", "subscription-token")]
    public async Task A_target_inside_or_an_unsigned_one_is_refused(string target, string code)
    {
        HttpClient maker = await _services.AsAsync("maker");
        string name = Events.NewSerial();
        await NameAsync(maker, name, "packing");
        using HttpResponseMessage response = await maker.PostAsync(
            $"epcis/v2/queries/{name}/subscriptions",
            RunningServices.Json($$"""{"dest":"{{target}}","stream":true,"signatureToken":"{{(code == "subscription-token" ? "" : Token)}}"}"""));
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await RunningServices.JsonAsync(response))["code"]!.GetValue<string>().ShouldBe(code);
    }

    private static async Task<string> SubscribeAsync(HttpClient client, string step, Receiver receiver)
    {
        string name = Events.NewSerial();
        await NameAsync(client, name, step);
        using HttpResponseMessage created = await client.PostAsync(
            $"epcis/v2/queries/{name}/subscriptions",
            RunningServices.Json($$"""{"dest":"{{receiver.Address}}","signatureToken":"{{Token}}","stream":true}"""));
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        (await created.Content.ReadAsStringAsync()).ShouldNotContain(Token);
        return name;
    }

    private static async Task NameAsync(HttpClient client, string name, string step)
    {
        using HttpResponseMessage named = await client.PostAsync("epcis/v2/queries", Definition(name, step));
        named.StatusCode.ShouldBe(HttpStatusCode.Created, await named.Content.ReadAsStringAsync());
    }

    private static StringContent Definition(string name, string step) => RunningServices.Json(
        new JsonObject
        {
            ["name"] = name,
            ["query"] = new JsonObject { ["EQ_bizStep"] = new JsonArray(step) },
        }.ToJsonString());

    private sealed record Taken(string Id, string Number, string Body, bool Signed)
    {
        public IReadOnlyList<string> Epcs =>
            [.. Events.Of((JsonObject)JsonNode.Parse(Body)!).Select(e => e["epcList"]![0]!.GetValue<string>())];
    }

    private sealed class Receiver : IAsyncDisposable
    {
        private WebApplication? _app;

        public ConcurrentQueue<Taken> Taken { get; } = [];

        public string Address => RunningServices.Address(_app!) + "/hook";

        /// <summary>How many further deliveries are taken without the answer arriving.</summary>
        public int Drop { get; set; }

        public static async Task<Receiver> StartAsync()
        {
            Receiver receiver = new();
            receiver._app = WebApplication.CreateSlimBuilder(["--Urls=http://127.0.0.1:0"]).Build();
            receiver._app.MapPost("/hook", receiver.TakeAsync);
            await receiver._app.StartAsync();
            return receiver;
        }

        public ValueTask DisposeAsync() => _app!.DisposeAsync();

        private async Task TakeAsync(HttpContext http)
        {
            using MemoryStream body = new();
            await http.Request.Body.CopyToAsync(body);
            IHeaderDictionary headers = http.Request.Headers;
            string id = headers["Delivery-Id"]!, number = headers["Delivery-Number"]!;
            string[] signature = headers["GS1-Signature"].ToString().Split("t=", 2)[1].Split(",v1=");
            byte[] mac = HMACSHA256.HashData(
                Encoding.UTF8.GetBytes(Token),
                (byte[])[.. Encoding.ASCII.GetBytes($"{signature[0]}.{id}.{number}."), .. body.ToArray()]);
            Taken.Enqueue(new Taken(
                id, number, Encoding.UTF8.GetString(body.ToArray()), signature[1] == Convert.ToHexStringLower(mac)));
            if (Drop > 0)
            {
                Drop--;
                http.Abort();
            }
        }
    }
}
