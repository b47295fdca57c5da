using System.Diagnostics;
using System.Globalization;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Services.Integration.Evidence.RunningServices;

namespace Services.Integration.Traceability;

/// <summary>
/// A batch that is bound in many small pieces. <c>ACTIVATIONS</c> says in how many; prints what the first and the last
/// hundred took.
/// </summary>
public sealed class ManyActivationTests(TraceabilityFixture fixture, ITestOutputHelper output)
    : IClassFixture<TraceabilityFixture>
{
    private const int Shown = 100;

    [Fact]
    public async Task Every_box_of_a_batch_is_bound_and_found()
    {
        int all = int.Parse(Environment.GetEnvironmentVariable("ACTIVATIONS") ?? "20", CultureInfo.InvariantCulture);
        HttpClient maker = await fixture.Services.AsAsync("farm");
        const string gtin = "06901234560831";
        string id = (string)(await PostAsync("codes/batches", $$"""{"gtin":"{{gtin}}","count":{{2 * all}}}"""))["id"]!;
        await PostAsync($"codes/batches/{id}/printed", $$"""{"from":0,"count":{{2 * all}}}""");
        string[] links = [.. (await maker.GetStringAsync($"codes/batches/{id}/codes.csv"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Trim().Split(',')[2])];
        List<double> milliseconds = [];
        for (int n = 0; n < all; n++)
        {
            long begun = Stopwatch.GetTimestamp();
            // Every other label, so that no two ranges are one.
            await PostAsync("codes/activations",
                $$"""{"first":"{{links[2 * n]}}","last":"{{links[2 * n]}}","lot":"L{{n}}"}""");
            milliseconds.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{all} activations: the first {Shown} {milliseconds.Take(Shown).Average():F1} ms each, the last {milliseconds.TakeLast(Shown).Average():F1} ms"));
        foreach (int n in new[] { 0, all / 2, all - 1 })
        {
            (await maker.GetStringAsync($"codes/activations?gtin={gtin}&lot=L{n}")).ShouldContain(id);
            using HttpResponseMessage answer =
                await maker.PostAsync("codes/validate", Json($$"""{"code":"{{links[2 * n]}}"}"""));
            ((string)(await JsonAsync(answer))["lot"]!).ShouldBe($"L{n}");
        }

        async Task<System.Text.Json.Nodes.JsonObject> PostAsync(string path, string json)
        {
            using HttpResponseMessage answer = await maker.SendAsync(Post(path, json));
            answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
            return await JsonAsync(answer);
        }
    }
}
