using System.Diagnostics;
using System.Globalization;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Services.Integration.Traceability;

/// <summary>Captures of 100 events over a durable database, from the request until the job is done; prints the rate.</summary>
public sealed class CaptureBench(ITestOutputHelper output)
{
    private const int Events100 = 100;

    [Theory]
    [InlineData(10, 20)]
    public async Task Captures_are_durable_at_a_useful_rate(int epcs, int captures)
    {
        await using PostgresServer server = await PostgresServer.StartAsync(Durability.Durable);
        await using RunningTraceability services = await RunningTraceability.StartAsync(server);
        HttpClient maker = await services.AsAsync("maker");
        await RunAsync(maker, "warm", epcs, 2);
        Stopwatch watch = Stopwatch.StartNew();
        await RunAsync(maker, "load", epcs, captures);
        double rate = captures * Events100 / watch.Elapsed.TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{rate:F0} events of {epcs} EPCs captured a second, durable"));
        (await services.ScalarAsync("select count(*) from epcis_epcs"))
            .ShouldBe((long)(captures + 2) * Events100 * epcs);
        rate.ShouldBeGreaterThan(50);
    }

    private static async Task RunAsync(HttpClient client, string run, int epcs, int captures)
    {
        string[] documents = [.. Enumerable.Range(0, captures).Select(c => Events.Document(
            Enumerable.Range(0, Events100).Select(e => Events.Object(
                Enumerable.Range(0, epcs).Select(i => Events.Item($"{run}{c}-{e}-{i}")), "ADD", "commissioning"))))];
        await Parallel.ForEachAsync(documents, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (document, token) =>
        {
            using HttpResponseMessage accepted =
                await client.PostAsync("epcis/v2/capture", RunningServices.Json(document), token);
            (await RunningTraceability.DoneAsync(client, accepted.Headers.Location!))["captured"]!
                .GetValue<int>().ShouldBe(Events100);
        });
    }
}
