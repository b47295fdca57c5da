using System.Diagnostics;

namespace Cli.Supervision;

/// <summary>Runs a command to its end.</summary>
public static class Shell
{
    /// <summary>The command as another user when we are root, else unchanged.</summary>
    public static string[] As(string user, params string[] command) =>
        Environment.UserName == "root"
            ? ["sh", "-c", $"exec setpriv --reuid={user} --regid=$(id -g {user}) --clear-groups \"$@\"", "sh", .. command]
            : command;

    /// <returns>What the command printed to standard output.</returns>
    /// <exception cref="UserException">It failed; the message holds what it printed.</exception>
    public static async Task<string> RunAsync(CancellationToken cancel, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var errors = process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return process.ExitCode == 0
            ? await output
            : throw new UserException($"'{string.Join(' ', command)}' failed:\n{await errors}{await output}", 1);
    }
}
