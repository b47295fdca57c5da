namespace Chain.Node.Hosting;

/// <summary>What the node logs. Event ids 1 to 99.</summary>
static partial class NodeLog
{
    [LoggerMessage(1, LogLevel.Information, "Node {Node} has opened {Groups} groups, listens for peers at {P2p}")]
    public static partial void Opened(this ILogger logger, string node, int groups, string p2p);

    [LoggerMessage(2, LogLevel.Information, "Peer {Peer} is connected")]
    public static partial void PeerConnected(this ILogger logger, string peer);

    [LoggerMessage(3, LogLevel.Information, "Peer {Peer} is gone: {Reason}")]
    public static partial void PeerGone(this ILogger logger, string peer, string reason);

    [LoggerMessage(4, LogLevel.Debug, "No connection with {Peer}: {Reason}")]
    public static partial void PeerRefused(this ILogger logger, string peer, string reason);

    [LoggerMessage(5, LogLevel.Information, "Group {Group}: head {Number} {Hash}, role {Role}")]
    public static partial void GroupOpened(this ILogger logger, string group, ulong number, string hash, string role);

    [LoggerMessage(6, LogLevel.Debug, "Group {Group}: block {Number} with {Transactions} transactions, round {Round}")]
    public static partial void BlockImported(this ILogger logger, string group, ulong number, int transactions, int round);

    [LoggerMessage(7, LogLevel.Warning, "Group {Group}: peer {Peer} dropped: {Reason}")]
    public static partial void PeerDropped(this ILogger logger, string group, string peer, string reason);

    [LoggerMessage(8, LogLevel.Information, "Group {Group}: block {Number} waits in round {Round}")]
    public static partial void RoundStarted(this ILogger logger, string group, ulong number, int round);

    [LoggerMessage(9, LogLevel.Debug, "Group {Group}: message of {Peer} dropped: {Refusal}")]
    public static partial void MessageDropped(this ILogger logger, string group, string peer, string refusal);

    [LoggerMessage(10, LogLevel.Critical, "Group {Group} has stopped: {Reason}")]
    public static partial void GroupStopped(this ILogger logger, string group, string reason);

    [LoggerMessage(11, LogLevel.Critical, "Group {Group} has stopped by a fault")]
    public static partial void GroupFailed(this ILogger logger, Exception exception, string group);

    [LoggerMessage(12, LogLevel.Warning, "Group {Group}: proposal {Number} refused: {Reason}")]
    public static partial void ProposalRefused(this ILogger logger, string group, ulong number, string reason);
}
