namespace Repo.Tidy;

/// <summary>The repository that these tests read.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    public static IEnumerable<string> Projects() =>
        ((string[])["chain", "services", "tests"]).SelectMany(f => Directory.EnumerateFiles(Path.Combine(Root, f), "*.csproj", SearchOption.AllDirectories))
            .Where(Ours);

    public static IEnumerable<string> Sources(string folder, string pattern = "*.cs") =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories).Where(Ours);

    private static bool Ours(string path) =>
        !path.Contains("/node_modules/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal)
        && !path.Contains("/artifacts/", StringComparison.Ordinal) && !path.Contains("/Vectors/", StringComparison.Ordinal) && !path.Contains("/vendor/", StringComparison.Ordinal);

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Apps.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
