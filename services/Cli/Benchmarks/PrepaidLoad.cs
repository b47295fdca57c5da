using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Cli.Benchmarks;

/// <summary>
/// Redemptions over HTTP, each with a holder's code whose signature is checked, durable when answered, and its signed
/// receipt fetched. All cards are of one merchant.
/// </summary>
public static class PrepaidLoad
{
    private const long PaidFen = 900_00;

    private sealed record OpenCard(string Id, string Secret, ECDsa Key);

    /// <summary>Measures a closed loop, then arrivals at a rate.</summary>
    public static async Task<IReadOnlyList<Row>> RunAsync(
        Api api, TimeSpan duration, int clients, int cards, int rate, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        await FileAsync(api, cancel);
        var opened = new OpenCard[cards];
        await Parallel.ForEachAsync(Enumerable.Range(0, cards), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel },
            async (i, token) => opened[i] = await OpenAsync(api, token));

        var (closed, receipts, next, done) = (new Samples(), new Samples(), -1, 0L);
        var begun = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => ClientAsync()));
        var seconds = time.GetElapsedTime(begun).TotalSeconds;

        var arrivals = new Samples();
        var running = new List<Task>();
        var started = time.GetTimestamp();
        for (var i = 0; time.GetElapsedTime(started) < duration; i++)
        {
            // Open loop: the next one comes whether the last was answered or not.
            var due = TimeSpan.FromSeconds((double)i / rate) - time.GetElapsedTime(started);
            if (due > TimeSpan.FromMilliseconds(1)) await Task.Delay(due, cancel);
            running.Add(ArriveAsync(Next()));
        }
        await Task.WhenAll(running);
        foreach (var card in opened) card.Key.Dispose();
        return
        [
            new Row($"redemptions a second ({clients} clients, one merchant)", done / seconds, "1/s", "aim", 1500),
            new Row("redemption to HTTP answer, p50", closed.Milliseconds(0.5), "ms"),
            new Row("redemption to HTTP answer, p99", closed.Milliseconds(0.99), "ms"),
            new Row($"p99 at {rate} a second, open loop", arrivals.Milliseconds(0.99), "ms", "aim", 50),
            new Row($"p50 at {rate} a second, open loop", arrivals.Milliseconds(0.5), "ms"),
            new Row("signed receipt to HTTP answer, p50", receipts.Milliseconds(0.5), "ms"),
            new Row("redemptions measured", done + arrivals.Count, ""),
        ];

        OpenCard Next() => opened[(int)((uint)Interlocked.Increment(ref next) % (uint)cards)];

        async Task ClientAsync()
        {
            while (time.GetElapsedTime(begun) < duration)
            {
                var card = Next();
                var at = time.GetTimestamp();
                await RedeemAsync(api, card, time, cancel);
                closed.Add(time.GetElapsedTime(at));
                if (Interlocked.Increment(ref done) % 50 != 0) continue;
                var asked = time.GetTimestamp();
                await api.GetBytesAsync($"/api/prepaid/cards/{card.Id}/receipts/1", cancel);
                receipts.Add(time.GetElapsedTime(asked));
            }
        }

        async Task ArriveAsync(OpenCard card)
        {
            var at = time.GetTimestamp();
            await RedeemAsync(api, card, time, cancel);
            arrivals.Add(time.GetElapsedTime(at));
        }
    }

    private static async Task FileAsync(Api api, CancellationToken cancel)
    {
        using var response = await api.SendAsync(HttpMethod.Put, "/api/prepaid/merchants/own", Api.Json(new JsonObject
        {
            ["name"] = "bench",
            ["jurisdiction"] = "310000",
            ["industry"] = "fitness",
            ["startedOn"] = "2015-01-01",
        }), cancel);
        if (!response.IsSuccessStatusCode) throw await Api.ProblemAsync(response, cancel);
    }

    private static async Task<OpenCard> OpenAsync(Api api, CancellationToken cancel)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var opened = await api.PostAsync("/api/prepaid/cards", new JsonObject
        {
            ["branch"] = "bench",
            ["key"] = Base64Url.EncodeToString(key.ExportSubjectPublicKeyInfo()),
            ["lot"] = new JsonObject { ["id"] = "1", ["kind"] = "value", ["paidFen"] = PaidFen, ["contract"] = new string('a', 64) },
        }, cancel);
        return new OpenCard(opened["card"]!.GetValue<string>(), opened["secret"]!.GetValue<string>(), key);
    }

    private static Task<JsonObject> RedeemAsync(Api api, OpenCard card, TimeProvider time, CancellationToken cancel)
    {
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        var until = time.GetUtcNow().ToUnixTimeSeconds() + 50;
        var signed = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"prepaid-code/1|{card.Id}|{nonce}|{until}"));
        return api.PostAsync($"/api/prepaid/cards/{card.Id}/redemptions", new JsonObject
        {
            ["id"] = nonce,
            ["branch"] = "bench",
            ["wanted"] = new JsonArray(new JsonObject
            {
                ["kind"] = "value",
                ["item"] = "class",
                ["times"] = 1,
                ["listFen"] = 1,
                ["priceFen"] = 1,
            }),
            ["code"] = new JsonObject
            {
                ["card"] = card.Id,
                ["nonce"] = nonce,
                ["until"] = until,
                ["signature"] = Base64Url.EncodeToString(card.Key.SignData(signed, HashAlgorithmName.SHA256)),
            },
        }, cancel);
    }
}
