using System.Collections.Concurrent;
using System.Text.Json;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Chain.Tests.Evm.StateTests;

/// <summary>ethereum/tests GeneralStateTests at Cancun: state root and logs hash after one transaction.</summary>
public class GeneralStateTests(ITestOutputHelper output)
{
    /// <summary>Files that run for seconds each.</summary>
    private static readonly string[] Slow = ["VMTests/vmPerformance/", "stTimeConsuming/static_Call50000_sha256"];

    [Fact]
    public void State_root_and_logs_match_in_every_quick_case() => Run(file => !IsSlow(file));

    [Fact]
    [Trait("Category", "Long")]
    public void State_root_and_logs_match_in_every_slow_case() => Run(IsSlow);

    private static bool IsSlow(string file) => Slow.Any(slow => file.StartsWith(slow, StringComparison.Ordinal));

    private void Run(Func<string, bool> select)
    {
        // To look at one: STATE_TESTS=stCreate2/ dotnet test …
        var only = Environment.GetEnvironmentVariable("STATE_TESTS") ?? "";
        var cases = 0;
        var failures = new ConcurrentDictionary<string, string>();
        var files = StateTestVectors.Read()
            .Where(file => select(file.Name) && file.Name.Contains(only, StringComparison.Ordinal));
        Parallel.ForEach(
            Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            () => new StateTestRunner(),
            (file, _, runner) =>
            {
                using var json = JsonDocument.Parse(file.Json);
                foreach (var test in StateTestCase.ReadFile(file.Name, json.RootElement))
                {
                    Interlocked.Increment(ref cases);
                    if (Difference(runner, test) is { } difference)
                        failures[test.Name] = difference;
                }

                return runner;
            },
            _ => { });

        var total = $"state tests: {cases - failures.Count} of {cases} passed";
        output.WriteLine(total);
        Console.WriteLine(total);
        cases.ShouldBeGreaterThan(0);
        failures.OrderBy(failure => failure.Key, StringComparer.Ordinal)
            .Select(failure => $"{failure.Key}: {failure.Value}").ShouldBeEmpty();
    }

    private static string? Difference(StateTestRunner runner, StateTestCase test)
    {
        try
        {
            return runner.Run(test);
        }
        catch (Exception exception)
        {
            return exception.ToString();
        }
    }
}
