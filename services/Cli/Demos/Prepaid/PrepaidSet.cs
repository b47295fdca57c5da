using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cli.Demos.Prepaid;

/// <summary>
/// What an instance keeps of the street: its dates follow from here, so that a load that was broken off goes on with the
/// same requests.
/// </summary>
/// <param name="Number">Five digits; they stand in the keys of requests.</param>
/// <param name="Begun">When it was first loaded.</param>
/// <param name="Secrets">Secrets of the organisations' clients.</param>
/// <param name="Report">What was printed at the end; null until it has been loaded.</param>
public sealed record PrepaidSet(string Number, DateTimeOffset Begun, Dictionary<string, string> Secrets, string? Report = null)
{
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    public static PrepaidSet Begin(TimeProvider time) => new(
        RandomNumberGenerator.GetInt32(100_000).ToString("D5", CultureInfo.InvariantCulture), time.GetUtcNow(), []);

    public static PrepaidSet? Read(Instance instance) => File.Exists(FileOf(instance))
        ? JsonSerializer.Deserialize(File.ReadAllBytes(FileOf(instance)), PrepaidSetJson.Default.PrepaidSet)
        : null;

    /// <summary>Keeps it where only the instance's owner can read it.</summary>
    public void Write(Instance instance) =>
        PrivateFile.Write(FileOf(instance), JsonSerializer.SerializeToUtf8Bytes(this, PrepaidSetJson.Default.PrepaidSet));

    public static string FileOf(Instance instance) => Path.Combine(instance.Data, "demo", "prepaid.json");

    /// <summary>The last day in China that was over when it was first loaded; the street's last day.</summary>
    public DateOnly Yesterday => DateOnly.FromDateTime(Begun.ToOffset(Beijing).DateTime).AddDays(-1);

    /// <summary>The key of a request that is sent once.</summary>
    public string Once(string name) => $"demo-prepaid-{Number}-{name}";

    /// <summary>A day as requests write it.</summary>
    public static string Write(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PrepaidSet))]
internal sealed partial class PrepaidSetJson : JsonSerializerContext;
