using Anchor.Groups;
using Chain.Core;
using Proofs;
using Proofs.Notes;

namespace Anchor.Trust;

/// <summary>Makes the trust file of a group from what is public about it.</summary>
public static class TrustFiles
{
    /// <summary>The trust file with the validators of genesis.</summary>
    /// <param name="network">The chain network.</param>
    /// <param name="name">Name of the group.</param>
    /// <param name="logs">Keys of its logs, epoch 0 first.</param>
    /// <param name="witnesses">Keys of its witnesses.</param>
    public static TrustFile Make(
        NetworkFile network, string name, IEnumerable<NoteKey> logs, IEnumerable<NoteKey> witnesses)
    {
        var group = network.Group(name);
        return new TrustFile
        {
            Group = name,
            ChainId = (long)group.ChainId,
            GenesisHash = Hash32.Parse(group.GenesisHash),
            Contracts = [.. group.Contracts
                .OrderBy(c => c.Name switch { "AnchorRegistry" => 0, "Governance" => 1, _ => 2 })
                .Select(c => new TrustedContract(c.Name, Address.Parse(c.Address), Hash32.Parse(c.CodeHash)))],
            Logs = [.. logs.Select(l => new TrustedLog(l.Name, l.PublicKey))],
            Witnesses = [.. witnesses.OrderBy(w => w.Name, StringComparer.Ordinal)
                .Select(w => new TrustedWitness(w.Name, w.PublicKey))],
            Validators = [new ValidatorSet(0, [.. network.Validators(name).Select(a => Address.Parse(a)).Order()], null)],
        };
    }
}
