using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// What a validator wants done. The driver performs the outputs of one step in their order and gives no further input
/// until it has begun all of them; building, validating and importing may go on in the background.
/// </summary>
public abstract record Output;

/// <summary>
/// Store these bytes in place of the record before, durably (synchronised to the disk), before any output that
/// follows is performed: a vote that was sent and forgotten could be cast again differently after a crash.
/// </summary>
/// <param name="Record">The whole record; opaque.</param>
public sealed record Persist(ReadOnlyMemory<byte> Record) : Output;

/// <summary>Send to every connected validator of the group. Delivery is not promised and not needed.</summary>
/// <param name="Message">Opaque bytes, given to <see cref="MessageReceived"/> on the other side.</param>
public sealed record Broadcast(ReadOnlyMemory<byte> Message) : Output;

/// <summary>The timers of a validator; at most one of each kind runs.</summary>
public enum QbftTimer
{
    /// <summary>The next block may be proposed.</summary>
    Block,

    /// <summary>The round has lasted long enough.</summary>
    Round,

    /// <summary>Say again what was said in this round.</summary>
    Resend,
}

/// <summary>Start a timer; one of the same kind that still runs is replaced.</summary>
/// <param name="Timer">Which one.</param>
/// <param name="Height">To be given back by <see cref="TimerFired"/>.</param>
/// <param name="Round">To be given back by <see cref="TimerFired"/>.</param>
/// <param name="DelayMs">Milliseconds from now, on a clock that does not jump.</param>
public sealed record SetTimer(QbftTimer Timer, ulong Height, int Round, long DelayMs) : Output;

/// <summary>Stop the timer of this kind, if it runs.</summary>
/// <param name="Timer">Which one.</param>
public sealed record CancelTimer(QbftTimer Timer) : Output;

/// <summary>
/// Build a block on the parent from the pool, execute it without storing its state, and answer with
/// <see cref="BlockBuilt"/>. Repeated for the same height only with another round.
/// </summary>
/// <param name="Height">Number of the block.</param>
/// <param name="Round">Round for the header's extra data.</param>
/// <param name="Parent">Header of the parent, the head.</param>
/// <param name="Coinbase">Coinbase for the header: this validator.</param>
/// <param name="Timestamp">Time for the header, seconds since 1970, never before the parent's.</param>
/// <param name="AllowEmpty">False: answer null rather than a block without transactions.</param>
public sealed record BuildBlock(
    ulong Height, int Round, BlockHeader Parent, Address Coinbase, ulong Timestamp, bool AllowEmpty) : Output;

/// <summary>
/// Check the block by all header rules but the seals, execute it on the head without storing its state, and answer
/// with <see cref="BlockValidated"/>. Keeping the result for a following import of the same hash saves work.
/// </summary>
/// <param name="Block">Child of the head, unsealed.</param>
public sealed record ValidateBlock(Block Block) : Output;

/// <summary>
/// The block is decided and sealed by a quorum: store it as the new head, durably, and answer with
/// <see cref="HeadChanged"/>. If it cannot be imported the group must stop and say so.
/// </summary>
/// <param name="Block">The sealed block.</param>
public sealed record ImportBlock(Block Block) : Output;

/// <summary>A validator spoke of a height that the own head is too low for: fetch blocks from this peer.</summary>
/// <param name="Peer">Name of the connection.</param>
/// <param name="Height">The block that the peer's validator seems to have, at least.</param>
public sealed record RequestSync(string Peer, ulong Height) : Output;

/// <summary>A peer is still at a height that is decided here: tell it of the head. The driver limits the rate.</summary>
/// <param name="Peer">Name of the connection.</param>
public sealed record AnnounceHead(string Peer) : Output;

/// <summary>Something came in that was dropped. The driver counts, logs and scores it against the peer.</summary>
/// <param name="Peer">Name of the connection, null for an own input.</param>
/// <param name="Refusal">Why.</param>
public sealed record Report(string? Peer, Refusal Refusal) : Output;
