using System.Diagnostics;
using Chain.Core;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Chain.Integration.Nodes;

/// <summary>Ethereum's usual clients deploy, send, call and read without knowing that this is another chain.</summary>
public sealed class ForeignClientTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Ethers_viem_and_cast_work_against_a_group()
    {
        await using var network = await TestNetwork.StartAsync(1);
        var url = new Uri(network.Nodes[0].Rpc, "evidence").ToString();
        foreach (var script in (string[])["ethers", "viem", "cast"])
            output.WriteLine(await RunAsync(script, url));
    }

    static async Task<string> RunAsync(string script, string url)
    {
        var folder = Path.Combine(TestNetwork.Repository, "tests", "Chain.Integration", "js");
        Directory.Exists(Path.Combine(folder, "node_modules")).ShouldBeTrue($"npm ci has not been run in {folder}");
        using var process = Process.Start(new ProcessStartInfo("node", [$"{script}.mjs", url,
            Hex.ToPrefixed(TestNetwork.AccountKey), TestNetwork.Contracts])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HOME"] = Path.GetTempPath() },
        })!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        var text = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        process.ExitCode.ShouldBe(0, $"{script}: {await error}");
        return text.Trim();
    }
}
