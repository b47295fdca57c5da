using Benchmarks;

// Figures next to their floor from the same run; `./apps bench` runs this from a release build.
var seconds = Value("--seconds") is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 5;
var report = new Report(json: args.Contains("--json"));
switch (args.FirstOrDefault())
{
    case "appends":
        await AppendBenchmark.RunAsync(report, TimeSpan.FromSeconds(seconds));
        return 0;
    case "trace":
        await CodesBenchmark.RunAsync(report, TimeSpan.FromSeconds(seconds));
        return 0;
    case "prepaid":
        TreeBenchmark.Run(report);
        return 0;
    case "risk":
        int[] streets = [.. (Value("--seeds") ?? "1-20").Split('-')
            .Select(n => int.Parse(n, System.Globalization.CultureInfo.InvariantCulture))];
        if (args.Contains("--tune")) Benchmarks.Risk.RiskReport.Tune(streets[0], streets[^1]);
        else Benchmarks.Risk.RiskReport.Run(streets[0], streets[^1], args.Contains("--json"));
        return 0;
    default:
        Console.Error.WriteLine(
            "usage: Benchmarks appends|trace|prepaid [--seconds N] [--json]\n       Benchmarks risk [--seeds FROM-TO] [--tune]");
        return 2;
}

string? Value(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
