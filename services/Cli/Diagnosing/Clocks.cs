using System.Globalization;

namespace Cli.Diagnosing;

/// <summary>This machine's clock beside those of the portal and the validators.</summary>
public static class Clocks
{
    private static readonly TimeSpan Allowed = TimeSpan.FromSeconds(2);

    // RFC 9110 §6.6.1: Date has whole seconds; a server may also keep one for a second.
    private static readonly TimeSpan DateResolution = TimeSpan.FromSeconds(2);

    public static async Task LookAsync(
        Instance instance, TimeProvider time, List<Finding> findings, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var servers = Enumerable.Range(0, Supervision.ChainNetwork.Nodes)
            .Select(i => (Name: $"node{i + 1}", Url: $"http://127.0.0.1:{instance.NodeRpcPort + i}/health/live"))
            .Prepend((Name: "portal", Url: $"{instance.Origin}/health/live"));
        foreach (var (name, url) in servers)
        {
            try
            {
                var asked = time.GetUtcNow();
                using var response = await http.GetAsync(new Uri(url), cancel);
                if (response.Headers.Date is not { } date) continue;
                var offset = Offset(asked, date, time.GetUtcNow());
                var seconds = offset.TotalSeconds.ToString("+0.0;-0.0", CultureInfo.InvariantCulture);
                findings.Add(new Finding($"clock {name}", offset.Duration() < Allowed,
                    offset == TimeSpan.Zero ? "agrees with this machine's" : $"{seconds} s from this machine's",
                    "Synchronise the clocks of both machines (chrony or systemd-timesyncd): "
                    + "a validator refuses a block that is more than 2 s ahead of its own."));
            }
            catch (Exception e) when (e is HttpRequestException
                or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                // That it does not answer is a finding of its own.
            }
        }
    }

    /// <summary>The least that the other clock is ahead (or behind).</summary>
    /// <param name="asked">When it was asked.</param>
    /// <param name="date">What it said.</param>
    /// <param name="answered">When it had answered.</param>
    public static TimeSpan Offset(DateTimeOffset asked, DateTimeOffset date, DateTimeOffset answered) =>
        date > answered ? date - answered
        : date + DateResolution < asked ? date + DateResolution - asked
        : TimeSpan.Zero;
}
