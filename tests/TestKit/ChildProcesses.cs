using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TestKit;

/// <summary>Starts servers as children that do not outlive the test process, even when that is killed.</summary>
internal static partial class ChildProcesses
{
    private const string FolderPrefix = "apps-testkit-";
    private static readonly string TemporaryRoot = Directory.Exists("/tmp") ? "/tmp" : Path.GetTempPath();
    private static readonly BlockingCollection<Action> Starts = [];
    private static readonly ConcurrentDictionary<int, Process> Running = [];
    private static int s_folders;

    static ChildProcesses()
    {
        // PR_SET_PDEATHSIG follows the thread that forked, so all forks happen on one thread that never ends.
        var launcher = new Thread(() =>
        {
            foreach (var start in Starts.GetConsumingEnumerable()) start();
        })
        { IsBackground = true, Name = "server launcher" };
        launcher.Start();
        DeleteLeftovers();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => End();
    }

    public static bool IsRoot { get; } = Environment.UserName == "root";

    /// <summary>Starts a program in a session of its own; its output goes to <paramref name="log"/>.</summary>
    public static Process Start(
        string file, IEnumerable<string> arguments, string? account, string log,
        IReadOnlyDictionary<string, string>? environment = null, string deathSignal = "SIGKILL")
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                started.SetResult(StartHere(file, arguments, account, log, environment, deathSignal));
            }
            catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
            {
                started.SetException(e);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }

    /// <summary>Runs a program to its end and returns what it wrote.</summary>
    /// <exception cref="InvalidOperationException">It could not start, failed or took over two minutes.</exception>
    public static async Task<string> RunAsync(
        string file, IEnumerable<string> arguments, string? account = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = new Process { StartInfo = StartInfo(file, arguments, account, "keep", environment) };
        process.Start();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{file} ended with {process.ExitCode}: {await error}{output}");
    }

    public static void Signal(Process process, int signal)
    {
        if (!process.HasExited) _ = Kill(process.Id, signal);
    }

    /// <summary>Signals the whole session that <see cref="Start"/> opened.</summary>
    public static void SignalGroup(Process process, int signal) => _ = Kill(-process.Id, signal);

    /// <summary>A new folder that any account can traverse to.</summary>
    public static string NewFolder(string name)
    {
        var root = Path.Combine(TemporaryRoot, $"{FolderPrefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_folders)}");
        var folder = Path.Combine(root, name);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(root, (UnixFileMode)0b111_001_001);
        return folder;
    }

    private static Process StartHere(
        string file, IEnumerable<string> arguments, string? account, string log,
        IReadOnlyDictionary<string, string>? environment, string deathSignal)
    {
        var process = new Process
        {
            StartInfo = StartInfo("setsid", ["--", file, .. arguments], account, deathSignal, environment)
        };
        process.Start();
        Running[process.Id] = process;
        var writer = TextWriter.Synchronized(new StreamWriter(log, append: true) { AutoFlush = true });
        process.OutputDataReceived += (_, line) => writer.WriteLine(line.Data);
        process.ErrorDataReceived += (_, line) => writer.WriteLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static ProcessStartInfo StartInfo(
        string file, IEnumerable<string> arguments, string? account, string deathSignal,
        IReadOnlyDictionary<string, string>? environment)
    {
        List<string> all = [];
        if (account is not null)
            all.AddRange(["--reuid", account, "--regid", account, "--clear-groups"]);
        if (deathSignal != "keep") all.AddRange(["--pdeathsig", deathSignal]);
        if (all.Count > 0) all.AddRange(["--", file]);
        var info = new ProcessStartInfo(all.Count > 0 ? "setpriv" : file)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = "/"
        };
        foreach (var argument in all.Concat(arguments)) info.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;
        return info;
    }

    private static void End()
    {
        foreach (var process in Running.Values) SignalGroup(process, 9);
        foreach (var process in Running.Values) process.WaitForExit(1000);
        foreach (var folder in Directory.GetDirectories(TemporaryRoot, $"{FolderPrefix}{Environment.ProcessId}-*")) Delete(folder);
    }

    /// <summary>Test hosts are often killed rather than left to end, so each cleans up after those that are gone.</summary>
    private static void DeleteLeftovers()
    {
        foreach (var folder in Directory.GetDirectories(TemporaryRoot, FolderPrefix + "*"))
        {
            var owner = Path.GetFileName(folder)[FolderPrefix.Length..].Split('-')[0];
            if (!Directory.Exists("/proc/" + owner)) Delete(folder);
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another test host deletes it too, or a server is still unlinking its files: the next one tries again.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
