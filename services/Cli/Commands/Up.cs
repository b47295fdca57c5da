using System.CommandLine;
using Cli.Supervision;

namespace Cli.Commands;

/// <summary>Starts the whole suite in the foreground.</summary>
public static class Up
{
    public static Command Command()
    {
        var noDemo = new Option<bool>("--no-demo") { Description = "Start empty." };
        var command = new Command("up", "Start every part of the suite and keep it running until Ctrl-C. ./run.sh builds first and then calls this.") { noDemo };
        command.SetAction((parsed, cancel) =>
            new Supervisor(Instance.Find(), TimeProvider.System).RunAsync(!parsed.GetValue(noDemo), cancel));
        return command;
    }
}
