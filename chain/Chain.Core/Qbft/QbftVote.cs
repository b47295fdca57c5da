namespace Chain.Core;

/// <summary>A validator's vote in a header (block-header mode).</summary>
/// <param name="Recipient">Who is voted about.</param>
/// <param name="Add">True to add, false to drop.</param>
public sealed record QbftVote(Address Recipient, bool Add);
