using System.Security.Cryptography;
using System.Text;
using Chain.Core;

namespace Chain.Node.Generation;

/// <summary>The hash of the block that a genesis file describes.</summary>
static class GenesisHash
{
    public static Hash32 Of(string genesis) => new(SHA256.HashData(Encoding.UTF8.GetBytes(genesis)));
}
