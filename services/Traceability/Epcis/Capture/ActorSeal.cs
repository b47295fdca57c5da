using System.Security.Cryptography;
using System.Text;

namespace Traceability.Epcis.Capture;

/// <summary>
/// Who captured an event, in the bytes that are anchored. Proofs of events are public along a whole chain, and an account's
/// name tells whose it is: so the event carries HMAC-SHA-256 of the name under the event's own secret, by which two events
/// of one account can't be told to be that, and whoever holds the secret can check a name.
/// </summary>
internal static class ActorSeal
{
    private const int Bytes = 16;

    /// <summary>The sealed name.</summary>
    /// <param name="secret">The event's 16 secret bytes.</param>
    /// <param name="actor">The account.</param>
    public static string Of(ReadOnlySpan<byte> secret, string actor) => "sealed-" + Convert.ToHexStringLower(
        HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes("actor\0" + actor)).AsSpan(0, Bytes));
}
