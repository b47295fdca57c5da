using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using TestKit;
using Xunit;

namespace EndToEnd;

/// <summary>One running instance of the published suite, with a data folder and ports of its own.</summary>
public sealed class Suite : IAsyncLifetime
{
    private Process? _supervisor;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

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

    /// <summary>One Chromium for all tests of pages, over an instance with the story of evidence; contexts keep tests apart.</summary>
    public async Task<IBrowser> BrowserAsync()
    {
        if (_browser is not null) return _browser;
        Directory.CreateDirectory(Path.Combine(Home, "artifacts", "screenshots"));
        await AppsAsync("demo", "evidence");
        _playwright = await Playwright.CreateAsync();
        return _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
            ],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_supervisor is { HasExited: false }) await StopAsync();
        Http.Dispose();
        if (Environment.GetEnvironmentVariable("KEEP_DATA") is null) Directory.Delete(Data, recursive: true);
    }

    /// <summary>Runs <c>./apps</c> against this instance.</summary>
    public Task<(int Code, byte[] Out, string Error)> AppsAsync(params string[] arguments) => RunAsync(Path.Combine(Home, "apps"), arguments);

    /// <summary>A token of a client, the demo organisation's without arguments.</summary>
    public async Task<string> TokenAsync(string? client = null, string? secret = null)
    {
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", client ?? Access["clientId"]!.GetValue<string>()),
            new("client_secret", secret ?? Access["clientSecret"]!.GetValue<string>()),
        ]);
        using var response = await Http.PostAsync(new Uri($"{Origin}/api/identity/connect/token"), form);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["access_token"]!.GetValue<string>();
    }

    /// <summary>Calls a service and returns the object that it answers; empty where it answers none.</summary>
    public async Task<JsonObject> SendAsync(
        string token, HttpMethod method, string path, string? json = null, string service = "trace")
    {
        using var request = new HttpRequestMessage(method, $"{Origin}/api/{service}/{path}");
        if (json is not null) request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        request.Headers.Authorization = new("Bearer", token);
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : []
            : throw new HttpRequestException($"{path}: {(int)response.StatusCode} {text}");
    }

    /// <summary>Imports serials that another system made, so that our own forms know them.</summary>
    public async Task ImportAsync(string token, string gtin, params string[] serials)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Origin}/api/trace/codes/lists?name=before-{gtin}&kind=items");
        request.Content = new StringContent(
            string.Concat(serials.Select(s => $"{gtin},{s}\n")), System.Text.Encoding.UTF8, "text/csv");
        request.Headers.Authorization = new("Bearer", token);
        using var response = await Http.SendAsync(request);
        if (!response.IsSuccessStatusCode) throw new HttpRequestException(await response.Content.ReadAsStringAsync());
    }

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
