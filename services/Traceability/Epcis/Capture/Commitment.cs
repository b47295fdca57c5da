using System.Security.Cryptography;

namespace Traceability.Epcis.Capture;

/// <summary>The commitment to a body's statements that stands in the anchored event.</summary>
internal static class Commitment
{
    public static StatementsRoot Of(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body) =>
        new(1, Convert.ToHexStringLower(HMACSHA256.HashData(secret, body)));
}
