using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cli.Demos.Trace;

/// <summary>
/// One set of the stories. Its number is in every identifier and idempotency key, and all its times follow from when it
/// began, so that a load that was broken off goes on with the same requests.
/// </summary>
/// <param name="Number">Five digits.</param>
/// <param name="Begun">When it was first loaded.</param>
/// <param name="Secrets">Secrets of the organisations' clients, and the device's key.</param>
/// <param name="Report">What was printed at the end; null until it has been loaded.</param>
public sealed record Run(string Number, DateTimeOffset Begun, Dictionary<string, string> Secrets, string? Report = null)
{
    // GS1's own prefix for demonstrations and examples.
    private const string Gs1Demonstration = "952";

    /// <summary>A new set.</summary>
    public static Run Begin(TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new Run(
            RandomNumberGenerator.GetInt32(100_000).ToString("D5", CultureInfo.InvariantCulture),
            new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerMinute, TimeSpan.Zero), []);
    }

    /// <summary>The set that an instance has, or is still loading.</summary>
    public static Run? Read(Instance instance) => File.Exists(FileOf(instance))
        ? JsonSerializer.Deserialize(File.ReadAllBytes(FileOf(instance)), RunJson.Default.Run)
        : null;

    /// <summary>Keeps it where only the instance's owner can read it.</summary>
    public void Write(Instance instance) =>
        PrivateFile.Write(FileOf(instance), JsonSerializer.SerializeToUtf8Bytes(this, RunJson.Default.Run));

    /// <summary>Company prefix of eight digits.</summary>
    public string Prefix => Gs1Demonstration + Number;

    /// <summary>A GTIN of 14 digits.</summary>
    public string Gtin(int reference) => Checked($"0{Prefix}{reference:D4}");

    /// <summary>A GLN of 13 digits.</summary>
    public string Gln(int reference) => Checked($"{Prefix}{reference:D4}");

    /// <summary>A serial shipping container code of 18 digits.</summary>
    public string Sscc(int reference) => Checked($"0{Prefix}{reference:D8}");

    /// <summary>Days and hours before the set began.</summary>
    public DateTimeOffset Ago(double days, double hours = 0) => Begun.AddDays(-days).AddHours(-hours);

    /// <summary>The key of a request that is sent once for a set.</summary>
    public string Key(string name) => $"demo-trace-{Number}-{name}";

    /// <summary>Where an instance keeps its set, with the secrets.</summary>
    public static string FileOf(Instance instance) => Path.Combine(instance.Data, "demo", "trace.json");

    // GS1 General Specifications 7.9: weights 3 and 1 from the right.
    private static string Checked(string digits)
    {
        var sum = digits.Reverse().Select((c, i) => (c - '0') * (i % 2 == 0 ? 3 : 1)).Sum();
        return $"{digits}{(10 - sum % 10) % 10}";
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Run))]
internal sealed partial class RunJson : JsonSerializerContext;
