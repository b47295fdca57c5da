using System.CommandLine;
using System.Text.Json.Nodes;
using Chain.Core;
using Proofs;

namespace Cli.Commands;

/// <summary>Operating the anchor service.</summary>
public static class Anchor
{
    public static Command Command()
    {
        var command = new Command("anchor", "Operate the anchor service.");
        command.Subcommands.Add(Recover());
        command.Subcommands.Add(Epoch());
        return command;
    }

    private static Command Recover()
    {
        var group = new Argument<string>("group") { Description = "The group whose log is to be rebuilt." };
        var epoch = new Option<bool>("--new-epoch") { Description = "Begin the log of the epoch that governance has opened, because the log before is lost for good." };
        var command = new Command("recover", "Rebuild a group's log from its tiles, a mirror or the feeds, until it agrees with the contract again. Nothing is signed before it does.") { group, epoch };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.ConnectAsOperator(TimeProvider.System);
            var path = $"/api/anchor/groups/{Uri.EscapeDataString(parsed.GetRequiredValue(group))}/recover{(parsed.GetValue(epoch) ? "?newEpoch=true" : "")}";
            var answer = await api.PostAsync(path, new JsonObject(), cancel);
            parsed.Output().Write(answer, answer.Select(p => $"{p.Key}: {p.Value}"));
            return 0;
        });
        return command;
    }

    private static Command Epoch()
    {
        var group = new Argument<string>("group") { Description = "The group whose log is lost for good." };
        var command = new Command("epoch", "Print what members vote on to open a new log epoch: a call of the governance contract.") { group };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            var trust = await OpenEpoch.NextAsync(api, parsed.GetRequiredValue(group), cancel);
            var hash = LogOrigin.Hash(OpenEpoch.Origin(trust));
            var call = OpenEpoch.Propose.Encode((UInt256)OpenEpoch.Action, trust.Registry.Address, hash);
            var printed = new JsonObject
            {
                ["epoch"] = trust.Logs.Count,
                ["origin"] = OpenEpoch.Origin(trust),
                ["originHash"] = hash.ToString(),
                ["registry"] = trust.Registry.Address.ToString(),
                ["governance"] = trust.Governance.Address.ToString(),
                ["data"] = Hex.ToPrefixed(call),
            };
            parsed.Output().Write(printed, printed.Select(p => $"{p.Key}: {p.Value}"));
            return 0;
        });
        return command;
    }
}
