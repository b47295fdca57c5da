using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cli.Commands;

/// <summary>Operating the anchor service.</summary>
public static class Anchor
{
    public static Command Command()
    {
        var command = new Command("anchor", "Operate the anchor service.");
        var group = new Argument<string>("group") { Description = "The group whose log is to be rebuilt." };
        var recover = new Command("recover", "Rebuild a group's log from its tiles, a mirror or the feeds, until it agrees with the contract again. Nothing is signed before it does.") { group };
        recover.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.ConnectAsOperator(TimeProvider.System);
            var answer = await api.PostAsync($"/api/anchor/groups/{Uri.EscapeDataString(parsed.GetRequiredValue(group))}/recover", new JsonObject(), cancel);
            parsed.Output().Write(answer, answer.Select(p => $"{p.Key}: {p.Value}"));
            return 0;
        });
        command.Subcommands.Add(recover);
        return command;
    }
}
