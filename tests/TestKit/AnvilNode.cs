using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace TestKit;

/// <summary>
/// A third party's Ethereum node (anvil, from npm as contracts-sol locks it) with free gas, for tests of what must work
/// on any chain. It mines a block for each transaction.
/// </summary>
public sealed class AnvilNode : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http = new();
    private readonly string _home;

    private AnvilNode(Process process, int port, string home)
    {
        (_process, _home) = (process, home);
        Url = new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>JSON-RPC address.</summary>
    public Uri Url { get; }

    /// <summary>Starts a node.</summary>
    /// <exception cref="FileNotFoundException">anvil is not installed.</exception>
    public static async Task<AnvilNode> StartAsync(ulong chainId)
    {
        var (port, home) = (Ports.Free(), ChildProcesses.NewFolder("anvil"));
        string[] arguments =
        [
            "--port", $"{port}", "--chain-id", $"{chainId}", "--hardfork", "cancun", "--base-fee", "0", "--gas-price", "0",
            "--silent",
        ];
        var process = ChildProcesses.Start(FindBinary(), arguments, account: null, Path.Combine(home, "log"),
            new Dictionary<string, string> { ["HOME"] = home });
        var node = new AnvilNode(process, port, home);
        await Eventually.TrueAsync(node.AnswersAsync, "anvil answers");
        return node;
    }

    /// <summary>Calls a method and returns its result.</summary>
    /// <exception cref="InvalidOperationException">The node answered with an error.</exception>
    public async Task<JsonElement> CallAsync(string method, params object[] parameters)
    {
        using var response = await _http.PostAsJsonAsync(
            Url, new { jsonrpc = "2.0", id = 1, method, @params = parameters });
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return answer.TryGetProperty("error", out var error)
            ? throw new InvalidOperationException($"{method}: {error}")
            : answer.GetProperty("result");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _http.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await CallAsync("eth_chainId");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string FindBinary()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Apps.sln")))
                continue;
            var binary = Path.Combine(folder.FullName, "contracts-sol/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
            return File.Exists(binary)
                ? binary
                : throw new FileNotFoundException("anvil is missing: run 'npm ci' in contracts-sol.", binary);
        }
        throw new FileNotFoundException("No folder above the test assembly holds Apps.sln.");
    }
}
