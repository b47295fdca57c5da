using System.Text.Json.Nodes;
using Npgsql;

namespace Cli.Benchmarks;

/// <summary>
/// Accepted durable commands on vouchers a second over HTTP, two signatures each, with the client on the same cores: over
/// many families, on one hot family, and their latency at half the reached rate.
/// </summary>
internal sealed class ReceivablesLoad(Api api, ReceivablesMarket market, TimeProvider time)
{
    private const long SliceFen = 1_000;
    private const int HotSlices = 4;

    /// <summary>The same load before what counts: the first seconds measure the compiler.</summary>
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<Row>> ManyAsync(int families, TimeSpan duration, CancellationToken cancel)
    {
        var begun = time.GetTimestamp();
        await IssueAsync(families, cancel);
        List<Row> rows = [new($"{families} families issued and accepted in", time.GetElapsedTime(begun).TotalSeconds, "s")];
        rows.AddRange(await MeasureAsync($"many families ({market.Dealers.Count} clients)", 1000, duration, cancel));
        foreach (var dealer in market.Dealers) dealer.Drop();
        return rows;
    }

    public async Task<IReadOnlyList<Row>> HotAsync(TimeSpan duration, CancellationToken cancel)
    {
        var fen = SliceFen * HotSlices * market.Dealers.Count;
        var root = await market.Dealers[0].IssueAsync(market.Root("H", 0), fen, 10_000, cancel);
        for (var i = 0; i < market.Dealers.Count * HotSlices; i++)
            market.Dealers[i % market.Dealers.Count].Take(root, i * SliceFen, SliceFen);
        var rows = await MeasureAsync($"one hot family ({market.Dealers.Count} clients)", 300, duration, cancel);
        foreach (var dealer in market.Dealers) dealer.Drop();
        return rows;
    }

    private async Task IssueAsync(int families, CancellationToken cancel)
    {
        var next = 0;
        await Task.WhenAll(market.Dealers.Select(async dealer =>
        {
            while (Interlocked.Increment(ref next) is var number && number <= families)
                dealer.Take(await dealer.IssueAsync(market.Root("M", number), SliceFen * 2, 100, cancel), 0, SliceFen);
        }));
    }

    private async Task<List<Row>> MeasureAsync(string what, double aim, TimeSpan duration, CancellationToken cancel)
    {
        await ClosedAsync(Warming, new Samples(), cancel);
        var (anchoredBefore, headBefore) = (await AnchoredAsync(cancel), await HeadAsync(cancel));
        var cpu = Processors.ByPart();
        var answers = new Samples();
        var begun = time.GetTimestamp();
        var took = await ClosedAsync(duration, answers, cancel);
        var rate = answers.Count / took.TotalSeconds;
        var head = await HeadAsync(cancel);
        List<Row> rows =
        [
            new($"{what}: accepted commands a second", rate, "1/s", "aim", aim),
            new($"{what}: answer under that load, p50", answers.Milliseconds(0.5), "ms"),
            new($"{what}: answer under that load, p99", answers.Milliseconds(0.99), "ms"),
            .. Processors.Rows(cpu, answers.Count, "a command"),
        ];
        while (await AnchoredAsync(cancel) is var anchored && anchored - anchoredBefore < head - headBefore) await Task.Delay(100, cancel);
        var (events, drained) = (head - headBefore, time.GetElapsedTime(begun));
        rows.Add(new($"{what}: events of a command", events / (double)answers.Count, ""));
        rows.Add(new($"{what}: commands anchored a second", answers.Count / drained.TotalSeconds, "1/s"));
        rows.Add(new($"{what}: anchored after the load's end", (drained - took).TotalSeconds, "s"));

        var half = new Samples();
        await OpenAsync(rate / 2, duration, half, cancel);
        rows.Add(new($"{what}: answer at {rate / 2:N0} a second, p50", half.Milliseconds(0.5), "ms"));
        rows.Add(new($"{what}: answer at {rate / 2:N0} a second, p99", half.Milliseconds(0.99), "ms", "aim", 100));
        return rows;
    }

    /// <summary>Every client sends its next command when the last one was answered.</summary>
    private async Task<TimeSpan> ClosedAsync(TimeSpan duration, Samples answers, CancellationToken cancel)
    {
        var begun = time.GetTimestamp();
        await Task.WhenAll(market.Dealers.Select(dealer => Task.Run(async () =>
        {
            while (time.GetElapsedTime(begun) < duration)
            {
                var started = time.GetTimestamp();
                await dealer.StepAsync(cancel);
                answers.Add(time.GetElapsedTime(started));
            }
        }, cancel)));
        return time.GetElapsedTime(begun);
    }

    /// <summary>Commands are due at their times, whether or not earlier ones were answered; waiting counts.</summary>
    private async Task OpenAsync(double rate, TimeSpan duration, Samples answers, CancellationToken cancel)
    {
        var begun = time.GetTimestamp();
        var pause = market.Dealers.Count / rate;
        await Task.WhenAll(market.Dealers.Select((dealer, number) => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                var due = TimeSpan.FromSeconds((i + (double)number / market.Dealers.Count) * pause);
                if (due > duration) return;
                var ahead = due - time.GetElapsedTime(begun);
                if (ahead > TimeSpan.FromMilliseconds(1)) await Task.Delay(ahead, cancel);
                await dealer.StepAsync(cancel);
                answers.Add(time.GetElapsedTime(begun) - due);
            }
        }, cancel)));
    }

    private async Task<long> AnchoredAsync(CancellationToken cancel)
    {
        var groups = JsonNode.Parse(await api.GetBytesAsync("/api/anchor/groups", cancel, open: true))!.AsArray();
        return groups.First(g => g!["name"]!.GetValue<string>() == "receivables")!["anchored"]!.GetValue<long>();
    }

    private static async Task<long> HeadAsync(CancellationToken cancel)
    {
        await using var connection = await ReceivablesFloor.OpenAsync(cancel);
        await using var head = new NpgsqlCommand("select head from store.feed", connection);
        return (long)(await head.ExecuteScalarAsync(cancel))!;
    }
}
