using System.Security.Cryptography;
using Chain.Core;

namespace Chain.Node.Configuration;

/// <summary>A validator's secp256k1 key in one group.</summary>
sealed class GroupKey
{
    readonly byte[] _secret;

    GroupKey(byte[] secret)
    {
        _secret = secret;
        Address = Secp256k1.AddressOf(secret);
    }

    public Address Address { get; }

    /// <summary>The secret scalar, 32 bytes; not for logs.</summary>
    public ReadOnlySpan<byte> Secret => _secret;

    /// <summary>A new random key.</summary>
    public static GroupKey Create()
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1"));
        return new GroupKey(key.ExportParameters(includePrivateParameters: true).D!);
    }

    /// <summary>Reads a key file: 32 bytes in hex.</summary>
    /// <exception cref="InvalidDataException">The file is not that.</exception>
    public static GroupKey Read(string path)
    {
        var text = File.ReadAllText(path).Trim();
        return Hex.TryParse(text, out var secret) && secret.Length == 32
            ? new GroupKey(secret)
            : throw new InvalidDataException($"{path} is not a key of 32 bytes in hex.");
    }

    public string ToText() => Hex.ToPrefixed(_secret) + "\n";

    /// <summary>
    /// Refuses a key that is used twice. Votes and seals carry no chain id, so with one key in two groups those of one
    /// could be replayed in the other.
    /// </summary>
    /// <exception cref="InvalidDataException">Two uses share a key; both are named.</exception>
    public static void RequireDistinct(IEnumerable<(string Use, GroupKey Key)> keys)
    {
        var seen = new Dictionary<Address, string>();
        foreach (var (use, key) in keys)
        {
            if (!seen.TryAdd(key.Address, use))
                throw new InvalidDataException($"{use} has the same validator key as {seen[key.Address]}.");
        }
    }
}
