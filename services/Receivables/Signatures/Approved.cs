using System.Text.Json.Serialization;
using EventStore;

namespace Receivables.Signatures;

/// <summary>What the party's people approved: the exact bytes of the page that each of them was shown.</summary>
/// <param name="PageSha256">SHA-256 of the page that the maker signed, 64 lower-case hexadecimal characters.</param>
/// <param name="Signatures">Maker first, then checkers.</param>
public sealed record Approved(string PageSha256, IReadOnlyList<ApprovalSignature> Signatures)
{
    /// <summary>
    /// The record of the approvals themselves. It is appended in the transaction of the command's events, when the command
    /// is accepted for the first time; a version that is no longer right means that a signer's chain went on meanwhile,
    /// and the command must be refused rather than tried again.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<AppendedWith> Record { get; init; } = [];
}

/// <summary>An event that is stored with a command's own.</summary>
/// <param name="Stream">Its stream.</param>
/// <param name="ExpectedVersion">The stream's version before it.</param>
/// <param name="Event">The event.</param>
public sealed record AppendedWith(string Stream, long ExpectedVersion, NewEvent Event);

/// <summary>One person's signature over a page (services/docs/signed-pages.md).</summary>
/// <param name="Role"><c>maker</c>, <c>checker</c> or <c>second-checker</c>.</param>
/// <param name="KeyId">The signer's key, as the party's register names it.</param>
/// <param name="SignedSha256">SHA-256 of the page signed, which is the head of the key's chain after it.</param>
/// <param name="PreviousSha256">Head of the key's chain before this signature; null for its first.</param>
/// <param name="Signature">The signature in base64url.</param>
public sealed record ApprovalSignature(
    string Role, string KeyId, string SignedSha256, string? PreviousSha256, string Signature);
