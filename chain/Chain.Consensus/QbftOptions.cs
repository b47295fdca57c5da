namespace Chain.Consensus;

/// <summary>What the validators of a group have to agree on beforehand, and the bounds each keeps for itself.</summary>
public sealed record QbftOptions
{
    /// <summary>Length of round 0 in milliseconds; round r lasts this times 2^r.</summary>
    public int RequestTimeoutMs { get; init; } = 1_000;

    /// <summary>
    /// Largest exponent of the round length. The cap has to stay above a proposal, its execution and two message
    /// delays, or capped rounds are too short to decide anything.
    /// </summary>
    public int MaxTimeoutExponent { get; init; } = 4;

    /// <summary>Least distance in milliseconds between learning a block and proposing the next.</summary>
    public int BlockPacingMs { get; init; } = 100;

    /// <summary>Milliseconds between two sendings of what this validator last said in a round above 0.</summary>
    public int ResendMs { get; init; } = 1_000;

    /// <summary>Seconds that the time of a proposed block may lie ahead of the own clock.</summary>
    public int MaxClockAheadSeconds { get; init; } = 2;

    /// <summary>Heights above the own one whose messages are kept; one of each kind and author.</summary>
    public int MaxFutureHeights { get; init; } = 10;

    /// <summary>Length of a round in milliseconds; the exponent is capped, so the shift cannot overflow.</summary>
    /// <param name="round">Round, from 0.</param>
    public long RoundLengthMs(int round) => (long)RequestTimeoutMs << Math.Min(round, MaxTimeoutExponent);
}
