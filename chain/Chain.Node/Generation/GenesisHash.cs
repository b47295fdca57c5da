using System.Text;
using Chain.Core;
using Chain.Ledger;

namespace Chain.Node.Generation;

/// <summary>The hash of the block that a genesis file describes.</summary>
static class GenesisHash
{
    public static Hash32 Of(string genesis) => GenesisBlock.HashOf(Genesis.Parse(Encoding.UTF8.GetBytes(genesis)));
}
