using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Cli.Demos.Receivables;

/// <summary>
/// What an instance keeps of the story: every id, date and key of it follows from here, so that a load that was broken
/// off goes on with the same requests.
/// </summary>
/// <param name="Number">Five digits; they stand in the numbers of invoices and vouchers.</param>
/// <param name="Begun">When it was first loaded.</param>
/// <param name="Secrets">Secrets of the organisations' clients.</param>
/// <param name="Keys">Private signing keys as JWK, by organisation and capacity: <c>carmaker/maker</c>.</param>
/// <param name="Report">What was printed at the end; null until it has been loaded.</param>
public sealed record StorySet(
    string Number, DateTimeOffset Begun, Dictionary<string, string> Secrets, Dictionary<string, JsonObject> Keys, string? Report = null)
{
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    public static StorySet Begin(TimeProvider time) => new(
        RandomNumberGenerator.GetInt32(100_000).ToString("D5", CultureInfo.InvariantCulture), time.GetUtcNow(), [], []);

    public static StorySet? Read(Instance instance) => File.Exists(FileOf(instance))
        ? JsonSerializer.Deserialize(File.ReadAllBytes(FileOf(instance)), StoryJson.Default.StorySet)
        : null;

    /// <summary>Keeps it where only the instance's owner can read it: it holds the keys of all people of the story.</summary>
    public void Write(Instance instance) =>
        PrivateFile.Write(FileOf(instance), JsonSerializer.SerializeToUtf8Bytes(this, StoryJson.Default.StorySet));

    public static string FileOf(Instance instance) => Path.Combine(instance.Data, "demo", "receivables.json");

    /// <summary>Name of the n-th voucher: <c>V-</c> and 26 digits.</summary>
    public string Root(int number) => string.Create(CultureInfo.InvariantCulture, $"V-{Number}{number:D21}");

    /// <summary>A fully digital e-invoice has 20 digits: year, province, five digits of the set, and a count.</summary>
    public string Invoice(int number) => string.Create(CultureInfo.InvariantCulture, $"2631{Number}{number:D11}");

    /// <summary>A day in Beijing, so many days after the beginning.</summary>
    public string Day(int later) => DateOnly.FromDateTime(Begun.ToOffset(Beijing).DateTime).AddDays(later)
        .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The key of a request that is sent once.</summary>
    public string Once(string name) => $"demo-receivables-{Number}-{name}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StorySet))]
internal sealed partial class StoryJson : JsonSerializerContext;
