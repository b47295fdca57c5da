using Chain.Core;

namespace Chain.Consensus;

/// <summary>Signatures of messages and seals: s in the lower half only.</summary>
internal static class Signatures
{
    /// <summary>
    /// Recovers the signer. The upper half of s is refused, so nobody can make a second form of another's message.
    /// </summary>
    public static bool TryRecover(Hash32 hash, Signature signature, out Address signer)
    {
        signer = default;
        return signature.IsLowS && Secp256k1.TryRecover(hash, signature, out signer);
    }
}
