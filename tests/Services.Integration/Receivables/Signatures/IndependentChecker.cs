using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Services.Integration.Receivables.Signatures;

/// <summary>Runs services/Verifier.Js/signed-record.mjs over an export.</summary>
public static class IndependentChecker
{
    public static async Task<(string Verdict, string Text)> RunAsync(string file, IEnumerable<string> firstKeys)
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Apps.sln")))
            root = root.Parent;
        string program = Path.Combine(root!.FullName, "services", "Verifier.Js", "signed-record.mjs");
        ProcessStartInfo start = new("node", [program, file, .. firstKeys])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Length == 0
            ? throw new InvalidOperationException(await errors)
            : ((string)JsonNode.Parse(output)!["verdict"]!, output);
    }
}
