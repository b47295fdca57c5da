using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Benchmarks;

/// <summary>One figure with the floor or peer that was measured beside it.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">Unit of both figures.</param>
/// <param name="Figure">This suite.</param>
/// <param name="Floor">The same work in the barest form.</param>
/// <param name="Ratio">Figure by floor.</param>
/// <param name="P50Ms">Median time of one operation, milliseconds.</param>
/// <param name="P99Ms">99th percentile, milliseconds.</param>
internal sealed record Line(
    string Name, string Unit, double Figure, double Floor, double Ratio, double P50Ms, double P99Ms);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Line))]
internal sealed partial class ReportJson : JsonSerializerContext;

/// <summary>Prints a table, or one JSON object a line.</summary>
internal sealed class Report(bool json)
{
    private bool _titled;

    public void Add(string name, string unit, Sample figure, Sample floor)
    {
        var line = new Line(
            name, unit, Math.Round(figure.PerSecond), Math.Round(floor.PerSecond),
            Math.Round(figure.PerSecond / floor.PerSecond, 2), figure.Percentile(0.5), figure.Percentile(0.99));
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(line, ReportJson.Default.Line));
            return;
        }
        if (!_titled)
            Console.WriteLine($"{"",-44}{"figure",10}{"floor",10}{"ratio",8}{"p50 ms",9}{"p99 ms",9}  unit");
        _titled = true;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-44}{line.Figure,10:0}{line.Floor,10:0}{line.Ratio,8:0.00}{line.P50Ms,9:0.00}{line.P99Ms,9:0.00}  {unit}"));
    }
}

/// <summary>What writers did in a measured time.</summary>
/// <param name="PerSecond">Units a second.</param>
/// <param name="SortedMs">Times of single operations, ascending.</param>
internal sealed record Sample(double PerSecond, double[] SortedMs)
{
    public double Percentile(double p) =>
        SortedMs.Length == 0 ? 0 : Math.Round(SortedMs[(int)Math.Min(SortedMs.Length * p, SortedMs.Length - 1)], 2);

    /// <summary>Runs writers side by side for a time; each operation is <paramref name="units"/> units.</summary>
    public static async Task<Sample> TakeAsync(
        int writers, int units, TimeSpan time, Func<int, Func<Task>> writer)
    {
        var operations = Enumerable.Range(0, writers).Select(writer).ToArray();
        // The first rounds prepare statements and warm the code up.
        await Task.WhenAll(operations.Select(operation => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++) await operation();
        })));
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(operations.Select(operation => Task.Run(async () =>
        {
            List<double> mine = [];
            while (System.Diagnostics.Stopwatch.GetElapsedTime(begun) < time)
            {
                var at = System.Diagnostics.Stopwatch.GetTimestamp();
                await operation();
                mine.Add(System.Diagnostics.Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }
            return mine;
        })));
        var elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalSeconds;
        double[] sorted = [.. times.SelectMany(mine => mine).Order()];
        return new Sample(sorted.Length * (double)units / elapsed, sorted);
    }
}
