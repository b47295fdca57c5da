using System.Diagnostics;
using System.Text.Json.Nodes;

namespace TestKit;

/// <summary>A witness as a member of the consortium runs it: the command line's own, as a child process.</summary>
public sealed class WitnessProcess : IAsyncDisposable
{
    private readonly string _folder = ChildProcesses.NewFolder("witness");
    private readonly string _name;
    private Process? _process;

    private WitnessProcess(string name) => _name = name;

    /// <summary>Its key, base64.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Where it listens.</summary>
    public Uri Url { get; } = new($"http://127.0.0.1:{Ports.Free(1)}");

    /// <summary>Makes a key; the witness does not run yet.</summary>
    public static async Task<WitnessProcess> CreateAsync(string name)
    {
        var witness = new WitnessProcess(name);
        var printed = await ChildProcesses.RunAsync("dotnet",
            [Program(), "witness", "key", "--out", witness.KeyFile, "--name", name, "--json"]);
        witness.Key = JsonNode.Parse(printed)!["key"]!.GetValue<string>();
        return witness;
    }

    private string KeyFile => Path.Combine(_folder, "key.json");

    /// <summary>Starts it with the folder that it had, if it ran before.</summary>
    /// <param name="trustFile">Bytes of the trust file of the logs that it cosigns.</param>
    public async Task StartAsync(byte[] trustFile)
    {
        var trust = Path.Combine(_folder, "trust.json");
        await File.WriteAllBytesAsync(trust, trustFile);
        _process = ChildProcesses.Start("dotnet",
            [
                Program(), "witness", "run", "--key", KeyFile, "--listen", Url.ToString(), "--data",
                Path.Combine(_folder, "data"), "--trust", trust,
            ],
            account: null, Path.Combine(_folder, "log"));
        using var http = new HttpClient();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                using var response = await http.GetAsync(Url);
                return true;
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                return false;
            }
        }, $"witness {_name} listens");
    }

    /// <summary>Files in its folder.</summary>
    public IReadOnlyList<string> Files(string pattern) => Directory.GetFiles(Path.Combine(_folder, "data"), pattern);

    /// <summary>Kills it.</summary>
    public async Task KillAsync()
    {
        if (_process is not { HasExited: false } process)
            return;
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Program()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        for (var folder = output; folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Apps.sln")))
                continue;
            var program = Path.Combine(folder.FullName, "artifacts/bin/Cli", output.Name, "apps.dll");
            return File.Exists(program) ? program : throw new FileNotFoundException("The command line is not built.", program);
        }
        throw new FileNotFoundException("No folder above the test assembly holds Apps.sln.");
    }
}
