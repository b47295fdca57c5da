using System.Diagnostics;

namespace Cli.Benchmarks;

/// <summary>Processor time of each program of the instance, as far as this user may see it, and of this one.</summary>
internal static class Processors
{
    public const string Client = "this client";

    public static SortedDictionary<string, TimeSpan> ByPart()
    {
        var parts = new SortedDictionary<string, TimeSpan>(StringComparer.Ordinal);
        foreach (var id in Supervision.Leftovers.Find(Instance.Find().Data))
        {
            try
            {
                using var process = Process.GetProcessById(id);
                // PostgreSQL writes what a server process does behind its name.
                var name = process.ProcessName.Split(':')[0];
                parts[name] = parts.GetValueOrDefault(name) + process.TotalProcessorTime;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // Ended meanwhile.
            }
        }

        using var own = Process.GetCurrentProcess();
        parts[Client] = own.TotalProcessorTime;
        return parts;
    }

    /// <summary>What each part used since, divided by what was done, as rows.</summary>
    public static IEnumerable<Row> Rows(SortedDictionary<string, TimeSpan> before, double done, string what) => ByPart()
        .Select(p => new Row($"CPU of {p.Key} {what}", (p.Value - before.GetValueOrDefault(p.Key)).TotalMicroseconds / done, "µs"))
        .Where(r => r.Value >= 0.1);
}
