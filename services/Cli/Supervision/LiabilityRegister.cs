using System.Security.Cryptography;
using Chain.Client;
using Chain.Core;

namespace Cli.Supervision;

/// <summary>
/// Admits the service of prepaid cards as publisher of liabilities at the first start, by a majority of the group's members.
/// </summary>
public sealed class LiabilityRegister(Instance instance)
{
    /// <summary>The group that has the register.</summary>
    public const string Group = "prepaid";

    /// <summary>Its address in that group's genesis block.</summary>
    public const string Contract = "0x0000000000000000000000000000000000001003";

    /// <summary>Chain id of the group.</summary>
    public static readonly int ChainId = Services.Groups.Single(g => g.Name == Group).ChainId;

    private static readonly AbiFunction Admit = AbiFunction.Parse("admitPublisher(address)");
    private static readonly AbiFunction IsPublisher = AbiFunction.Parse("isPublisher(address) returns (bool)");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The service makes the file where it is missing; here it is made first, because members must know its account.
    private string KeyFile => Path.Combine(instance.Data, Group, "liability.key");

    /// <summary>Whether this instance's chain has the register; chains that are older than it have not.</summary>
    public static bool IsThere(Instance instance) =>
        File.Exists(instance.NetworkFile) && File.ReadAllText(instance.NetworkFile).Contains(Contract, StringComparison.Ordinal);

    /// <summary>Admits the publisher where it is not, and returns when the chain says that it is.</summary>
    /// <returns>Whether anything was to be done.</returns>
    /// <exception cref="TimeoutException">The chain did not take the votes in time.</exception>
    public async Task<bool> OpenAsync(CancellationToken cancel)
    {
        if (!IsThere(instance)) return false;
        PrivateFile.PrivateFolder(Path.GetDirectoryName(KeyFile)!);
        if (!File.Exists(KeyFile)) PrivateFile.Write(KeyFile, RandomNumberGenerator.GetBytes(32));
        var publisher = Secp256k1.AddressOf(await File.ReadAllBytesAsync(KeyFile, cancel));
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var chain = new ChainClient(new RpcClient(http, ChainNetwork.Rpc(instance, Group).Select(r => new Uri(r))));
        var register = new Contract(chain, Address.Parse(Contract));
        async Task<bool> IsAdmitted(CancellationToken token) =>
            (bool)(await register.CallAsync(IsPublisher, BlockTag.Latest, token, publisher))[0];

        var there = false;
        await Probe.UntilAsync("the prepaid group", Patience, async token =>
        {
            there = await IsAdmitted(token);
            return true;
        }, cancel);
        if (there) return false;
        await new MemberVotes(instance, Group, ChainId, Contract).CastAsync(chain, [Admit.Encode(publisher)], cancel);
        await Probe.UntilAsync("the register of liabilities", Patience, IsAdmitted, cancel);
        return true;
    }
}
