using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Services.Integration.Anchor;

/// <summary>The independent verifier, run as people run it.</summary>
internal static class ScriptVerifier
{
    /// <summary>Its answer about a bundle.</summary>
    public static async Task<JsonNode> RunAsync(byte[] bundle, byte[] trust)
    {
        var folder = Directory.CreateTempSubdirectory("verify-").FullName;
        try
        {
            var (bundleFile, trustFile) = (Path.Combine(folder, "bundle.json"), Path.Combine(folder, "trust.json"));
            await File.WriteAllBytesAsync(bundleFile, bundle);
            await File.WriteAllBytesAsync(trustFile, trust);
            var script = Path.Combine(AnchorBench.Repository(), "services/Verifier.Js/cli.js");
            using var process = Process.Start(
                new ProcessStartInfo("node", [script, bundleFile, "--trust", trustFile]) { RedirectStandardOutput = true })!;
            var printed = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return JsonNode.Parse(printed)!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
