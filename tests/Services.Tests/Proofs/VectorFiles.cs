using System.IO.Compression;
using System.Text.Json;

namespace Services.Tests.Proofs;

/// <summary>Reads files below <c>tests/Vectors</c>, archives in memory.</summary>
internal static class VectorFiles
{
    public static string Folder { get; } = Find();

    public static byte[] Read(string path) => File.ReadAllBytes(Path.Combine(Folder, path));

    public static JsonElement Json(byte[] bytes) => JsonDocument.Parse(bytes).RootElement;

    public static byte[] Gunzip(string path)
    {
        using var stream = new GZipStream(new MemoryStream(Read(path)), CompressionMode.Decompress);
        return All(stream);
    }

    public static Dictionary<string, byte[]> Unzip(string path)
    {
        using var archive = new ZipArchive(new MemoryStream(Read(path)));
        return archive.Entries.ToDictionary(e => e.FullName, e =>
        {
            using var stream = e.Open();
            return All(stream);
        });
    }

    private static byte[] All(Stream stream)
    {
        var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Apps.sln")))
                return Path.Combine(folder.FullName, "tests", "Vectors");
        }
        throw new DirectoryNotFoundException("No folder above the test assembly holds Apps.sln.");
    }
}
