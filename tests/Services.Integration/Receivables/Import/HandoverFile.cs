using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Receivables.Import;
using Receivables.Vouchers;
using Services.Integration.Receivables.Signatures;
using Shouldly;
using static Services.Integration.Receivables.RunningReceivables;

namespace Services.Integration.Receivables.Import;

/// <summary>Another platform: its key, and the files that it signs.</summary>
internal sealed class HandoverFile : IDisposable
{
    public const string Platform = "north";
    private readonly Signer _key = new("platform");

    public async Task RegisterAsync(RunningReceivables services) => await PostAsync(
        await services.AsAsync("suite", "operator"), "platforms", new JsonObject
        {
            ["platform"] = Platform,
            ["name"] = "北方供应链平台",
            ["x"] = _key.X,
            ["y"] = _key.Y,
        });

    /// <summary>A voucher of the car maker, held by some in turn, that rests on one invoice.</summary>
    public static HandoverVoucher Voucher(string root, string invoice, params (string To, long Fen)[] parts)
    {
        long at = 0;
        List<StatedPart> stated = [];
        foreach ((string to, long fen) in parts)
        {
            stated.Add(new StatedPart(to, fen, at, 1));
            at += fen;
        }
        DateOnly today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        return new HandoverVoucher(
            root, "carmaker", "seats", at, today.AddDays(-10), today.AddDays(90),
            [new TradeReference("invoice", new string('a', 64))], new Terms(), [new HandoverThing("invoice", invoice, at)],
            stated);
    }

    public static Handover File(string number, params HandoverVoucher[] vouchers)
    {
        HandoverBalance[] balances = [.. vouchers.SelectMany(v => v.Stated).GroupBy(p => p.To)
            .OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new HandoverBalance(g.Key, g.Sum(p => p.Fen)))];
        return new Handover(
            Handover.Form, Platform, "this-platform", number, "2026-02-01T00:00:00Z", vouchers.Sum(v => v.FaceFen),
            vouchers, balances, SumTree.Of(balances).RootHex);
    }

    /// <summary>Sends a file, signed; the code of a refusal, or null.</summary>
    public async Task<string?> SendAsync(
        RunningReceivables services, Handover file, int status = 200, Func<string, string>? forge = null)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(file, HandoverJson.Default.Handover));
        string signature = _key.Sign(bytes);
        if (forge is not null)
            bytes = Encoding.UTF8.GetBytes(forge(Encoding.UTF8.GetString(bytes)));
        using HttpRequestMessage request = new(HttpMethod.Post, "imports") { Content = new ByteArrayContent(bytes) };
        request.Headers.Add("Handover-Signature", signature);
        using HttpResponseMessage response =
            await (await services.AsAsync("suite", "operator")).SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        return (string?)JsonNode.Parse(text)!["code"];
    }

    /// <summary>The debtor's command for a voucher, as the service offers it.</summary>
    public static async Task<JsonObject> CommandAsync(RunningReceivables services, string number, string root, string id)
    {
        JsonObject import = await GetAsync(await services.AsAsync("carmaker"), $"imports/{Platform}/{number}");
        JsonObject command = (JsonObject)((JsonArray)import["vouchers"]!)
            .Single(v => (string)v!["root"]! == root)!["command"]!.DeepClone();
        command["commandId"] = id;
        return command;
    }

    public void Dispose() => _key.Dispose();
}
