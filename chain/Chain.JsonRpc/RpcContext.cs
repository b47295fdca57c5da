using System.Text.Json.Nodes;
using Chain.Core;
using Chain.Ledger;

namespace Chain.JsonRpc;

/// <summary>What the node tells about itself; each is called from any thread.</summary>
public sealed record NodeView
{
    /// <summary>Answer of web3_clientVersion.</summary>
    public string ClientVersion { get; init; } = "Chain/1.0";

    /// <summary>How many peers of this group are connected.</summary>
    public Func<int> PeerCount { get; init; } = static () => 0;

    /// <summary>Highest block number known of peers while the node catches up; null when it doesn't.</summary>
    public Func<ulong?> SyncTarget { get; init; } = static () => null;

    /// <summary>Answer of chain_peers: a list of objects, free of form.</summary>
    public Func<JsonArray> Peers { get; init; } = static () => [];

    /// <summary>Answer of chain_consensus: height, round and the like, free of form.</summary>
    public Func<JsonObject> Consensus { get; init; } = static () => [];
}

/// <summary>One group's ledger with what its methods share.</summary>
internal sealed record RpcContext(GroupLedger Ledger, NodeView Node, RpcLimits Limits)
{
    /// <summary>The block referred to, or null; pending is the head.</summary>
    public Block? FindBlock(BlockReference reference) => reference switch
    {
        { Hash: { } hash } => Ledger.Blocks.ByHash(hash),
        { Number: { } number } => Ledger.Blocks.ByNumber(number),
        _ => Ledger.Head,
    };

    /// <summary>The state after the block referred to.</summary>
    public StateView State(BlockReference reference) => FindBlock(reference) is { } block
        ? Ledger.StateAt(block.Header)
        : throw new RpcException(RpcException.ResourceNotFound, "header not found");
}

/// <summary>The methods of one group.</summary>
public static class GroupMethods
{
    /// <summary>A dispatcher with the eth_, net_, web3_ and chain_ methods of a group.</summary>
    /// <param name="ledger">The group's ledger.</param>
    /// <param name="node">What the node tells of itself; silent by default.</param>
    /// <param name="limits">Limits; defaults otherwise.</param>
    /// <param name="logger">Where failures inside a method are written.</param>
    public static RpcDispatcher Of(
        GroupLedger ledger, NodeView? node = null, RpcLimits? limits = null,
        Microsoft.Extensions.Logging.ILogger<RpcDispatcher>? logger = null)
    {
        RpcContext context = new(ledger, node ?? new NodeView(), limits ?? new RpcLimits());
        Dictionary<string, RpcMethod> methods = [];
        NodeMethods.AddTo(methods, context);
        BlockMethods.AddTo(methods, context);
        TransactionMethods.AddTo(methods, context);
        StateMethods.AddTo(methods, context);
        CallMethods.AddTo(methods, context);
        LogMethods.AddTo(methods, context);
        FeeMethods.AddTo(methods, context);
        ChainMethods.AddTo(methods, context);
        return new RpcDispatcher(methods, context.Limits, logger);
    }
}
