using System.Diagnostics;
using TestKit;

namespace Chain.Integration.Nodes;

/// <summary>A real node process, started from the build output.</summary>
sealed class NodeProcess(string name, string folder, Uri rpc)
{
    static readonly string Program = typeof(Chain.Node.Cli.RunCommand).Assembly.Location;

    Process? _process;

    public string Name { get; } = name;

    public string Folder { get; } = folder;

    public Uri Rpc { get; } = rpc;

    public string Log => Path.Combine(Folder, "node.log");

    public bool IsRunning => _process is { HasExited: false };

    public TimeSpan CpuTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public void Start() => _process = ChildProcesses.Start("dotnet", [Program, "run", "--dir", Folder], null, Log);

    /// <summary>SIGKILL, as a power cut would end it.</summary>
    public async Task KillAsync()
    {
        ChildProcesses.Signal(_process!, 9);
        await _process!.WaitForExitAsync();
    }

    /// <summary>SIGTERM; answers the exit code.</summary>
    public async Task<int> StopAsync()
    {
        ChildProcesses.Signal(_process!, 15);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        await _process!.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>Runs the program with other arguments to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, output + await error);
    }
}
