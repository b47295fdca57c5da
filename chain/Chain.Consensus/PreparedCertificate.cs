using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// Proof that a block may already be decided: a quorum voted PREPARE for it in one round. It is made at the moment of
/// becoming prepared and replaced only by one of a later round. Making it only when the round times out would lose it
/// whenever a validator leaves the round some other way, and with it the safety of seven and more validators.
/// </summary>
/// <param name="Round">Round it was prepared in.</param>
/// <param name="Digest">Commit hash of the block in that round.</param>
/// <param name="Block">The block, with that round in its extra data.</param>
/// <param name="Prepares">The quorum of PREPAREs.</param>
public sealed record PreparedCertificate(int Round, Hash32 Digest, Block Block, IReadOnlyList<Prepare> Prepares);
