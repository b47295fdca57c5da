namespace Receivables.Signatures;

/// <summary>What the party's people approved: the exact bytes of the page that each of them was shown.</summary>
/// <param name="PageSha256">SHA-256 of the canonical page, 64 lower-case hexadecimal characters.</param>
/// <param name="Signatures">Maker first, then checkers, in the order of the party's signature chain.</param>
public sealed record Approved(string PageSha256, IReadOnlyList<ApprovalSignature> Signatures);

/// <summary>One person's signature over a page.</summary>
/// <param name="Role"><c>maker</c>, <c>checker</c> or <c>second-checker</c>.</param>
/// <param name="KeyId">The signer's key, as the party's register names it.</param>
/// <param name="SignedSha256">SHA-256 of the signed statement (page, command id, head of the chain before it).</param>
/// <param name="PreviousSha256">Head of the party's signature chain before this signature; null for the first.</param>
/// <param name="Signature">The signature in base64.</param>
public sealed record ApprovalSignature(
    string Role, string KeyId, string SignedSha256, string? PreviousSha256, string Signature);
