using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// The key of this validator in one group. Messages and seals carry no chain id, so a key must never be used in two
/// groups: its votes in one would be valid in the other.
/// </summary>
/// <param name="Address">Address of the key.</param>
/// <param name="Sign">
/// Signs 32 bytes deterministically (RFC 6979), with s in the lower half of the group order.
/// </param>
public sealed record ValidatorKey(Address Address, Func<Hash32, Signature> Sign);
