using System.Text;
using Chain.Consensus;
using Chain.Core;

namespace Chain.Simulation;

/// <summary>Fixed validator keys, the same in every run.</summary>
internal static class Keys
{
    private static readonly ValidatorKey[] All =
        [.. Enumerable.Range(0, 16).Select(Make).OrderBy(key => key.Address)];

    public static ValidatorKey[] Take(int count) => All[..count];

    public static ValidatorKey FromPrivate(string hex)
    {
        byte[] secret = Hex.Parse(hex);
        return new ValidatorKey(Secp256k1.AddressOf(secret), hash => Secp256k1.Sign(hash, secret));
    }

    private static ValidatorKey Make(int index)
    {
        byte[] secret = Keccak256.Hash(Encoding.ASCII.GetBytes($"simulated validator {index}")).ToArray();
        return new ValidatorKey(Secp256k1.AddressOf(secret), hash => Secp256k1.Sign(hash, secret));
    }
}
