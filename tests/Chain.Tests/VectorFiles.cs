using System.IO.Compression;
using System.Text.Json;

namespace Chain.Tests;

/// <summary>Finds the files of tests/Vectors and reports how many cases of a suite were run.</summary>
public static class VectorFiles
{
    private static readonly string Folder = FindFolder();

    public static string PathOf(string name) => Path.Combine(Folder, name);

    public static JsonElement ReadJson(string name)
    {
        using var file = File.OpenRead(PathOf(name));
        using Stream content = name.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(file, CompressionMode.Decompress)
            : file;
        using var document = JsonDocument.Parse(content);
        return document.RootElement.Clone();
    }

    /// <summary>Prints the count of a suite and fails when it is empty or any case failed.</summary>
    public static void Report(string suite, int run, IReadOnlyCollection<string> failures, int notAvailable = 0)
    {
        Console.WriteLine($"{suite}: {run - failures.Count} of {run} cases passed, {notAvailable} not available");
        if (run == 0) throw new InvalidOperationException($"{suite}: no case was run.");
        if (failures.Count > 0)
            throw new InvalidOperationException(
                $"{suite}: {failures.Count} of {run} cases failed:\n{string.Join('\n', failures.Take(20))}");
    }

    private static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Apps.sln")))
                return Path.Combine(folder.FullName, "tests", "Vectors");
        }
        throw new DirectoryNotFoundException("tests/Vectors is not above the test assembly.");
    }
}
