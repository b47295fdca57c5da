using System.Diagnostics;

namespace TestKit;

/// <summary>Waits on conditions with a deadline, so that no test guesses how long something takes.</summary>
public static class Eventually
{
    /// <summary>How long a condition may take unless the caller says otherwise.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Returns as soon as <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It never did; the message names <paramref name="what"/>.</exception>
    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? deadline = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, deadline);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string, TimeSpan?)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? deadline = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > (deadline ?? Deadline)) throw new TimeoutException($"Waited in vain until {what}.");
            await Task.Delay(20);
        }
    }
}
