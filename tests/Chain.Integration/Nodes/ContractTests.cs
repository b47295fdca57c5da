using System.Diagnostics;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Chain.Integration.Nodes;

/// <summary>
/// The contracts' own tests, written against a third-party Ethereum node, and OpenZeppelin's ERC-20 pass on this chain.
/// </summary>
public sealed class ContractTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_contracts_and_a_published_token_behave_here_as_on_any_Ethereum_chain()
    {
        var folder = Path.Combine(TestNetwork.Repository, "contracts-sol");
        Directory.Exists(Path.Combine(folder, "node_modules")).ShouldBeTrue($"npm ci has not been run in {folder}");
        await using var network = await TestNetwork.StartAsync(1);
        using var process = Process.Start(new ProcessStartInfo("npm", ["--prefix", folder, "test"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["RPC_URL"] = new Uri(network.Nodes[0].Rpc, "evidence").ToString() },
        })!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        var text = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        process.ExitCode.ShouldBe(0, $"{text}\n{await error}");
        // The runner's totals: a run that found no test at all must not pass.
        var totals = text.Split('\n').Where(line => line.Contains("tests ", StringComparison.Ordinal)
            || line.Contains("pass ", StringComparison.Ordinal)).ToList();
        totals.ShouldNotBeEmpty();
        totals.ForEach(output.WriteLine);
        text.ShouldContain("OpenZeppelin ERC-20");
        (await network.HeadAsync(network.Nodes[0])).ShouldBeGreaterThan(20ul);
    }
}
