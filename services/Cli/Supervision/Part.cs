using System.ComponentModel;
using System.Diagnostics;

namespace Cli.Supervision;

/// <summary>A process that the supervisor keeps running.</summary>
/// <param name="Name">Its name in messages; its log is <c>{Name}.log</c>.</param>
/// <param name="Command">Program and arguments.</param>
/// <param name="Environment">Variables added to the environment.</param>
/// <param name="Ready">Completes when the part answers; throws when it never will.</param>
/// <param name="StopSignal">The signal that ends it in an orderly way.</param>
public sealed record Part(
    string Name,
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string> Environment,
    Func<CancellationToken, Task> Ready,
    string StopSignal = "TERM")
{
    /// <summary>User that the process runs as when the supervisor is root; null for the same user.</summary>
    public string? User { get; init; }

    /// <summary>Time that an orderly stop may take.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Runs a <see cref="Part"/> and starts it again with growing pauses when it dies.</summary>
public sealed class Runner(Part part, Instance instance, TimeProvider time, Action<string> report) : IDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource _stopping = new();
    private Process? _process;
    private Task _loop = Task.CompletedTask;

    public string Name => part.Name;
    public string LogFile => Path.Combine(instance.Logs, part.Name + ".log");

    /// <summary>Starts the process and waits until it is ready.</summary>
    /// <exception cref="UserException">It died or did not become ready; the message names its log.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        _process = Launch();
        _loop = KeepRunningAsync();
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var ready = part.Ready(watch.Token);
        var ended = _process.WaitForExitAsync(watch.Token);
        if (await Task.WhenAny(ready, ended) == ended && !ready.IsCompletedSuccessfully && !cancel.IsCancellationRequested)
        {
            await watch.CancelAsync();
            throw new UserException($"{part.Name} ended while starting. Its log: {LogFile}\n{Tail()}", 1);
        }

        try
        {
            await ready;
        }
        catch (TimeoutException e)
        {
            throw new UserException($"{part.Name} is not ready: {e.Message} Its log: {LogFile}\n{Tail()}", 1);
        }

        await watch.CancelAsync();
    }

    private async Task KeepRunningAsync()
    {
        var pause = ShortestPause;
        try
        {
            while (true)
            {
                var started = time.GetTimestamp();
                await _process!.WaitForExitAsync(_stopping.Token);
                if (time.GetElapsedTime(started) > Settled) pause = ShortestPause;
                report($"{part.Name} ended (exit code {_process.ExitCode}); starting it again in {pause.TotalSeconds:0.#} s. Its log: {LogFile}");
                do
                {
                    await Task.Delay(pause, time, _stopping.Token);
                    pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
                }
                while (!TryLaunchAgain(pause));
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    // No process, file or memory to be had may be a matter of minutes: only a stop ends the trying.
    private bool TryLaunchAgain(TimeSpan pause)
    {
        try
        {
            var ended = _process;
            _process = Launch();
            ended?.Dispose();
            return true;
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            report($"{part.Name} can't be started: {e.Message} Trying again in {pause.TotalSeconds:0.#} s.");
            return false;
        }
    }

    /// <summary>Ends the process, by force when it does not end in time.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        if (_process is null || _process.HasExited) return;
        Leftovers.Signal(_process.Id, part.StopSignal);
        using var patience = new CancellationTokenSource(part.StopTimeout);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            report($"{part.Name} did not stop within {part.StopTimeout.TotalSeconds:0} s and was ended by force.");
            Leftovers.Signal(_process.Id, "KILL");
        }
    }

    private Process Launch()
    {
        // A shell redirects the output to the log, then becomes the program: the log survives the supervisor, and setsid
        // keeps a Ctrl-C at the terminal from reaching the parts before the supervisor stops them in order.
        var user = part.User is { } name && System.Environment.UserName == "root"
            ? $"setpriv --reuid={name} --regid=$(id -g {name}) --clear-groups "
            : "";
        var start = new ProcessStartInfo("setsid")
        {
            ArgumentList = { "sh", "-c", $"exec {user}\"$@\" >>\"$APPS_LOG\" 2>&1 </dev/null", "sh" },
            WorkingDirectory = instance.Data,
        };
        foreach (var argument in part.Command) start.ArgumentList.Add(argument);
        start.Environment[Leftovers.Mark] = instance.Data;
        start.Environment["APPS_LOG"] = LogFile;
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_GCConserveMemory"] = "6";
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (key, value) in part.Environment) start.Environment[key] = value;
        var process = Process.Start(start)!;
        try
        {
            File.WriteAllText(Path.Combine(instance.Run, part.Name + ".pid"), $"{process.Id}\n");
        }
        catch
        {
            // Nobody would know of it, and the next attempt would start a second one.
            process.Kill();
            process.Dispose();
            throw;
        }

        return process;
    }

    private string Tail() => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(12)) : "";

    public void Dispose()
    {
        _process?.Dispose();
        _stopping.Dispose();
    }
}
