using System.Formats.Tar;
using System.IO.Compression;

namespace Chain.Tests.Evm.StateTests;

/// <summary>The files of GeneralStateTests, unpacked in memory from <c>tests/Vectors/state-tests</c>.</summary>
internal static class StateTestVectors
{
    public static IEnumerable<(string Name, byte[] Json)> Read()
    {
        using var file = File.OpenRead(VectorFiles.PathOf("state-tests/GeneralStateTests.tar.gz"));
        using var tar = new TarReader(new GZipStream(file, CompressionMode.Decompress));
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
}
