namespace Chain.Consensus;

/// <summary>Why an input was dropped.</summary>
public enum Refusal
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>Not the canonical encoding of a message, or beyond its limits.</summary>
    Malformed,

    /// <summary>The signature is invalid or not of a validator of the height.</summary>
    UnknownAuthor,

    /// <summary>Another height than that of the message around it.</summary>
    WrongHeight,

    /// <summary>The author is not the proposer of the round.</summary>
    NotProposer,

    /// <summary>Two different messages of one author for one round.</summary>
    Equivocation,

    /// <summary>The block's number, parent, round, seals or coinbase do not fit the message.</summary>
    WrongBlock,

    /// <summary>The block's time is before its parent or too far ahead of the own clock.</summary>
    WrongTime,

    /// <summary>The block broke a rule of the chain when it was executed.</summary>
    InvalidBlock,

    /// <summary>ROUND-CHANGEs or PREPAREs are missing, repeated, surplus or of another round or digest.</summary>
    Unjustified,

    /// <summary>The commit seal is not the author's seal of the digest.</summary>
    WrongSeal,

    /// <summary>The durable record cannot be read. This validator votes no more: it may have voted otherwise.</summary>
    UnreadableRecord,

    /// <summary>The durable record speaks of a later height than the head. No votes until the head has come there.
    /// </summary>
    RecordAheadOfHead,

    /// <summary>A block built here does not fit what was asked for.</summary>
    WrongBuild,
}
