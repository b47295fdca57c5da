using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Proofs;
using Services.Integration.Evidence;
using Shouldly;
using Traceability.Sensors;
using Xunit;
using Xunit.Abstractions;

namespace Services.Integration.Traceability;

/// <summary>Blocks of signed readings on a running service.</summary>
public sealed class SensorTests(TraceabilityFixture fixture, ITestOutputHelper output) : IClassFixture<TraceabilityFixture>
{
    private readonly RunningTraceability _services = fixture.Services;

    [Fact]
    public async Task A_signed_block_is_one_event_and_each_reading_provable()
    {
        HttpClient maker = await _services.AsAsync("maker");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string subject = Events.Item(Events.NewSerial());
        await RegisterAsync(maker, "logger-1", key);
        string csv = "2026-11-01T00:00:00Z,4.5\n2026-11-01T00:10:00Z,9\n2026-11-01T00:50:00Z,5\n";
        JsonObject answer = await SendAsync(maker, "logger-1", 1, subject, csv, key);
        Guid id = Guid.Parse((string)answer["eventId"]!);
        ((int)answer["count"]!).ShouldBe(3);
        answer["excursions"]!.AsArray().Single()!["alarm"]!.GetValue<bool>().ShouldBeTrue();

        JsonObject readings = await RunningServices.JsonAsync(await maker.GetAsync($"sensors/blocks/{id}/readings"));
        ((decimal)readings["readings"]!.AsArray()[1]!["value"]!).ShouldBe(9m);
        byte[] file = await maker.GetByteArrayAsync($"sensors/blocks/{id}/statements?from=1&count=2");
        _services.AnchorState = "anchored";
        JsonObject bundle = await RunningServices.JsonAsync(await maker.GetAsync($"events/{id}/proof"));
        _services.AnchorState = "accepted";
        var e = (Proofs.Json.JsonObject)Proofs.Json.CanonicalJson.Parse(Convert.FromBase64String((string)bundle["event"]!))!;
        StatementsResult shown = Statements.Check(file, e);
        shown.Verdict.ShouldBe(Verdict.Proven);
        shown.Shown.Select(s => s.Statement.Value).ShouldBe(
            ["[\"2026-11-01T00:10:00.000Z\",9]", "[\"2026-11-01T00:50:00.000Z\",5]"]);
        string altered = Encoding.UTF8.GetString(file).Replace(",9]", ",8]", StringComparison.Ordinal);
        Statements.Check(Encoding.UTF8.GetBytes(altered), e).Verdict.ShouldBe(Verdict.Refuted);

        byte[] block = await maker.GetByteArrayAsync($"sensors/blocks/{id}/signed");
        DeviceBlock.Check(block, e).Verdict.ShouldBe(Verdict.Proven);
        byte[] warmer = DeviceBlock.Write(Encoding.UTF8.GetBytes(csv.Replace(",9", ",5", StringComparison.Ordinal)), key.ExportSubjectPublicKeyInfo());
        DeviceBlock.Check(warmer, e).Reason.ShouldBe(DeviceBlock.BlockMismatch);
        Convert.FromBase64String((string)bundle["event"]!).AsSpan().IndexOf("maker"u8).ShouldBe(-1, "whose device it is");

        (await maker.GetStringAsync($"sensors/alarms?subject={Uri.EscapeDataString(subject)}")).ShouldContain("\"alarm\":true");
        (await maker.GetStringAsync($"sensors/blocks?subject={Uri.EscapeDataString(subject)}")).ShouldContain(id.ToString());
        HttpClient stranger = await _services.AsAsync("stranger");
        (await stranger.GetAsync($"sensors/blocks/{id}/readings")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.GetStringAsync("sensors/alarms")).ShouldBe("[]");
    }

    [Fact]
    public async Task What_the_device_did_not_sign_or_sent_before_is_refused()
    {
        HttpClient maker = await _services.AsAsync("maker");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256), other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string subject = Events.Item(Events.NewSerial());
        await RegisterAsync(maker, "logger-2", key);
        (await CodeAsync(maker, "logger-2", 1, subject, "1,5\n", other)).ShouldBe("sensor-signature-wrong");
        (await CodeAsync(maker, "logger-2", 1, subject, "1,5\nbroken", key)).ShouldBe("sensor-readings-invalid");
        (await CodeAsync(maker, "nobody", 1, subject, "1,5\n", key)).ShouldBe("sensor-device-unknown");
        (await CodeAsync(maker, "logger-2", 1, "", "1,5\n", key)).ShouldBe("sensor-query-invalid");
        await SendAsync(maker, "logger-2", 1, subject, "1,5\n", key);
        (await CodeAsync(maker, "logger-2", 1, subject, "2,5\n", key)).ShouldBe("sensor-sequence-taken");
    }

    [Fact]
    public async Task A_bottle_has_the_temperatures_of_its_pallet_while_it_is_on_it()
    {
        HttpClient maker = await _services.AsAsync("maker");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string bottle = Events.Item(Events.NewSerial()), pallet = Events.Pallet(9001);
        JsonObject seen = Events.Object([bottle], "OBSERVE", "inspecting", "2026-11-01T00:00:00.000Z");
        seen["sensorElementList"] = new JsonArray(new JsonObject
        {
            ["sensorReport"] = new JsonArray(new JsonObject { ["type"] = "Temperature", ["value"] = 41, ["uom"] = "FAH" }),
        });
        await RunningTraceability.CaptureAsync(maker,
        [
            seen, Events.Pack(pallet, [bottle], "ADD", "2026-11-01T02:00:00.000Z"),
            Events.Pack(pallet, [bottle], "DELETE", "2026-11-01T04:00:00.000Z"),
        ]);
        await RegisterAsync(maker, "logger-4", key);
        await SendAsync(maker, "logger-4", 1, pallet,
            "2026-11-01T01:00:00Z,30\n2026-11-01T02:00:00Z,4\n2026-11-01T03:00:00Z,6\n2026-11-01T04:00:00Z,31\n", key);
        using HttpResponseMessage response = await maker.GetAsync($"sensors/curve/{Uri.EscapeDataString(bottle)}");
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        JsonObject curve = await RunningServices.JsonAsync(response);
        curve["points"]!.AsArray().Select(p => (decimal)p!["value"]!).ShouldBe([5m, 4m, 6m]);
        curve["blocks"]!.AsArray().Count.ShouldBe(2);
        JsonObject part = await RunningServices.JsonAsync(await maker.GetAsync(
            $"sensors/curve/{Uri.EscapeDataString(bottle)}?from=2026-11-01T02:30:00Z&to=2026-11-01T03:30:00Z"));
        part["points"]!.AsArray().Select(p => (decimal)p!["value"]!).ShouldBe([6m]);
        part["next"].ShouldBeNull();
        HttpClient stranger = await _services.AsAsync("stranger");
        foreach (string id in (string[])[bottle, pallet])
        {
            (await stranger.GetAsync($"sensors/curve/{Uri.EscapeDataString(id)}"))
                .StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [Theory]
    [InlineData("1,2,3,4,5,6,7")]
    [InlineData("7,6,5,4,3,2,1")]
    [InlineData("2,3,5,6,1,4,7")]
    public async Task Three_warm_hours_are_one_alarm_in_however_many_blocks_they_come_and_in_whatever_order(string order)
    {
        HttpClient maker = await _services.AsAsync("maker");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string subject = Events.Item(Events.NewSerial()), device = "parts-" + order[0] + order[2] + order[4];
        await RegisterAsync(maker, device, key);
        DateTime begin = new(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc);
        JsonObject answer = [];
        foreach (int block in order.Split(',').Select(int.Parse))
        {
            // Each block by itself is 25 warm minutes, less than the 30 put up with; the last one ends cold.
            IEnumerable<string> lines = Enumerable.Range(0, 6).Select(i => FormattableString.Invariant(
                $"{begin.AddMinutes(30 * (block - 1) + 5 * i):s}Z,{(block == 7 && i > 0 ? 5 : 12)}\n"));
            answer = await SendAsync(maker, device, block, subject, string.Concat(lines), key);
        }
        JsonArray alarms = JsonNode.Parse(await maker.GetStringAsync(
            $"sensors/alarms?subject={Uri.EscapeDataString(subject)}"))!.AsArray();
        JsonNode alarm = alarms.Single()!;
        alarm["alarm"]!.GetValue<bool>().ShouldBeTrue();
        alarm["from"]!.GetValue<DateTime>().ShouldBe(begin);
        alarm["to"]!.GetValue<DateTime>().ShouldBe(begin.AddMinutes(185));
        alarm["count"]!.GetValue<int>().ShouldBe(37);

        _services.AnchorState = "anchored";
        JsonObject bundle = await RunningServices.JsonAsync(await maker.GetAsync($"events/{answer["eventId"]}/proof"));
        _services.AnchorState = "accepted";
        JsonNode data = JsonNode.Parse(Convert.FromBase64String((string)bundle["event"]!))!["data"]!;
        ((int)data["alarms"]!).ShouldBe(1, "the event itself says so");
        ((int)data["range"]!["toleratedMinutes"]!).ShouldBe(30);
    }

    [Fact]
    public async Task An_excursion_at_a_missing_block_is_interrupted_until_the_block_comes()
    {
        HttpClient maker = await _services.AsAsync("maker");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string subject = Events.Item(Events.NewSerial());
        await RegisterAsync(maker, "gap", key);
        await SendAsync(maker, "gap", 1, subject, "2026-11-01T00:00:00Z,12\n2026-11-01T00:20:00Z,12\n", key);
        (await EndingsAsync()).ShouldBe(["open"]);
        await SendAsync(maker, "gap", 3, subject, "2026-11-01T01:00:00Z,12\n2026-11-01T01:20:00Z,5\n", key);
        (await EndingsAsync()).ShouldBe(["interrupted", "interrupted"]);
        string about = Uri.EscapeDataString(subject);
        await RunningTraceability.CaptureAsync(
            maker, [Events.Object([subject], "OBSERVE", "inspecting", "2026-11-01T00:00:00.000Z")]);
        JsonNode gap = (await RunningServices.JsonAsync(await maker.GetAsync($"sensors/curve/{about}")))["gaps"]!
            .AsArray().Single()!;
        gap["from"]!.GetValue<DateTime>().ShouldBe(new DateTime(2026, 11, 1, 0, 20, 0, DateTimeKind.Utc));
        gap["to"]!.GetValue<DateTime>().ShouldBe(new DateTime(2026, 11, 1, 1, 0, 0, DateTimeKind.Utc));

        await SendAsync(maker, "gap", 2, subject, "2026-11-01T00:30:00Z,12\n2026-11-01T00:50:00Z,12\n", key);
        (await EndingsAsync()).ShouldBe(["ended"]);
        (await RunningServices.JsonAsync(await maker.GetAsync($"sensors/curve/{about}")))["gaps"]!.AsArray().ShouldBeEmpty();

        async Task<string[]> EndingsAsync() =>
        [
            .. JsonNode.Parse(await maker.GetStringAsync($"sensors/alarms?subject={Uri.EscapeDataString(subject)}"))!
                .AsArray().Select(a => (string)a!["ending"]!),
        ];
    }

    [Fact]
    public async Task What_a_replaced_key_signed_can_be_told()
    {
        HttpClient maker = await _services.AsAsync("maker");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256), next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string subject = Events.Item(Events.NewSerial());
        await RegisterAsync(maker, "rekeyed", key);
        Guid first = Guid.Parse((string)(await SendAsync(maker, "rekeyed", 1, subject, "1,5\n", key))["eventId"]!);
        await RegisterAsync(maker, "rekeyed", next);
        await SendAsync(maker, "rekeyed", 2, subject, "2,5\n", next);
        JsonArray blocks = JsonNode.Parse(await maker.GetStringAsync(
            $"sensors/blocks?subject={Uri.EscapeDataString(subject)}"))!.AsArray();
        blocks.Select(b => (string)b!["keySha256"]!).ShouldBe([Fingerprint(key), Fingerprint(next)]);
        blocks.Select(b => (bool)b!["keyReplaced"]!).ShouldBe([true, false]);
        _services.AnchorState = "anchored";
        JsonObject bundle = await RunningServices.JsonAsync(await maker.GetAsync($"events/{first}/proof"));
        _services.AnchorState = "accepted";
        JsonNode.Parse(Convert.FromBase64String((string)bundle["event"]!))!["data"]!["keySha256"]!.GetValue<string>()
            .ShouldBe(Fingerprint(key), "it is part of what is anchored");

        static string Fingerprint(ECDsa key) =>
            Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public async Task Blocks_at_the_same_moment_are_weighed_together()
    {
        HttpClient maker = await _services.AsAsync("maker");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string subject = Events.Item(Events.NewSerial());
        await RegisterAsync(maker, "parallel", key);
        await Task.WhenAll(
            SendAsync(maker, "parallel", 1, subject, "2026-11-01T00:00:00Z,12\n2026-11-01T00:25:00Z,12\n", key),
            SendAsync(maker, "parallel", 2, subject, "2026-11-01T00:30:00Z,12\n2026-11-01T00:55:00Z,12\n", key));
        JsonNode alarm = JsonNode.Parse(await maker.GetStringAsync(
            $"sensors/alarms?subject={Uri.EscapeDataString(subject)}"))!.AsArray().Single()!;
        alarm["alarm"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task Who_saw_a_pallet_does_not_see_what_others_measured_at_it_unless_they_show_it()
    {
        HttpClient farm = await _services.AsAsync("farm"), stranger = await _services.AsAsync("stranger");
        HttpClient admin = await _services.AsAsync("farm", "admin");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string pallet = Events.Pallet(9002);
        JsonObject stated = Events.Object([pallet], "OBSERVE", "inspecting", "2026-11-01T00:00:00.000Z");
        stated["sensorElementList"] = new JsonArray(new JsonObject
        {
            ["sensorReport"] = new JsonArray(new JsonObject { ["type"] = "Temperature", ["value"] = 5, ["uom"] = "CEL" }),
        });
        await RunningTraceability.CaptureAsync(farm, [stated]);
        await RegisterAsync(farm, "logger-5", key);
        JsonObject block = await SendAsync(
            farm, "logger-5", 1, pallet, "2026-11-01T01:00:00Z,4\n2026-11-01T02:00:00Z,30\n2026-11-01T03:00:00Z,31\n", key);
        await RunningTraceability.CaptureAsync(
            stranger, [Events.Object([pallet], "OBSERVE", "inspecting", "2026-11-01T04:00:00.000Z")]);
        string id = Uri.EscapeDataString(pallet), readings = $"sensors/blocks/{block["eventId"]}/readings";

        (await CountAsync()).ShouldBe(0);
        (await stranger.GetStringAsync($"sensors/blocks?subject={id}")).ShouldBe("[]");
        (await stranger.GetStringAsync($"sensors/alarms?subject={id}")).ShouldBe("[]");
        (await stranger.GetAsync(readings)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        await PutAsync("partners", """{"partners":["stranger"]}""");
        (await CountAsync()).ShouldBe(4);
        (await stranger.GetStringAsync($"sensors/blocks?subject={id}")).ShouldContain("logger-5");
        (await stranger.GetStringAsync($"sensors/alarms?subject={id}")).ShouldContain("\"alarm\":true");
        (await stranger.GetAsync(readings)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await PutAsync("disclosure", """{"withheld":["/sensorElementList"]}""");
        (await CountAsync()).ShouldBe(0, "withheld wins over sharing");
        (await stranger.GetAsync(readings)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await PutAsync("partners", """{"partners":[]}""");
        await PutAsync("disclosure", """{"published":["/sensorElementList"]}""");
        (await CountAsync()).ShouldBe(3, "what is published is shown to strangers too, but not the event they may not know of");

        async Task<int> CountAsync() =>
            (int)(await RunningServices.JsonAsync(await stranger.GetAsync($"sensors/curve/{id}")))["count"]!;

        async Task PutAsync(string path, string body)
        {
            using HttpResponseMessage put = await admin.PutAsync(path, RunningServices.Json(body));
            put.IsSuccessStatusCode.ShouldBeTrue(await put.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Readings_by_the_thousand_are_one_event()
    {
        HttpClient maker = await _services.AsAsync("maker");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await RegisterAsync(maker, "logger-3", key);
        int blocks = int.Parse(Environment.GetEnvironmentVariable("SENSOR_BENCH_BLOCKS") ?? "2", CultureInfo.InvariantCulture);
        const int perBlock = 50_000;
        Random random = new(7);
        List<string> bodies = [];
        for (int b = 0; b < blocks; b++)
        {
            StringBuilder text = new();
            for (int i = 0; i < perBlock; i++)
                text.Append(CultureInfo.InvariantCulture, $"{1_700_000_000_000 + ((((long)b * perBlock) + i) * 60_000)},{3 + (random.Next(200) / 100m)}\n");
            bodies.Add(text.ToString());
        }
        Stopwatch watch = Stopwatch.StartNew();
        for (int b = 0; b < blocks; b++)
        {
            long before = await EventsAsync();
            await SendAsync(maker, "logger-3", b, Events.Item("BENCH"), bodies[b], key);
            (await EventsAsync() - before).ShouldBe(1, "a block of readings is one event");
        }
        output.WriteLine($"{blocks * perBlock / watch.Elapsed.TotalSeconds:N0} readings a second, "
            + $"{Convert.ToDouble(await _services.ScalarAsync("select avg(length(raw)::float8 / count) from sensor_blocks where count > 1000"), CultureInfo.InvariantCulture):N2} bytes each");
    }

    private async Task<long> EventsAsync() =>
        (long)(await _services.ScalarAsync("select count(*) from store.events where stream like 'sensor-blocks-%'"))!;

    private static async Task RegisterAsync(HttpClient client, string device, ECDsa key)
    {
        using HttpResponseMessage registered = await client.PutAsync($"sensors/{device}", RunningServices.Json(
            $$"""
              {"algorithm":"ecdsa-p256","key":"{{Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}}","name":"Logger",
               "measure":"Temperature","unit":"CEL","min":2,"max":8,"toleratedMinutes":30}
              """));
        registered.StatusCode.ShouldBe(HttpStatusCode.OK, await registered.Content.ReadAsStringAsync());
    }

    private static async Task<JsonObject> SendAsync(
        HttpClient client, string device, long sequence, string subject, string csv, ECDsa key)
    {
        using HttpResponseMessage created = await PostAsync(client, device, sequence, subject, csv, key);
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        return await RunningServices.JsonAsync(created);
    }

    private static async Task<string> CodeAsync(
        HttpClient client, string device, long sequence, string subject, string csv, ECDsa key)
    {
        using HttpResponseMessage refused = await PostAsync(client, device, sequence, subject, csv, key);
        return (string)(await RunningServices.JsonAsync(refused))["code"]!;
    }

    private static Task<HttpResponseMessage> PostAsync(
        HttpClient client, string device, long sequence, string subject, string csv, ECDsa key)
    {
        byte[] raw = Encoding.UTF8.GetBytes(csv);
        HttpRequestMessage request = new(
            HttpMethod.Post, $"sensors/{device}/blocks?sequence={sequence}&subject={Uri.EscapeDataString(subject)}")
        {
            Content = new ByteArrayContent(raw),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        request.Headers.Add(RecordBlock.SignatureHeader, Convert.ToBase64String(
            key.SignData(RecordBlock.Signed(device, sequence, subject, raw), HashAlgorithmName.SHA256)));
        return client.SendAsync(request);
    }
}
