using System.Text.Json.Nodes;
using Chain.Client;
using Chain.Core;

namespace Cli.Supervision;

/// <summary>
/// Opens the register of claims at the first start: a majority of the group's members, whose keys this instance has,
/// admits the platform and the key that the holders made.
/// </summary>
public sealed class PledgeRegister(Instance instance, KeyHolders holders)
{
    /// <summary>The group that has the register.</summary>
    public const string Group = "receivables";

    /// <summary>Its address in that group's genesis block.</summary>
    public const string Contract = "0x0000000000000000000000000000000000001002";

    /// <summary>Chain id of the group.</summary>
    public static readonly int ChainId = Services.Groups.Single(g => g.Name == Group).ChainId;

    private static readonly AbiFunction Admit = AbiFunction.Parse("admitPlatform(address)");
    private static readonly AbiFunction OpenEpoch = AbiFunction.Parse("openKeyEpoch(uint32,bytes,bytes[3],address[3])");
    private static readonly AbiFunction KeyEpochs = AbiFunction.Parse("keyEpochs() returns (uint32, uint32)");
    private static readonly AbiFunction IsPlatform = AbiFunction.Parse("isPlatform(address) returns (bool)");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Opens what is not open yet, and returns when the chain says that it is.</summary>
    /// <returns>Whether anything was to be done.</returns>
    /// <exception cref="TimeoutException">The chain did not take the votes in time.</exception>
    public async Task<bool> OpenAsync(CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var chain = new ChainClient(new RpcClient(http, ChainNetwork.Rpc(instance, Group).Select(r => new Uri(r))));
        var platform = Secp256k1.AddressOf(holders.PlatformKey());
        (bool Platform, bool Key) there = (false, false);
        await Probe.UntilAsync("the receivables group", Patience, async token =>
        {
            there = await LookAsync(chain, platform, token);
            return true;
        }, cancel);
        if (there is { Platform: true, Key: true }) return false;

        List<byte[]> calls = [];
        if (!there.Platform) calls.Add(Admit.Encode(platform));
        if (!there.Key) calls.Add(await OpenCallAsync(cancel));
        await new MemberVotes(instance, Group, ChainId, Contract).CastAsync(chain, calls, cancel);
        await Probe.UntilAsync("the register of claims", Patience, async token =>
            await LookAsync(chain, platform, token) is { Platform: true, Key: true }, cancel);
        return true;
    }

    private static async Task<(bool Platform, bool Key)> LookAsync(ChainClient chain, Address platform, CancellationToken cancel)
    {
        var register = new Contract(chain, Address.Parse(Contract));
        var admitted = (bool)(await register.CallAsync(IsPlatform, BlockTag.Latest, cancel, platform))[0];
        return (admitted, (UInt256)(await register.CallAsync(KeyEpochs, BlockTag.Latest, cancel))[1] > UInt256.Zero);
    }

    private async Task<byte[]> OpenCallAsync(CancellationToken cancel)
    {
        var key = JsonNode.Parse(await File.ReadAllTextAsync(holders.PublicFile, cancel))!;
        object[] shares = [.. key["shares"]!.AsArray().Select(s => (object)Convert.FromHexString(s!.GetValue<string>()))];
        object[] accounts = [.. (await holders.AccountsAsync(cancel)).Select(a => (object)a)];
        return OpenEpoch.Encode((UInt256)(ulong)key["epoch"]!.GetValue<int>(),
            Convert.FromHexString(key["publicKey"]!.GetValue<string>()), shares, accounts);
    }
}
