using System.Diagnostics;
using System.Text.Json.Nodes;
using TestKit;
using Xunit;

namespace EndToEnd;

/// <summary>One running instance of the published suite, with a data folder and ports of its own.</summary>
public sealed class Suite : IAsyncLifetime
{
    private Process? _supervisor;

    public static string Home { get; } = FindHome();

    public string Data { get; } = Path.Combine(Path.GetTempPath(), $"apps-e2e-{Guid.CreateVersion7():N}"[..24]);

    public int Port { get; } = FreeBase();

    public string Origin => $"http://127.0.0.1:{Port}";

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    public JsonNode Access => JsonNode.Parse(File.ReadAllText(Path.Combine(Data, "access.json")))!;

    public async Task InitializeAsync() => await StartAsync();

    public async Task StartAsync()
    {
        lock (_output) _output.Clear();
        _supervisor = Start("up", "--no-demo");
        _ = Drain(_supervisor.StandardOutput);
        _ = Drain(_supervisor.StandardError);
        await UntilAsync(TimeSpan.FromMinutes(3), async () =>
        {
            if (_supervisor.HasExited) throw new InvalidOperationException($"the suite ended while starting:\n{Output()}");
            // Its own word first: parts that an earlier supervisor left behind answer too.
            return Output().Contains("Ctrl-C stops everything", StringComparison.Ordinal) && (await Http.GetAsync(new Uri($"{Origin}/health/ready"))).IsSuccessStatusCode;
        }, Output);
    }

    /// <summary>Stops in order. Not by SIGINT, which a run in the background may have been told to ignore.</summary>
    public async Task StopAsync()
    {
        await RunAsync("kill", ["-TERM", $"{_supervisor!.Id}"]);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _supervisor.WaitForExitAsync(patience.Token);
    }

    /// <summary>Ends the supervisor alone, with no chance to stop its parts.</summary>
    public async Task KillSupervisorAsync()
    {
        _supervisor!.Kill();
        await _supervisor.WaitForExitAsync();
    }

    /// <summary>Ends every process of the instance at once, as a loss of power does.</summary>
    public async Task CutPowerAsync()
    {
        await KillSupervisorAsync();
        await UntilAsync(TimeSpan.FromSeconds(20), async () =>
        {
            var left = Processes();
            if (left.Count > 0) await RunAsync("kill", ["-KILL", .. left.Select(id => $"{id}")]);
            return left.Count == 0;
        });
    }

    public async Task DisposeAsync()
    {
        if (_supervisor is { HasExited: false }) await StopAsync();
        Http.Dispose();
        if (Environment.GetEnvironmentVariable("KEEP_DATA") is null) Directory.Delete(Data, recursive: true);
    }

    /// <summary>Runs <c>./apps</c> against this instance.</summary>
    public Task<(int Code, byte[] Out, string Error)> AppsAsync(params string[] arguments) => RunAsync(Path.Combine(Home, "apps"), arguments);

    /// <summary>The process id of a part, as the supervisor wrote it.</summary>
    public int ProcessId(string part) => int.Parse(File.ReadAllText(Path.Combine(Data, "run", part + ".pid")));

    public void Kill(string part) => Process.GetProcessById(ProcessId(part)).Kill();

    /// <summary>Processes that carry this instance's mark.</summary>
    public int ProcessesLeft() => Processes().Count;

    private List<int> Processes() => [.. Directory.EnumerateDirectories("/proc").Where(folder =>
    {
        try
        {
            // A child of PostgreSQL overwrites its environment and is known by the folder it works in.
            return int.TryParse(Path.GetFileName(folder), out _)
                && (File.ReadAllText($"{folder}/environ").Contains($"APPS_INSTANCE={Data}\0", StringComparison.Ordinal)
                    || File.ResolveLinkTarget($"{folder}/cwd", false)?.FullName.StartsWith(Data + "/postgres", StringComparison.Ordinal) == true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }).Select(folder => int.Parse(Path.GetFileName(folder)))];

    public async Task<(int Code, byte[] Out, string Error)> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(Info(program, arguments))!;
        process.StandardInput.Close();
        using var output = new MemoryStream();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        return (process.ExitCode, output.ToArray(), await error);
    }

    public static async Task UntilAsync(TimeSpan deadline, Func<Task<bool>> condition, Func<string>? explain = null)
    {
        var clock = Stopwatch.StartNew();
        Exception? last = null;
        while (clock.Elapsed < deadline)
        {
            try
            {
                if (await condition()) return;
            }
            catch (HttpRequestException e)
            {
                last = e;
            }

            await Task.Delay(100);
        }

        throw new TimeoutException($"not so within {deadline}: {explain?.Invoke()}", last);
    }

    private readonly System.Text.StringBuilder _output = new();

    private string Output()
    {
        lock (_output) return _output.ToString();
    }

    private async Task Drain(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output) _output.AppendLine(line);
        }
    }

    private Process Start(params string[] arguments) =>
        Process.Start(Info(Path.Combine(Home, "artifacts", "publish", "Cli", "release", "apps"), arguments))!;

    private ProcessStartInfo Info(string program, string[] arguments) => new(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        RedirectStandardInput = true,
        Environment = { ["APPS_HOME"] = Home, ["APPS_DATA"] = Data, ["APPS_PORT"] = $"{Port}", ["HOME"] = Data },
    };

    private static int FreeBase()
    {
        for (var port = 21000; port < 60000; port += 100)
        {
            if (Enumerable.Range(port, 40).All(Ports.IsFree)) return port;
        }

        throw new InvalidOperationException("no 40 free ports in a row");
    }

    private static string FindHome()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Apps.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}

[CollectionDefinition(Name)]
public sealed class SuiteCollection : ICollectionFixture<Suite>
{
    public const string Name = "suite";
}
