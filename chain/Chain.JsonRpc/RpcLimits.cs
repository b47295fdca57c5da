namespace Chain.JsonRpc;

/// <summary>Bounds of what one JSON-RPC request may ask for.</summary>
public sealed record RpcLimits
{
    /// <summary>Largest request body in bytes; a larger one is answered with HTTP 413.</summary>
    public int BodyMaxBytes { get; init; } = 5 * 1024 * 1024;

    /// <summary>Most calls in one batch.</summary>
    public int BatchMaxCalls { get; init; } = 1_000;

    /// <summary>Most bytes of all results of one batch together.</summary>
    public int ResponseMaxBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Most blocks that one eth_getLogs may span.</summary>
    public ulong LogMaxBlocks { get; init; } = 100_000;

    /// <summary>Most logs in one answer.</summary>
    public int LogMaxResults { get; init; } = 10_000;

    /// <summary>Most filters that are kept; the one unused for longest goes first.</summary>
    public int FilterMaxCount { get; init; } = 1_000;

    /// <summary>Most gas that one eth_call or eth_estimateGas may use.</summary>
    public ulong CallMaxGas { get; init; } = 100_000_000;

    /// <summary>Most storage keys in one eth_getProof.</summary>
    public int ProofMaxKeys { get; init; } = 1_024;

    /// <summary>Most blocks in one eth_feeHistory.</summary>
    public ulong FeeHistoryMaxBlocks { get; init; } = 1_024;
}
