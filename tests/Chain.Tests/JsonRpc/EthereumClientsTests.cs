using System.Diagnostics;
using System.Text.Json;
using Chain.Core;
using Chain.Tests.Ledger;
using Shouldly;
using Xunit;

namespace Chain.Tests.JsonRpc;

/// <summary>Clients that others wrote, against a one-validator chain: tests/Chain.Integration/js with its packages.</summary>
public sealed class EthereumClientsTests : IAsyncLifetime
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(VectorFiles.PathOf(""), "../Chain.Integration/js"));
    private readonly CancellationToken _deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token;
    private RpcNode _node = null!;

    private static string Key => Hex.ToPrefixed(OneValidatorChain.RichKey);

    public async Task InitializeAsync()
    {
        _node = await RpcNode.StartAsync();
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            await RunAsync("npm", "ci", "--no-audit", "--no-fund", "--silent");
        }
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Ethers_and_viem_deploy_send_call_and_read_logs_receipts_and_proofs() =>
        (await RunAsync("node", "clients.mjs", _node.Url.ToString(), Key, "Tally.json")).ShouldContain("done");

    [Fact]
    public async Task Cast_deploys_sends_calls_and_reads_logs_receipts_and_proofs()
    {
        string bytecode = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Folder, "Tally.json"), _deadline))
            .RootElement.GetProperty("bytecode").GetString()!;
        string deployed = await CastAsync("send", "--private-key", Key, "--json", "--create", bytecode);
        string address = JsonDocument.Parse(deployed).RootElement.GetProperty("contractAddress").GetString()!;
        string sent = await CastAsync("send", address, "add(uint256)", "41", "--private-key", Key, "--json");
        sent.ShouldContain("\"status\":\"0x1\"");
        (await CastAsync("call", address, "total()(uint256)")).Trim().ShouldBe("41");
        (await CastAsync("logs", "--address", address, "Added(address indexed,uint256)", "--from-block", "0"))
            .ShouldContain("transactionHash");
        (await CastAsync("proof", address, "0x0")).ShouldContain("storageProof");
        (await CastAsync("block", "latest", "--field", "hash")).Trim().ShouldBe(_node.Chain.Ledger.Head.Hash.ToString());
        (await CastAsync("nonce", OneValidatorChain.Rich.ToString())).Trim().ShouldBe("2");
    }

    private Task<string> CastAsync(params string[] arguments) => RunAsync(
        "node_modules/@foundry-rs/cast-linux-amd64/bin/cast", arguments);

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        string home = Directory.CreateTempSubdirectory().FullName;
        ProcessStartInfo start = new(program.Contains('/', StringComparison.Ordinal) ? Path.Combine(Folder, program) : program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (program != "npm")
        {
            start.Environment["HOME"] = home;
            start.Environment["ETH_RPC_URL"] = _node.Url.ToString();
        }

        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(_deadline);
            Task<string> error = process.StandardError.ReadToEndAsync(_deadline);
            await process.WaitForExitAsync(_deadline);
            process.ExitCode.ShouldBe(0, await output + await error);
            return await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            Directory.Delete(home, true);
        }
    }
}
