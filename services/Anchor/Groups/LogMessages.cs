namespace Anchor.Groups;

internal static partial class LogMessages
{
    [LoggerMessage(4001, LogLevel.Information, "Group {Group} seals; {Size} entries, contract at {Anchored}")]
    public static partial void Sealing(this ILogger logger, string group, long size, long anchored);

    [LoggerMessage(4002, LogLevel.Error, "Group {Group} signs nothing: {Reason}")]
    public static partial void Stopped(this ILogger logger, string group, string reason);

    [LoggerMessage(4003, LogLevel.Warning, "Group {Group} waits: {Reason}")]
    public static partial void Waiting(this ILogger logger, string group, string reason);

    [LoggerMessage(4004, LogLevel.Warning, "Group {Group}: checkpoint transaction {Transaction} ended as {Status}: {Reason}")]
    public static partial void NotRecorded(
        this ILogger logger, string group, string transaction, string status, string reason);

    [LoggerMessage(4005, LogLevel.Debug, "Group {Group}: checkpoint of {Size} entries final in block {Block}")]
    public static partial void Final(this ILogger logger, string group, long size, long block);

    [LoggerMessage(4006, LogLevel.Information, "Group {Group}: recovered {Size} entries from {Source}")]
    public static partial void Recovered(this ILogger logger, string group, long size, string source);

    [LoggerMessage(4007, LogLevel.Warning, "Group {Group}: feed of {Service} can't be read: {Reason}")]
    public static partial void FeedUnreachable(this ILogger logger, string group, string service, string reason);

    [LoggerMessage(4008, LogLevel.Warning, "A message of {Service} for group {Group} is not taken: {Reason}")]
    public static partial void MessageRefused(this ILogger logger, string service, string group, string reason);

    [LoggerMessage(4009, LogLevel.Error, "Group {Group}: index {Index} has another digest in the database than in the tiles")]
    public static partial void EntryDiffers(this ILogger logger, string group, long index);

    [LoggerMessage(4010, LogLevel.Warning, "Group {Group}: validators can't be read: {Reason}")]
    public static partial void ValidatorsUnknown(this ILogger logger, string group, string reason);

    [LoggerMessage(4011, LogLevel.Debug, "Group {Group}: checkpoint of {Size} entries has {Count} cosignatures")]
    public static partial void Witnessed(this ILogger logger, string group, long size, int count);

    [LoggerMessage(4012, LogLevel.Warning, "Group {Group}: witness {Witness} does not cosign: {Reason}")]
    public static partial void NotWitnessed(this ILogger logger, string group, string witness, string reason);

    [LoggerMessage(4013, LogLevel.Warning, "Group {Group}: the log of epoch {Epoch} begins; its origin is {Origin}")]
    public static partial void EpochBegins(this ILogger logger, string group, long epoch, string origin);
}
