using Chain.Core;

namespace Chain.Consensus;

/// <summary>What a validator learns; the only way anything enters it.</summary>
/// <param name="Now">Clock of this node in milliseconds since 1970. It may jump: only block times are taken from it
/// and the pacing of blocks, which is bounded by its own length.</param>
public abstract record Input(long Now);

/// <summary>
/// First input after a start, once, before the first <see cref="HeadChanged"/>: the record of the last
/// <see cref="Persist"/> that is on disk, empty if there is none.
/// </summary>
/// <param name="Record">Bytes of the record, untouched.</param>
/// <param name="Now">See <see cref="Input"/>.</param>
public sealed record Recovered(ReadOnlyMemory<byte> Record, long Now) : Input(Now);

/// <summary>
/// The head of the chain is now this block: given at the start with the stored head, after every
/// <see cref="ImportBlock"/>, and after every block that came by synchronisation.
/// </summary>
/// <param name="Header">Header of the new head.</param>
/// <param name="NextValidators">Validators of the next height, read from the state after this block.</param>
/// <param name="TransactionsPending">True when the pool holds a transaction that the next block could contain.</param>
/// <param name="Now">See <see cref="Input"/>.</param>
public sealed record HeadChanged(
    BlockHeader Header, IReadOnlyList<Address> NextValidators, bool TransactionsPending, long Now) : Input(Now);

/// <summary>The pool now holds a valid transaction that the next block could contain. May be repeated.</summary>
/// <param name="Now">See <see cref="Input"/>.</param>
public sealed record TransactionPending(long Now) : Input(Now);

/// <summary>A peer sent the bytes of a <see cref="Broadcast"/>.</summary>
/// <param name="Peer">Name of the connection, for reports and synchronisation; the author is in the signature.</param>
/// <param name="Message">The bytes as received.</param>
/// <param name="Now">See <see cref="Input"/>.</param>
public sealed record MessageReceived(string Peer, ReadOnlyMemory<byte> Message, long Now) : Input(Now);

/// <summary>A timer that was set by <see cref="SetTimer"/> is due. One that was replaced or cancelled does no harm.</summary>
/// <param name="Timer">As it was set.</param>
/// <param name="Height">As it was set.</param>
/// <param name="Round">As it was set.</param>
/// <param name="Now">See <see cref="Input"/>.</param>
public sealed record TimerFired(QbftTimer Timer, ulong Height, int Round, long Now) : Input(Now);

/// <summary>Answer to <see cref="BuildBlock"/>.</summary>
/// <param name="Height">Height asked for.</param>
/// <param name="Round">Round asked for.</param>
/// <param name="Block">The block, already executed on the parent; null if there is nothing to put in it and an empty
/// one was not asked for.</param>
/// <param name="Now">See <see cref="Input"/>.</param>
public sealed record BlockBuilt(ulong Height, int Round, Block? Block, long Now) : Input(Now);

/// <summary>Answer to <see cref="ValidateBlock"/>.</summary>
/// <param name="BlockHash">On-chain hash of the block asked about.</param>
/// <param name="Valid">True when every rule of the header but seals holds and execution gives its roots.</param>
/// <param name="Now">See <see cref="Input"/>.</param>
public sealed record BlockValidated(Hash32 BlockHash, bool Valid, long Now) : Input(Now);
