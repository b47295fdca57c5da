using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Chain.Core;

namespace Proofs;

/// <summary>Origin lines of a group's logs: governance votes on the hash of the next one before its log exists.</summary>
public static class LogOrigin
{
    /// <summary>Origin line of an epoch's log.</summary>
    /// <param name="first">Origin line of the log of epoch 0, which is fixed when the network is generated.</param>
    /// <param name="epoch">The epoch.</param>
    public static string OfEpoch(string first, long epoch) =>
        epoch == 0 ? first : string.Create(CultureInfo.InvariantCulture, $"{first}/epoch-{epoch}");

    /// <summary>What the registry contract knows of an origin line: SHA-256 of its UTF-8 bytes.</summary>
    public static Hash32 Hash(string origin) => new(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));
}
