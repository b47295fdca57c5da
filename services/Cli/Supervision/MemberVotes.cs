using Chain.Client;
using Chain.Core;

namespace Cli.Supervision;

/// <summary>Calls that a majority of a group's members makes, with the keys that this instance has.</summary>
public sealed class MemberVotes(Instance instance, string group, int chainId, string contract)
{
    private const ulong Gas = 3_000_000;

    /// <summary>Sends each call by as many members as are needed.</summary>
    public Task CastAsync(ChainClient chain, IReadOnlyList<byte[]> calls, CancellationToken cancel) => Task.WhenAll(
        Enumerable.Range(1, (ChainNetwork.Nodes / 2) + 1).Select(member => VoteAsync(chain, member, calls, cancel)));

    /// <summary>One member's votes, in consecutive transactions. A vote that is given already counts once.</summary>
    private async Task VoteAsync(ChainClient chain, int member, IReadOnlyList<byte[]> calls, CancellationToken cancel)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(instance.Chain, $"node{member}", "keys", $"{group}.key"), cancel);
        var signer = new TransactionSigner((ulong)chainId, Hash32.Parse(text.Trim()).ToArray());
        var nonce = await chain.NonceAsync(signer.Address, BlockTag.Latest, cancel);
        foreach (var call in calls)
        {
            var sent = signer.Sign(
                new TransactionRequest { To = Address.Parse(contract), Data = call, GasLimit = Gas }, nonce++);
            try
            {
                await chain.SendRawAsync(sent.Raw, cancel);
            }
            catch (RpcErrorException)
            {
                // An earlier run's vote waits in the pool; whether it counts is seen in the register.
            }
        }
    }
}
