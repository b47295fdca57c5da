using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Caching.Memory;

namespace Portal.Components.Pages.Evidence;

/// <summary>What came of a batch.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Count">How many deposits.</param>
/// <param name="At">When they were recorded, as the service wrote it.</param>
/// <param name="Earlier">How many of the digests had been deposited before.</param>
/// <param name="Csv">Line, deposit number, digest, name and business number of each.</param>
public sealed record BatchResult(string? Tenant, int Count, JsonNode? At, int Earlier, byte[] Csv);

/// <summary>
/// Results of batches, kept for an hour so that their page can be opened again. Nothing is lost with them: the same form
/// sent again is answered with the same numbers.
/// </summary>
public sealed class BatchResults(TimeProvider time) : IDisposable
{
    private const long BytesMax = 64 << 20;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private readonly MemoryCache _results = new(new MemoryCacheOptions { SizeLimit = BytesMax, Clock = new Clock(time) });

    /// <summary>Keeps a result under a name that can't be guessed.</summary>
    public string Keep(BatchResult result)
    {
        var name = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));
        _results.Set(name, result, new MemoryCacheEntryOptions { Size = result.Csv.Length, AbsoluteExpirationRelativeToNow = Lifetime });
        return name;
    }

    /// <summary>A tenant's result, or null.</summary>
    public BatchResult? Find(string name, string? tenant) =>
        _results.TryGetValue(name, out BatchResult? result) && result!.Tenant == tenant ? result : null;

    /// <summary>Makes the result of a service's answer.</summary>
    public static BatchResult Of(string? tenant, IReadOnlyList<BatchLine> lines, JsonNode answer)
    {
        var ids = answer["ids"]!.AsArray();
        var earlier = (answer["earlier"] as JsonArray ?? []).ToDictionary(e => e!["index"]!.GetValue<int>(), e => e!["deposits"]?[0]?["id"]?.ToString());
        // The mark tells spreadsheets that it is UTF-8.
        var csv = new StringBuilder("\uFEFFline,id,sha256,name,businessId,earlierDeposit\r\n");
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i];
            csv.Append(line.Number).Append(',').Append(ids[i]).Append(',').Append(line.Sha256).Append(',')
                .Append(Quoted(line.Name)).Append(',').Append(Quoted(line.BusinessId)).Append(',').Append(earlier.GetValueOrDefault(i)).Append("\r\n");
        }

        return new BatchResult(tenant, lines.Count, answer["recordedAt"]?.DeepClone(), earlier.Count, Encoding.UTF8.GetBytes(csv.ToString()));
    }

    // A name that came from elsewhere must not become a formula in a spreadsheet: what would begin one follows a mark.
    private static string Quoted(string? value)
    {
        if (value is not { Length: > 0 }) return "";
        var text = "=+-@\t".Contains(value[0], StringComparison.Ordinal) ? "'" + value : value;
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    public void Dispose() => _results.Dispose();

    private sealed class Clock(TimeProvider time) : Microsoft.Extensions.Internal.ISystemClock
    {
        public DateTimeOffset UtcNow => time.GetUtcNow();
    }
}
