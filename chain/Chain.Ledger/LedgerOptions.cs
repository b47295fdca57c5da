namespace Chain.Ledger;

/// <summary>Settings of a group's ledger. Those that decide whether a block is valid must agree at all validators.</summary>
public sealed record LedgerOptions
{
    /// <summary>How far a block's time may be ahead of the clock of the one who checks it, in seconds.</summary>
    public ulong ClockAheadMaxSeconds { get; init; } = 2;

    /// <summary>Largest block in bytes of RLP without seals; part of validity.</summary>
    public int BlockMaxBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Limits of the pool.</summary>
    public PoolLimits Pool { get; init; } = new();
}

/// <summary>Limits of the transaction pool of one group.</summary>
public sealed record PoolLimits
{
    /// <summary>Most transactions.</summary>
    public int MaxCount { get; init; } = 16_384;

    /// <summary>Most transactions of one sender, those with a gap before them included.</summary>
    public int SenderMaxCount { get; init; } = 1_024;

    /// <summary>How far a nonce may be ahead of the sender's account.</summary>
    public ulong NonceMaxAhead { get; init; } = 1_024;

    /// <summary>Largest transaction in bytes; geth's limit.</summary>
    public int TransactionMaxBytes { get; init; } = 128 * 1024;

    /// <summary>By how much, in percent, both fees must grow for a transaction with the same nonce to replace another.</summary>
    public int ReplaceMinPercent { get; init; } = 10;
}
