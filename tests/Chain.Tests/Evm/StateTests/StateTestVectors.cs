using System.Formats.Tar;
using System.IO.Compression;

namespace Chain.Tests.Evm.StateTests;

/// <summary>The files of GeneralStateTests, unpacked in memory from <c>tests/Vectors/state-tests</c>.</summary>
internal static class StateTestVectors
{
    public static IEnumerable<(string Name, byte[] Json)> Read()
    {
        using var tar = new TarReader(new GZipStream(File.OpenRead(Path()), CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || !entry.Name.EndsWith(".json", StringComparison.Ordinal))
                continue;
            using var json = new MemoryStream();
            entry.DataStream.CopyTo(json);
            var name = entry.Name[(entry.Name.IndexOf('/', StringComparison.Ordinal) + 1)..^".json".Length];
            yield return (name, json.ToArray());
        }
    }

    private static string Path()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Apps.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("Not inside the repository.");
        return System.IO.Path.Combine(folder.FullName, "tests", "Vectors", "state-tests", "GeneralStateTests.tar.gz");
    }
}
