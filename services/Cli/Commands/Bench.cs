using System.CommandLine;
using System.Diagnostics;

namespace Cli.Commands;

/// <summary>Measures the running instance.</summary>
public static class Bench
{
    public static Command Command()
    {
        var command = new Command("bench", "Measure the running instance. Each prints a table, or with --json a line for each figure.");
        command.Subcommands.Add(Latency());
        command.Subcommands.Add(Deposits());
        command.Subcommands.Add(Proofs());
        command.Subcommands.Add(Program("appends", "The event store alone, next to INSERT and COPY, on a private durable PostgreSQL."));
        var trace = Program("trace", "Codes made, written and validated a second, on one core.");
        trace.Subcommands.Add(Scans());
        trace.Subcommands.Add(TraceEvents());
        trace.Subcommands.Add(TraceGraph());
        command.Subcommands.Add(trace);
        command.Subcommands.Add(Receivables());
        command.Subcommands.Add(Program("risk", "What the early warning of prepaid cards finds of simulated merchants: --seeds 101-120; --tune prints weights."));
        var prepaid = Prepaid();
        prepaid.Subcommands.Add(Program("tree", "A day's tree of a million cards and its proofs.", "prepaid"));
        command.Subcommands.Add(prepaid);
        return command;
    }

    private static Command Prepaid()
    {
        var seconds = new Option<int>("--seconds") { Description = "How long each load lasts.", DefaultValueFactory = _ => 20 };
        var clients = new Option<int>("--clients") { Description = "Clients at once.", DefaultValueFactory = _ => 32 };
        var cards = new Option<int>("--cards") { Description = "Cards that are redeemed from.", DefaultValueFactory = _ => 2000 };
        var rate = new Option<int>("--rate") { Description = "Arrivals a second of the open loop.", DefaultValueFactory = _ => 500 };
        var command = new Command("prepaid", "Redemptions a second over HTTP, signatures checked, receipts signed, durable.") { seconds, clients, cards, rate };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            Cli.Benchmarks.Table.Print(parsed.Output(), await Cli.Benchmarks.PrepaidLoad.RunAsync(api, TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                parsed.GetValue(clients), parsed.GetValue(cards), parsed.GetValue(rate), cancel));
            return 0;
        });
        return command;
    }

    private static Command Latency()
    {
        var count = new Option<int>("--count") { Description = "Number of single deposits.", DefaultValueFactory = _ => 1000 };
        var pause = new Option<int>("--pause-ms") { Description = "Mean pause between them in milliseconds.", DefaultValueFactory = _ => 100 };
        var dead = new Option<string?>("--dead") { Description = "Hold this validator still meanwhile, for example node2." };
        var command = new Command("latency", "Single deposits at random intervals: from the HTTP answer to a bundle that verifies.") { count, pause, dead };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            using var still = parsed.GetValue(dead) is { } node ? new Cli.Benchmarks.Stillness(Instance.Find(), node) : null;
            Cli.Benchmarks.Table.Print(parsed.Output(), await Cli.Benchmarks.Latency.RunAsync(api, parsed.GetValue(count), TimeSpan.FromMilliseconds(parsed.GetValue(pause)), still is not null, cancel));
            return 0;
        });
        return command;
    }

    private static Command Deposits()
    {
        var seconds = new Option<int>("--seconds") { Description = "How long the load lasts.", DefaultValueFactory = _ => 60 };
        var batch = new Option<int>("--batch") { Description = "Digests a request, up to 10,000.", DefaultValueFactory = _ => 2000 };
        var clients = new Option<int>("--clients") { Description = "Clients at once.", DefaultValueFactory = _ => 4 };
        var command = new Command("deposits", "Digests a second through the batch API until they are anchored.") { seconds, batch, clients };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            Cli.Benchmarks.Table.Print(parsed.Output(), await Cli.Benchmarks.Deposits.RunAsync(api, TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                parsed.GetValue(batch), parsed.GetValue(clients), cancel));
            return 0;
        });
        return command;
    }

    private static Command TraceEvents()
    {
        var seconds = new Option<int>("--seconds") { Description = "How long the load of each size lasts.", DefaultValueFactory = _ => 20 };
        var clients = new Option<int>("--clients") { Description = "Clients at once.", DefaultValueFactory = _ => 4 };
        var epcs = new Option<int[]>("--epcs") { Description = "EPCs an event, one or more sizes.", DefaultValueFactory = _ => [1, 10, 100], AllowMultipleArgumentsPerToken = true };
        var command = new Command("events", "EPCIS events a second in captures of 100 until they are durable and until they are anchored.") { seconds, clients, epcs };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            Cli.Benchmarks.Table.Print(parsed.Output(), await Cli.Benchmarks.TraceEvents.RunAsync(api, TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                parsed.GetValue(clients), parsed.GetValue(epcs)!, cancel));
            return 0;
        });
        return command;
    }

    private static Command Proofs()
    {
        var count = new Option<int>("--count") { Description = "Number of bundles.", DefaultValueFactory = _ => 2000 };
        var command = new Command("proofs", "Bundles made, served and verified a second.") { count };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            Cli.Benchmarks.Table.Print(parsed.Output(), await Cli.Benchmarks.ProofRate.RunAsync(api, parsed.GetValue(count), cancel));
            return 0;
        });
        return command;
    }

    private static Command Scans()
    {
        var rate = new Option<int>("--rate") { Description = "Consumer pages a second.", DefaultValueFactory = _ => 300 };
        var seconds = new Option<int>("--seconds") { Description = "How long the load lasts.", DefaultValueFactory = _ => 20 };
        var command = new Command("scans", "Consumer pages of the running instance over distinct codes, in an open loop.") { rate, seconds };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            Cli.Benchmarks.Table.Print(parsed.Output(), await Cli.Benchmarks.TraceScans.RunAsync(
                api, parsed.GetValue(rate), TimeSpan.FromSeconds(parsed.GetValue(seconds)), cancel));
            return 0;
        });
        return command;
    }

    private static Command Receivables()
    {
        var families = new Option<int>("--families") { Description = "Vouchers that the load is spread over.", DefaultValueFactory = _ => 2000 };
        var clients = new Option<int>("--clients") { Description = "Clients at once, each with keys of its own.", DefaultValueFactory = _ => 64 };
        var seconds = new Option<int>("--seconds") { Description = "How long each load lasts.", DefaultValueFactory = _ => 20 };
        var portal = new Option<bool>("--portal") { Description = "Call the service through the portal rather than at its own port." };
        var command = new Command("receivables",
            "Signed commands on vouchers a second until they are durable and until they are anchored: over many families and on one.")
            { families, clients, seconds, portal };
        command.SetAction(async (parsed, cancel) =>
        {
            var instance = Instance.Find();
            var access = Access.Read(instance.AccessFile) ?? throw new UserException("No running instance was found. Start one with ./run.sh.");
            Cli.Benchmarks.Table.Print(parsed.Output(), await Cli.Benchmarks.Receivables.RunAsync(
                instance, access, parsed.GetValue(families), parsed.GetValue(clients), TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                parsed.GetValue(portal), cancel));
            return 0;
        });
        return command;
    }

    private static Command TraceGraph()
    {
        var events = new Option<long>("--events") { Description = "Events in the graph.", DefaultValueFactory = _ => 10_000_000 };
        var items = new Option<int>("--items") { Description = "Items of the lot that is traced.", DefaultValueFactory = _ => 100_000 };
        var rounds = new Option<int>("--rounds") { Description = "Traces and recalls, the first of them cold.", DefaultValueFactory = _ => 6 };
        var command = new Command("graph",
            "A lot traced and recalled among many events. Writes them straight into the instance's tables the first time "
            + "and leaves them there: for an instance that is thrown away.") { events, items, rounds };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            Cli.Benchmarks.Table.Print(parsed.Output(), await Cli.Benchmarks.TraceGraph.RunAsync(
                api, parsed.GetValue(events), parsed.GetValue(items), parsed.GetValue(rounds), cancel));
            return 0;
        });
        return command;
    }

    /// <summary>What needs no instance: a program apart, because it uses the services' code directly.</summary>
    private static Command Program(string name, string description, string? program = null)
    {
        var command = new Command(name, description) { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(async (parsed, cancel) =>
        {
            var start = new ProcessStartInfo(Instance.Find().Program("Benchmarks"), [program ?? name, .. parsed.UnmatchedTokens]);
            if (parsed.GetValue(Global.Json)) start.ArgumentList.Add("--json");
            using var process = Process.Start(start) ?? throw new UserException("The benchmark program is missing; ./run.sh builds it.");
            await process.WaitForExitAsync(cancel);
            return process.ExitCode;
        });
        return command;
    }
}
