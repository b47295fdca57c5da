using System.Diagnostics;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Services.Integration.Anchor;

public sealed class ThroughputTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_hundred_thousand_entries_are_anchored_faster_than_services_write_them()
    {
        await using var bench = await AnchorBench.StartAsync();
        var batches = Enumerable.Range(0, 200).Select(_ => bench.Feed.Record(500)).ToList();
        var watch = Stopwatch.StartNew();
        foreach (var batch in batches)
            await bench.Anchor.Intake.TakeAsync(batch, default);
        var taken = watch.Elapsed;
        await bench.AnchoredAsync();
        var rate = 100_000 / watch.Elapsed.TotalSeconds;
        output.WriteLine($"{rate:N0} entries/s to anchored, {100_000 / taken.TotalSeconds:N0} entries/s into the log, "
            + $"{await bench.CountAsync("select count(*) from checkpoint")} checkpoints");
        rate.ShouldBeGreaterThan(2_000);
        await bench.ProveAsync(77_777);
    }

    [Fact]
    public async Task One_event_is_anchored_at_once_when_nothing_else_waits()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(1);
        var times = new List<double>();
        for (var i = 0; i < 30; i++)
        {
            var watch = Stopwatch.StartNew();
            await bench.Anchor.Intake.TakeAsync(bench.Feed.Record(1), default);
            await bench.ProveAsync(bench.Feed.Head);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        times.Sort();
        output.WriteLine($"from message to proof: p50 {times[15]:N0} ms, worst {times[^1]:N0} ms, on an instant-mining node");
        times[15].ShouldBeLessThan(1_000);
    }
}
