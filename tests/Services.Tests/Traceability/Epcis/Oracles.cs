using System.Diagnostics;
using Services.Tests.Proofs;
using Shouldly;

namespace Services.Tests.Traceability.Epcis;

/// <summary>Libraries of others in node: their packages are fetched once, as the lock file says.</summary>
internal static class Oracles
{
    private static readonly string Folder =
        Path.GetFullPath(Path.Combine(VectorFiles.Folder, "../Services.Tests/Traceability/Epcis/js"));

    private static readonly Lazy<bool> Installed = new(Install);

    /// <summary>Lines that a script prints about lines of JSON.</summary>
    public static string[] Run(string script, byte[] definition, IEnumerable<string> lines)
    {
        Installed.Value.ShouldBeTrue();
        string folder = Directory.CreateTempSubdirectory("epcis-").FullName;
        try
        {
            string first = Path.Combine(folder, "definition.json"), second = Path.Combine(folder, "lines");
            File.WriteAllBytes(first, definition);
            File.WriteAllLines(second, lines);
            return Start("node", script, first, second)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Install()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules"))) Start("npm", "ci", "--silent");
        return true;
    }

    private static string Start(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end.");
        }

        process.ExitCode.ShouldBe(0, error.Result);
        return output.Result;
    }
}
