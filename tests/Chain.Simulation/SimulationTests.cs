using System.Diagnostics;
using System.Globalization;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Chain.Simulation;

/// <summary>
/// Seeds one after the other for as long as <c>SIM_SECONDS</c> says (40 by default), from <c>SIM_START</c>;
/// <c>SIM_SEED</c> replays one.
/// </summary>
public class SimulationTests(ITestOutputHelper log)
{
    [Fact]
    public void No_seed_breaks_agreement_validity_or_liveness()
    {
        if (Environment.GetEnvironmentVariable("SIM_SEED") is { } single)
        {
            Play(Number(single));
            return;
        }
        int seconds = Number(Environment.GetEnvironmentVariable("SIM_SECONDS") ?? "40");
        int first = Number(Environment.GetEnvironmentVariable("SIM_START") ?? "1");
        var time = Stopwatch.StartNew();
        var (seeds, blocks) = (0, 0);
        while (time.Elapsed.TotalSeconds < seconds)
        {
            blocks += Play(first + seeds);
            seeds++;
        }
        string line = $"simulation: seeds {first} to {first + seeds - 1} passed, {blocks} blocks decided";
        Console.WriteLine(line);
        log.WriteLine(line);
        seeds.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_mutant_that_stores_no_record_is_caught()
    {
        var mutant = new Settings { Faulty = 1, CrashAmongOutputs = 15, KeepsRecord = false };
        var caught = Enumerable.Range(1, 20).Select(seed => Record.Exception(() =>
        {
            var world = new Simulator(mutant, seed);
            world.Boot();
            world.RunChaos();
        })).FirstOrDefault(exception => exception is not null);
        caught.ShouldBeOfType<RuleBrokenException>();
        log.WriteLine(caught.Message);
    }

    private static int Play(int seed)
    {
        var settings = Settings.Draw(new Random(seed));
        var world = new Simulator(settings, seed);
        try
        {
            world.Boot();
            world.RunChaos();
            CheckLiveness(world);
            return world.Checker.Decided.Count;
        }
        catch (Exception exception)
        {
            throw new RuleBrokenException($"SIM_SEED={seed} at {world.Now} ms with {settings}, {world}: {exception}");
        }
    }

    private static void CheckLiveness(Simulator world)
    {
        var (settings, honest) = (world.Settings, world.Honest);
        long cap = settings.Options.RoundLengthMs(int.MaxValue);
        // Dead and faulty proposers may take a round each; a slow executor may use up the short rounds.
        long limit = (cap + 2_000) * (1 + settings.Faulty);
        world.Heal();
        int before = world.Checker.Decided.Count;
        int last = world.Offer(everywhere: true);
        if (!world.RunUntil(() => world.Checker.Decided.Count > before, limit))
            throw new RuleBrokenException($"no block within {limit} ms of healing");

        bool AllIncluded() => Enumerable.Range(1, last).All(world.Checker.IsIncluded);
        if (!world.RunUntil(AllIncluded, limit * (last + 1)))
            throw new RuleBrokenException("a transaction is never included");
        bool Level() => honest.All(node => node.Chain.Count == world.Checker.Decided.Count);
        if (!world.RunUntil(Level, limit)) throw new RuleBrokenException("a node stays behind");
        if (settings.Faulty > 0 && settings.AdversaryActs) return;
        if (!world.RunUntil(() => honest.All(node => node.IsAtRest) && Level(), limit))
            throw new RuleBrokenException("the group does not come to rest");
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
