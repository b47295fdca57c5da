using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Cli.Demos.Trace;

/// <summary>A printed code: its place in the batch, its serial and its link.</summary>
public sealed record Code(int Number, string Serial, string Link);

/// <summary>
/// One organisation of the stories with a client of its own. Whatever it does goes through the public API under its own
/// token, and it never sees another's secret.
/// </summary>
public sealed class Party(Run run, string id, string chinese, string english, int place, Api api) : IDisposable
{
    private const string Root = "/api/trace/";
    private static readonly TimeSpan CapturePatience = TimeSpan.FromMinutes(2);

    /// <summary>The organisation's id.</summary>
    public string Tenant { get; } = $"{id}-{run.Number}";

    public string Chinese { get; } = chinese;

    public string English { get; } = english;

    /// <summary>The GLN of its first place.</summary>
    public string Gln { get; } = run.Gln(place);

    public Api Api { get; } = api;

    public void Dispose() => Api.Dispose();

    public Task<JsonObject> PutAsync(string path, JsonNode body, CancellationToken cancel) =>
        SentAsync(HttpMethod.Put, path, Api.Json(body), path, cancel);

    public Task<JsonObject> SendAsync(HttpMethod method, string path, JsonNode body, string name, CancellationToken cancel) =>
        SentAsync(method, path, Api.Json(body), name, cancel);

    public Task<JsonObject> PostAsync(string path, JsonNode body, CancellationToken cancel, string? name = null) =>
        SentAsync(HttpMethod.Post, path, Api.Json(body), name ?? path, cancel);

    public Task<JsonObject> PostAsync(string path, HttpContent body, CancellationToken cancel, string? name = null) =>
        SentAsync(HttpMethod.Post, path, body, name ?? path, cancel);

    public Task<HttpResponseMessage> TryAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancel, string? name = null) =>
        Api.SendAsync(method, Root + path, body, cancel, name is null ? null : Key(name));

    public Task<JsonObject> GetAsync(string path, CancellationToken cancel) => Api.GetAsync(Root + path, cancel);

    /// <summary>Captures events as one EPCIS 2.0 document and waits until all of them are durable.</summary>
    public async Task<int> CaptureAsync(string name, IEnumerable<JsonObject> events, CancellationToken cancel)
    {
        var list = new JsonArray([.. events]);
        var body = Api.Json(new JsonObject
        {
            ["@context"] = new JsonArray(
                "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
                new JsonObject { ["cbvmda"] = "urn:epcglobal:cbv:mda:" }),
            ["type"] = "EPCISDocument",
            ["schemaVersion"] = "2.0",
            ["creationDate"] = Happening.Time(run.Begun),
            ["epcisBody"] = new JsonObject { ["eventList"] = list },
        });
        var job = await CaptureAsync(name, body, cancel);
        Narration.Expect(job["success"]!.GetValue<bool>() && job["captured"]!.GetValue<int>() == list.Count,
            $"{list.Count} captured events", job.ToJsonString(Readable));
        return list.Count;
    }

    /// <summary>Captures a document in any form and returns the finished job.</summary>
    public async Task<JsonObject> CaptureAsync(string name, HttpContent document, CancellationToken cancel)
    {
        using var accepted = await TryAsync(HttpMethod.Post, "epcis/v2/capture", document, cancel, name);
        if (!accepted.IsSuccessStatusCode) throw await Api.ProblemAsync(accepted, cancel);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(CapturePatience);
        var path = accepted.Headers.Location!.ToString().TrimStart('/');
        while (true)
        {
            var job = await GetAsync(path, patience.Token);
            if (!job["running"]!.GetValue<bool>()) return job;
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>Issues, prints and reads a batch of codes.</summary>
    public async Task<(string Batch, IReadOnlyList<Code> Codes)> IssueAsync(string gtin, int count, string purpose, CancellationToken cancel)
    {
        var batch = await PostAsync("codes/batches", new JsonObject
        {
            ["gtin"] = gtin,
            ["count"] = count,
            ["stem"] = Api.Origin,
            ["purpose"] = purpose,
        }, cancel, $"batch-{gtin}-{purpose}");
        var id = batch["id"]!.GetValue<string>();
        await PostAsync($"codes/batches/{id}/printed", new JsonObject { ["from"] = 0, ["count"] = count, ["order"] = "P-" + run.Number }, cancel);
        return (id, await CodesAsync(id, cancel));
    }

    /// <summary>A batch's codes in the order in which they stand on the roll.</summary>
    public async Task<IReadOnlyList<Code>> CodesAsync(string batch, CancellationToken cancel)
    {
        var csv = Encoding.UTF8.GetString(await Api.GetBytesAsync($"{Root}codes/batches/{batch}/codes.csv", cancel));
        return [.. csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Trim().Split(','))
            .Select(f => new Code(int.Parse(f[0], CultureInfo.InvariantCulture), f[1], f[2]))];
    }

    /// <summary>A text in another form than JSON.</summary>
    public static ByteArrayContent Text(byte[] text, string type)
    {
        var content = new ByteArrayContent(text);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    public static JsonObject Words(string chinese, string english) => new() { ["zh"] = chinese, ["en"] = english };

    public static readonly System.Text.Json.JsonSerializerOptions Readable =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private async Task<JsonObject> SentAsync(HttpMethod method, string path, HttpContent body, string name, CancellationToken cancel)
    {
        using var response = await TryAsync(method, path, body, cancel, name);
        if (response.StatusCode == HttpStatusCode.NoContent) return [];
        return await Api.ReadAsync(response, cancel);
    }

    // A key is 1 to 255 visible ASCII characters.
    private string Key(string name) => run.Key($"{id}-{string.Concat(name.Select(c => c is > ' ' and <= '~' ? c : '-'))}");
}
