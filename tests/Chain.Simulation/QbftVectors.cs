using System.Text.Json;
using Chain.Core;

namespace Chain.Simulation;

/// <summary>The cases of one file of tests/Vectors/qbft.</summary>
internal static class QbftVectors
{
    /// <summary>Runs every case, prints how many passed and fails with the ids of those that did not.</summary>
    public static void Run(string suite, Func<JsonElement, bool> passes)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(), $"{suite}.json")));
        var failed = new List<string>();
        int run = 0;
        foreach (var vector in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            run++;
            if (!passes(vector)) failed.Add(vector.GetProperty("id").GetString()!);
        }
        Console.WriteLine($"qbft {suite}: {run - failed.Count} of {run} cases passed");
        if (run == 0 || failed.Count > 0)
            throw new InvalidOperationException($"{suite}: {failed.Count} of {run} failed: {string.Join(", ", failed)}");
    }

    public static byte[] Bytes(this JsonElement element, string name) => Hex.Parse(element.GetProperty(name).GetString());

    public static Address Address(this JsonElement element, string name) =>
        Core.Address.Parse(element.GetProperty(name).GetString());

    public static int Int(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    public static Address[] Addresses(this JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(item => Core.Address.Parse(item.GetString()))];

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Apps.sln"))) folder = folder.Parent;
        return Path.Combine(folder!.FullName, "tests", "Vectors", "qbft");
    }
}
