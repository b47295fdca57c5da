using Proofs.Notes;

namespace Cli.Auditing;

/// <summary>
/// The checkpoint that a log publishes, which is a moment behind the contract: a block is final before the anchor has read
/// its evidence, and only then the checkpoint is published.
/// </summary>
public static class Publication
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>The first published checkpoint of at least a size; after half a minute, whatever is published.</summary>
    /// <param name="read">Reads what is published now.</param>
    /// <param name="size">Entries that the contract has recorded.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<Checkpoint> AwaitAsync(
        Func<Task<Checkpoint>> read, long size, TimeProvider time, CancellationToken cancel)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            var published = await read();
            if (published.Size >= size || time.GetElapsedTime(begun) >= Patience) return published;
            await Task.Delay(Pause, time, cancel);
        }
    }
}
