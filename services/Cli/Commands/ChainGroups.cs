using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cli.Commands;

/// <summary>What the chain groups are and how to trust them.</summary>
public static class ChainGroups
{
    public static Command Command()
    {
        var command = new Command("chain", "Trust files and state of the chain groups.");
        command.Subcommands.Add(Trust());
        command.Subcommands.Add(Status());
        command.Subcommands.Add(OpenEpoch.Command());
        return command;
    }

    private static Command Trust()
    {
        var group = new Argument<string>("group") { Description = "evidence, trace, receivables or prepaid" };
        var command = new Command("trust", "Print a group's trust file: apps chain trust evidence > evidence.trust.json. Compare its fingerprint with the one that the members publish before you rely on it.") { group };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            var trust = await api.GetBytesAsync($"/api/anchor/groups/{Uri.EscapeDataString(parsed.GetRequiredValue(group))}/trust", cancel, open: true);
            Output.Note($"fingerprint {Proofs.TrustFile.Fingerprint(trust)}");
            await using var stdout = Console.OpenStandardOutput();
            await stdout.WriteAsync(trust, cancel);
            return 0;
        });
        return command;
    }

    private static string Witnessed(JsonNode group) => group["witnessed"] is { } size ? $"{size,10} witnessed " : "";

    private static Command Status()
    {
        var command = new Command("status", "Show each group's log and chain.");
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            var bytes = await api.GetBytesAsync("/api/anchor/groups", cancel, open: true);
            var groups = JsonNode.Parse(bytes)!;
            parsed.Output().Write(groups, groups.AsArray().Select(g =>
                $"{g!["name"],-12} {g["logged"],10} logged {g["anchored"],10} anchored {Witnessed(g)} block {g["block"],-8} {g["state"]} {g["reason"]}  trust file {g["fingerprint"]}"));
            return 0;
        });
        return command;
    }
}
