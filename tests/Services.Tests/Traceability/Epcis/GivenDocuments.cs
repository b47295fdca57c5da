using System.Diagnostics;
using System.Text;
using Services.Tests.Proofs;
using Xunit.Abstractions;

namespace Services.Tests.Traceability.Epcis;

/// <summary>Documents that others published, and GS1's own where the archive lies beside the repository.</summary>
internal static class GivenDocuments
{
    private static readonly Lazy<string?> Shared = new(Unpack);

    public static IReadOnlyDictionary<string, byte[]> OpenEpcis { get; } =
        VectorFiles.Unzip("gs1/openepcis.zip");

    public static IReadOnlyDictionary<string, byte[]> EventHash { get; } =
        VectorFiles.Unzip("gs1/event-hash.zip");

    /// <summary>Whether GS1's archive lies beside the repository.</summary>
    public static bool HasGs1 => Shared.Value is not null;

    /// <summary>Files of GS1's archive below a folder, by path; none when it is not there.</summary>
    public static IReadOnlyDictionary<string, byte[]> Gs1(string folder, string extension)
    {
        if (Shared.Value is not { } root) return new Dictionary<string, byte[]>();
        string below = Path.Combine(root, folder);
        return Directory.GetFiles(below, "*" + extension, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .ToDictionary(path => Path.GetRelativePath(below, path), File.ReadAllBytes);
    }

    public static byte[]? Gs1File(string path) =>
        Shared.Value is { } root ? File.ReadAllBytes(Path.Combine(root, path)) : null;

    public static string[] Lines(byte[] text) => Encoding.UTF8.GetString(text)
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Runs every case, prints which failed and how many passed of how many.</summary>
    public static int Count(
        ITestOutputHelper output, string title, IEnumerable<(string Name, Func<string?> Fault)> cases)
    {
        int passed = 0, given = 0;
        foreach ((string name, Func<string?> fault) in cases)
        {
            given++;
            string? found = fault();
            if (found is null) passed++;
            else output.WriteLine($"  {name}: {(found.Length > 1500 ? found[..1500] : found)}");
        }

        output.WriteLine($"{title}: {passed} of {given} passed");
        return given - passed;
    }

    private static string? Unpack()
    {
        string archive = Path.GetFullPath(Path.Combine(VectorFiles.Folder, "../../../shared/vectors/gs1.tar.xz"));
        if (!File.Exists(archive)) return null;
        string target = Directory.CreateTempSubdirectory("gs1-").FullName;
        using var tar = Process.Start("tar", ["-xJf", archive, "-C", target]);
        tar.WaitForExit();
        string[] found = Directory.GetDirectories(target, "gs1-EPCIS", SearchOption.AllDirectories);
        return tar.ExitCode == 0 && found.Length == 1 ? found[0] : null;
    }
}
