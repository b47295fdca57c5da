using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Proofs;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>An alarm's evidence pack, verified offline as the other side would.</summary>
[Collection(SuiteCollection.Name)]
public sealed class AlarmPackTests(Suite suite)
{
    private const string Gtin = "06901234000160";
    private const string Gln = "6901234000023";
    private const string Carton = "https://id.gs1.org/00/069012340000000016";
    private string _token = "";

    [Fact]
    public async Task All_of_a_pack_is_proven_and_a_changed_fact_is_seen()
    {
        _token = await suite.TokenAsync();
        var files = await PackAsync(await DivertedAsync());
        var trust = files["trust.json"];
        var manifest = JsonNode.Parse(files["manifest.json"])!;
        manifest["complete"]!.GetValue<bool>().ShouldBeTrue();
        foreach (var file in manifest["files"]!.AsArray())
        {
            Convert.ToHexStringLower(SHA256.HashData(files[file!["path"]!.ToString()])).ShouldBe(file["sha256"]!.ToString());
        }

        var proofs = files.Keys.Where(n => n.EndsWith(".proof.json", StringComparison.Ordinal)).ToList();
        foreach (var name in proofs) Verifier.Verify(files[name], trust).Verdict.ShouldBe(Verdict.Proven, name);
        proofs.Count(n => n.StartsWith("events/", StringComparison.Ordinal)).ShouldBe(2);
        proofs.ShouldContain(n => n.StartsWith("sources/territory-", StringComparison.Ordinal));

        // What the movements say: the carton, its bottles and where it went, and no more.
        var shown = files.Keys.Where(n => n.EndsWith(".statements.json", StringComparison.Ordinal)).ToList();
        shown.Count.ShouldBe(2);
        foreach (var name in shown)
        {
            var proven = Verifier.Verify(files[name.Replace(".statements.", ".proof.", StringComparison.Ordinal)], trust);
            Statements.Check(files[name], proven.Event).Verdict.ShouldBe(Verdict.Proven, name);
            Encoding.UTF8.GetString(files[name]).ShouldNotContain("order-77");
        }

        string.Concat(shown.Select(n => Encoding.UTF8.GetString(files[n]))).ShouldContain(Gln);
        ChangedFactIsSeen(files, trust);
    }

    /// <summary>One scan fewer outside of the territory: in the bundle, and in the copy of the event beside it.</summary>
    private static void ChangedFactIsSeen(Dictionary<string, byte[]> files, byte[] trust)
    {
        const string Proof = "events/01-raised.proof.json";
        var bundle = JsonNode.Parse(files[Proof])!.AsObject();
        var told = Encoding.UTF8.GetString(Convert.FromBase64String(bundle["event"]!.ToString()));
        told.ShouldContain("\"outside\":12");
        var changed = told.Replace("\"outside\":12", "\"outside\":11", StringComparison.Ordinal);
        bundle["event"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(changed));
        var text = bundle.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Verifier.Verify(Encoding.UTF8.GetBytes(text), trust).Verdict.ShouldBe(Verdict.Refuted);
        var digest = Verifier.Verify(files[Proof], trust).Digest!.Value;
        SHA256.HashData(files["events/01-raised.json"]).ShouldBe(digest.Bytes.ToArray());
        SHA256.HashData(Encoding.UTF8.GetBytes(changed)).ShouldNotBe(digest.Bytes.ToArray());
    }

    /// <summary>A carton of twelve that went to a dealer in Zhejiang and was looked at in Sichuan.</summary>
    private async Task<string> DivertedAsync()
    {
        await SendAsync(HttpMethod.Put, $"products/{Gtin}", """{"name":{"zh":"酒","en":"Wine"}}""");
        await SendAsync(HttpMethod.Put, "dealers/D1", $$"""{"name":{"zh":"浙江经销","en":"Zhejiang"},"regions":["33"],"gln":"{{Gln}}"}""");
        string[] bottles = [.. Enumerable.Range(1, 12).Select(i => $"https://id.gs1.org/01/{Gtin}/21/B{i}")];
        var children = string.Join(',', bottles.Select(b => $"\"{b}\""));
        foreach (var e in new[]
                 {
                     $$"""{"type":"AggregationEvent","eventTime":"2026-03-01T09:00:00.000+08:00","eventTimeZoneOffset":"+08:00","parentID":"{{Carton}}","childEPCs":[{{children}}],"action":"ADD","bizStep":"packing"}""",
                     $$"""{"type":"ObjectEvent","eventTime":"2026-03-02T09:00:00.000+08:00","eventTimeZoneOffset":"+08:00","epcList":["{{Carton}}"],"action":"OBSERVE","bizStep":"shipping","bizTransactionList":[{"bizTransaction":"urn:x:order-77"}],"destinationList":[{"type":"possessing_party","destination":"https://id.gs1.org/417/{{Gln}}"}]}""",
                 })
        {
            var body = JsonNode.Parse(e)!.AsObject();
            body["@context"] = new JsonArray("https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld");
            await SendAsync(HttpMethod.Post, "epcis/v2/events", body.ToJsonString());
        }

        var now = DateTimeOffset.UtcNow;
        await SendAsync(HttpMethod.Post, "scans/reports", new JsonObject
        {
            ["checks"] = new JsonArray([.. bottles.Select((b, i) => new JsonObject
            {
                ["link"] = b, ["at"] = now.AddHours(-1).AddMinutes(i).ToString("O"), ["region"] = "510100", ["device"] = $"d{i}",
            })]),
        }.ToJsonString());
        await SendAsync(HttpMethod.Post, "alarms/run", "{}");
        var alarms = await SendAsync(HttpMethod.Get, "alarms?kind=diversion", null);
        return alarms["items"]!.AsArray().Single(a => a!["subject"]!.ToString() == Carton)!["id"]!.ToString();
    }

    private async Task<Dictionary<string, byte[]>> PackAsync(string id)
    {
        byte[] zip = [];
        await Suite.UntilAsync(TimeSpan.FromSeconds(60), async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{suite.Origin}/api/trace/alarms/{id}/pack?wait=20");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
            using var response = await suite.Http.SendAsync(request);
            if (response.StatusCode == HttpStatusCode.Conflict) return false;
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            zip = await response.Content.ReadAsByteArrayAsync();
            return true;
        });
        using ZipArchive archive = new(new MemoryStream(zip));
        Dictionary<string, byte[]> files = [];
        foreach (var entry in archive.Entries)
        {
            using MemoryStream bytes = new();
            await using (var stream = entry.Open()) await stream.CopyToAsync(bytes);
            files.Add(entry.FullName, bytes.ToArray());
        }

        return files;
    }


    private Task<JsonObject> SendAsync(HttpMethod method, string path, string? json = null) =>
        suite.SendAsync(_token, method, path, json);
}
